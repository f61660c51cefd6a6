"""The U-Net (Ronneberger et al. 2015; Ho et al. 2020, appendix B; Dhariwal and Nichol 2021, AdaGN).

It works at half the picture's resolution: a pixel-unshuffle at its head turns [N, 1, 28, 28] into
[N, 4, 14, 14], a pixel-shuffle at its tail turns that back. All reshapes have constant sizes but for
the batch, so the exported graph holds no shape arithmetic.
"""

import math
from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F


@dataclass
class UNetConfig:
    sample_size: int = 28
    in_channels: int = 1
    patch_size: int = 2
    channels: tuple = (64, 112)
    layers_per_block: int = 2
    time_channels: int = 64
    embedding_channels: int = 128
    channels_per_group: int = 16
    attention_head_dim: int = 28
    num_classes: int = 10

    def to_dict(self) -> dict:
        return asdict(self)


class GroupNorm(nn.Module):
    """Group normalization as an instance normalization over reshaped groups, always in float32."""

    def __init__(self, channels: int, config: UNetConfig, affine: bool = True):
        super().__init__()
        self.groups = channels // config.channels_per_group
        self.weight = nn.Parameter(torch.ones(channels)) if affine else None
        self.bias = nn.Parameter(torch.zeros(channels)) if affine else None

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if not torch.onnx.is_in_onnx_export():
            return F.group_norm(x.float(), self.groups, self.weight, self.bias, 1e-5)
        _, channels, height, width = map(int, x.shape)
        grouped = x.reshape(-1, self.groups, channels // self.groups * height * width)
        one, none = torch.ones(self.groups), torch.zeros(self.groups)
        x = F.instance_norm(grouped, weight=one, bias=none, eps=1e-5)
        x = x.reshape(-1, channels, height, width)
        if self.weight is not None:
            x = x * self.weight.view(1, -1, 1, 1) + self.bias.view(1, -1, 1, 1)
        return x


def silu(x: torch.Tensor) -> torch.Tensor:
    return x * torch.sigmoid(x) if torch.onnx.is_in_onnx_export() else F.silu(x)


def zero(layer: nn.Module) -> nn.Module:
    for parameter in layer.parameters():
        nn.init.zeros_(parameter)
    return layer


def timestep_frequencies(channels: int) -> torch.Tensor:
    """Of the sinusoidal embedding (Vaswani et al. 2017): from 1 down to 1 / 10,000."""
    half = channels // 2
    return torch.exp(-math.log(10000) * torch.arange(half) / half)


def sinusoids(timestep: torch.Tensor, frequencies: torch.Tensor) -> torch.Tensor:
    """[N] timesteps to [N, 2 * len(frequencies)]."""
    angles = timestep.float().view(-1, 1) * frequencies.view(1, -1)
    return torch.cat([angles.cos(), angles.sin()], dim=1)


class ResidualBlock(nn.Module):
    """Two convolutions; the embedding scales and shifts the second normalization (AdaGN)."""

    def __init__(self, in_channels: int, out_channels: int, config: UNetConfig):
        super().__init__()
        self.norm1 = GroupNorm(in_channels, config)
        self.conv1 = nn.Conv2d(in_channels, out_channels, 3, padding=1)
        self.embedding = nn.Linear(config.embedding_channels, 2 * out_channels)
        self.norm2 = GroupNorm(out_channels, config, affine=False)
        self.conv2 = zero(nn.Conv2d(out_channels, out_channels, 3, padding=1))
        same = in_channels == out_channels
        self.shortcut = nn.Identity() if same else nn.Conv2d(in_channels, out_channels, 1)

    def forward(self, x: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        h = self.conv1(silu(self.norm1(x)))
        channels = self.conv1.out_channels
        scale, shift = self.embedding(embedding).view(-1, 2 * channels, 1, 1).split(channels, dim=1)
        h = self.conv2(silu(self.norm2(h) * (1 + scale) + shift))
        return self.shortcut(x) + h


class SelfAttention(nn.Module):
    """Multi-head self-attention over all positions, as plain matrix products and a softmax."""

    def __init__(self, channels: int, config: UNetConfig):
        super().__init__()
        self.head_dim = config.attention_head_dim
        self.heads = channels // self.head_dim
        self.norm = GroupNorm(channels, config)
        self.qkv = nn.Conv2d(channels, 3 * channels, 1)
        self.out = zero(nn.Conv2d(channels, channels, 1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        _, channels, height, width = map(int, x.shape)
        qkv = self.qkv(self.norm(x)).reshape(-1, 3 * self.heads, self.head_dim, height * width)
        q, k, v = qkv.split(self.heads, dim=1)
        scores = torch.matmul((q * self.head_dim**-0.5).transpose(2, 3), k).softmax(-1)
        attended = torch.matmul(v, scores.transpose(2, 3))
        return x + self.out(attended.reshape(-1, channels, height, width))


class UNet(nn.Module):
    """Inputs: sample [N, C, H, W], timestep [N] in 0..T-1, class_labels [N] in 0..num_classes,
    where num_classes stands for "no class". Output: [N, 2C, H, W], the prediction and the
    interpolation value v of the learned variance (Improved DDPM, eq. 15; -1..1 as in its code)."""

    def __init__(self, config: UNetConfig = UNetConfig()):
        super().__init__()
        self.config = config
        low, high = config.channels
        patched = config.in_channels * config.patch_size**2
        width, layers = config.embedding_channels, config.layers_per_block

        frequencies = timestep_frequencies(config.time_channels)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.time1 = nn.Linear(config.time_channels, width)
        self.time2 = nn.Linear(width, width)
        self.classes = nn.Embedding(config.num_classes + 1, width)

        self.conv_in = nn.Conv2d(patched, low, 3, padding=1)
        self.down_high = nn.ModuleList(ResidualBlock(low, low, config) for _ in range(layers))
        self.downsample = nn.Conv2d(low, high, 3, stride=2, padding=1)
        self.down_low = nn.ModuleList(ResidualBlock(high, high, config) for _ in range(layers))
        self.middle1 = SelfAttention(high, config)
        self.middle2 = ResidualBlock(high, high, config)
        self.middle3 = SelfAttention(high, config)
        self.up_low = nn.ModuleList(ResidualBlock(2 * high, high, config) for _ in range(layers))
        self.upsample = nn.Conv2d(high, low, 3, padding=1)
        self.up_high = nn.ModuleList(ResidualBlock(2 * low, low, config) for _ in range(layers + 1))
        self.norm_out = GroupNorm(low, config)
        self.conv_out = zero(nn.Conv2d(low, 2 * patched, 3, padding=1))

    def embed(self, timestep: torch.Tensor, class_labels: torch.Tensor) -> torch.Tensor:
        time = self.time1(sinusoids(timestep, self.frequencies))
        return silu(self.time2(silu(time)) + self.classes(class_labels))

    def unshuffle(self, x: torch.Tensor) -> torch.Tensor:
        c, p, size = self.config.in_channels, self.config.patch_size, self.config.sample_size
        x = x.reshape(-1, c, size // p, p, size // p, p).permute(0, 1, 3, 5, 2, 4)
        return x.reshape(-1, c * p * p, size // p, size // p)

    def shuffle(self, x: torch.Tensor) -> torch.Tensor:
        c, p, size = 2 * self.config.in_channels, self.config.patch_size, self.config.sample_size
        x = x.reshape(-1, c, p, p, size // p, size // p).permute(0, 1, 4, 2, 5, 3)
        return x.reshape(-1, c, size, size)

    def encode(self, sample: torch.Tensor, timestep: torch.Tensor, class_labels: torch.Tensor) -> tuple:
        """The embedding, the features at both resolutions as the skip connections take them, and the middle."""
        embedding = self.embed(timestep, class_labels)
        h = self.conv_in(self.unshuffle(sample))
        skips_high = [h]
        for block in self.down_high:
            h = block(h, embedding)
            skips_high.append(h)
        h = self.downsample(h)
        skips_low = []
        for block in self.down_low:
            h = block(h, embedding)
            skips_low.append(h)
        h = self.middle3(self.middle2(self.middle1(h), embedding))
        return embedding, skips_high, skips_low, h

    def forward(
        self, sample: torch.Tensor, timestep: torch.Tensor, class_labels: torch.Tensor
    ) -> torch.Tensor:
        embedding, skips_high, skips_low, h = self.encode(sample, timestep, class_labels)
        for block in self.up_low:
            h = block(torch.cat([h, skips_low.pop()], dim=1), embedding)
        h = self.upsample(F.interpolate(h, scale_factor=2.0, mode="nearest"))
        for block in self.up_high:
            h = block(torch.cat([h, skips_high.pop()], dim=1), embedding)
        return self.shuffle(self.conv_out(silu(self.norm_out(h))))
