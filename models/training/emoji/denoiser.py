"""The latent denoiser: a U-Net over latents with self-attention, and cross-attention to the text after its residual
blocks (Rombach et al. 2022). The text's first token is also added to the timestep's embedding."""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from unet import GroupNorm, ResidualBlock, SelfAttention, silu, sinusoids, timestep_frequencies, zero


@dataclass
class DenoiserConfig:
    sample_size: int = 8
    in_channels: int = 16
    channels: tuple = (128, 160)
    layers_per_block: int = 2
    time_channels: int = 64
    embedding_channels: int = 256
    channels_per_group: int = 16
    attention_head_dim: int = 32
    text_width: int = 160
    text_length: int = 24

    def to_dict(self) -> dict:
        return asdict(self)


class CrossAttention(nn.Module):
    """From every position to the tokens of the text, as plain matrix products and a softmax."""

    def __init__(self, channels: int, config: DenoiserConfig):
        super().__init__()
        self.head_dim = config.attention_head_dim
        self.heads = channels // self.head_dim
        self.norm = GroupNorm(channels, config)
        self.q = nn.Conv2d(channels, channels, 1)
        self.kv = nn.Linear(config.text_width, 2 * channels)
        self.out = zero(nn.Conv2d(channels, channels, 1))

    def forward(self, x: torch.Tensor, text: torch.Tensor, maps: list | None = None) -> torch.Tensor:
        """Appends to `maps` how much each position looks at each token, [N, height * width, length], the heads' mean."""
        _, channels, height, width = map(int, x.shape)
        length = int(text.shape[1])
        q = self.q(self.norm(x)).reshape(-1, self.heads, self.head_dim, height * width)
        kv = self.kv(text).reshape(-1, length, 2 * self.heads, self.head_dim).transpose(1, 2)
        k, v = kv.split(self.heads, dim=1)
        scores = torch.matmul((q * self.head_dim**-0.5).transpose(2, 3), k.transpose(2, 3)).softmax(-1)
        if maps is not None:
            maps.append(scores.mean(1))
        attended = torch.matmul(scores, v).transpose(2, 3)
        return x + self.out(attended.reshape(-1, channels, height, width))


class Denoiser(nn.Module):
    """Inputs: sample [N, C, S, S], timestep [N] in 0..T-1, encoder_hidden_states [N, length, width].
    Output: [N, C, S, S], the velocity (Salimans and Ho 2022). With `maps`, also [N, length, S, S]: how much each place
    looks at each token, the mean over heads and over the layers at full resolution (Tang et al. 2022)."""

    def __init__(self, config: DenoiserConfig = DenoiserConfig()):
        super().__init__()
        self.config = config
        self.with_maps = False
        low, high = config.channels
        width, layers = config.embedding_channels, config.layers_per_block
        frequencies = timestep_frequencies(config.time_channels)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.time1 = nn.Linear(config.time_channels, width)
        self.time2 = nn.Linear(width, width)
        self.text = nn.Linear(config.text_width, width)

        residual = lambda inside, outside: ResidualBlock(inside, outside, config)
        self.conv_in = nn.Conv2d(config.in_channels, low, 3, padding=1)
        self.down_high = nn.ModuleList(residual(low, low) for _ in range(layers))
        self.down_high_text = nn.ModuleList(CrossAttention(low, config) for _ in range(layers))
        self.down_high_self = SelfAttention(low, config)
        self.downsample = nn.Conv2d(low, high, 3, stride=2, padding=1)
        self.down_low = nn.ModuleList(residual(high, high) for _ in range(layers))
        self.down_low_text = nn.ModuleList(CrossAttention(high, config) for _ in range(layers))
        self.middle1 = SelfAttention(high, config)
        self.middle2 = residual(high, high)
        self.middle_text = CrossAttention(high, config)
        self.middle3 = SelfAttention(high, config)
        self.up_low = nn.ModuleList(residual(2 * high, high) for _ in range(layers))
        self.up_low_text = nn.ModuleList(CrossAttention(high, config) for _ in range(layers))
        self.upsample = nn.Conv2d(high, low, 3, padding=1)
        self.up_high = nn.ModuleList(residual(2 * low, low) for _ in range(layers + 1))
        self.up_high_text = nn.ModuleList(CrossAttention(low, config) for _ in range(layers + 1))
        self.up_high_self = SelfAttention(low, config)
        self.norm_out = GroupNorm(low, config)
        self.conv_out = zero(nn.Conv2d(low, config.in_channels, 3, padding=1))

    def embed(self, timestep: torch.Tensor, text: torch.Tensor) -> torch.Tensor:
        time = self.time1(sinusoids(timestep, self.frequencies))
        return silu(self.time2(silu(time)) + self.text(text[:, 0]))

    def encode(self, sample: torch.Tensor, timestep: torch.Tensor, text: torch.Tensor, maps: list | None = None) -> tuple:
        """The embedding, the features at both resolutions as the skip connections take them, and the middle."""
        embedding = self.embed(timestep, text)
        h = self.conv_in(sample)
        skips_high = [h]
        for block, attention in zip(self.down_high, self.down_high_text):
            h = attention(block(h, embedding), text, maps)
            skips_high.append(h)
        h = self.downsample(self.down_high_self(h))
        skips_low = []
        for block, attention in zip(self.down_low, self.down_low_text):
            h = attention(block(h, embedding), text)
            skips_low.append(h)
        h = self.middle_text(self.middle2(self.middle1(h), embedding), text)
        return embedding, skips_high, skips_low, self.middle3(h)

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, encoder_hidden_states: torch.Tensor):
        text, maps = encoder_hidden_states, [] if self.with_maps else None
        embedding, skips_high, skips_low, h = self.encode(sample, timestep, text, maps)
        for block, attention in zip(self.up_low, self.up_low_text):
            h = attention(block(torch.cat([h, skips_low.pop()], dim=1), embedding), text)
        h = self.upsample(F.interpolate(h, scale_factor=2.0, mode="nearest"))
        for index, (block, attention) in enumerate(zip(self.up_high, self.up_high_text)):
            h = attention(block(torch.cat([h, skips_high.pop()], dim=1), embedding), text, maps)
            if index == 0:
                h = self.up_high_self(h)
        velocity = self.conv_out(silu(self.norm_out(h)))
        if maps is None:
            return velocity
        mean = (sum(maps) / len(maps)).transpose(1, 2)
        return velocity, mean.reshape(-1, int(text.shape[1]), self.config.sample_size, self.config.sample_size)
