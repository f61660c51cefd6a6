"""The autoencoder of the latent model (Rombach et al. 2022): KL-regularized, 3 x 64 x 64 to latents of
`latent_channels` at 1 / (2 * 2^(levels - 1)) of the side. It works at half the picture's resolution and below: a
pixel-unshuffle at its head, a pixel-shuffle at its tail, so that no convolution runs at full size."""

from dataclasses import asdict, dataclass

import torch
from torch import nn
from torch.nn import functional as F

from unet import GroupNorm, SelfAttention, silu, zero


@dataclass
class AutoencoderConfig:
    sample_size: int = 64
    channels: tuple = (48, 96, 192)  # at 1/2, 1/4, 1/8 of the side
    encoder_layers: int = 1
    decoder_layers: int = 2
    latent_channels: int = 16
    channels_per_group: int = 16
    attention_head_dim: int = 32

    @property
    def factor(self) -> int:
        return 2 ** len(self.channels)

    def to_dict(self) -> dict:
        return asdict(self)


class ConvBlock(nn.Module):
    """A residual block without conditioning."""

    def __init__(self, channels: int, config: AutoencoderConfig):
        super().__init__()
        self.norm1 = GroupNorm(channels, config)
        self.conv1 = nn.Conv2d(channels, channels, 3, padding=1)
        self.norm2 = GroupNorm(channels, config)
        self.conv2 = zero(nn.Conv2d(channels, channels, 3, padding=1))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return x + self.conv2(silu(self.norm2(self.conv1(silu(self.norm1(x))))))


def unshuffle(x: torch.Tensor) -> torch.Tensor:
    _, channels, height, width = map(int, x.shape)
    x = x.reshape(-1, channels, height // 2, 2, width // 2, 2).permute(0, 1, 3, 5, 2, 4)
    return x.reshape(-1, 4 * channels, height // 2, width // 2)


def shuffle(x: torch.Tensor) -> torch.Tensor:
    _, channels, height, width = map(int, x.shape)
    x = x.reshape(-1, channels // 4, 2, 2, height, width).permute(0, 1, 4, 2, 5, 3)
    return x.reshape(-1, channels // 4, 2 * height, 2 * width)


class Encoder(nn.Module):
    """[N, 3, S, S] in -1..1 to mean and log variance, [N, 2 * latent_channels, S / factor, S / factor]."""

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        widths = config.channels
        self.conv_in = nn.Conv2d(12, widths[0], 3, padding=1)
        self.blocks = nn.ModuleList()
        for level, width in enumerate(widths):
            self.blocks.extend(ConvBlock(width, config) for _ in range(config.encoder_layers))
            if level + 1 < len(widths):
                self.blocks.append(nn.Conv2d(width, widths[level + 1], 3, stride=2, padding=1))
        self.norm_out = GroupNorm(widths[-1], config)
        self.conv_out = nn.Conv2d(widths[-1], 2 * config.latent_channels, 1)

    def forward(self, sample: torch.Tensor) -> torch.Tensor:
        h = self.conv_in(unshuffle(sample))
        for block in self.blocks:
            h = block(h)
        return self.conv_out(silu(self.norm_out(h)))


class Upsample(nn.Module):
    def __init__(self, in_channels: int, out_channels: int):
        super().__init__()
        self.conv = nn.Conv2d(in_channels, 4 * out_channels, 1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return shuffle(self.conv(x))


class Decoder(nn.Module):
    """[N, latent_channels, s, s] to [N, 3, factor * s, factor * s] in about -1..1."""

    def __init__(self, config: AutoencoderConfig):
        super().__init__()
        widths = config.channels[::-1]
        self.conv_in = nn.Conv2d(config.latent_channels, widths[0], 3, padding=1)
        self.attention = SelfAttention(widths[0], config)
        self.blocks = nn.ModuleList()
        for level, width in enumerate(widths):
            self.blocks.extend(ConvBlock(width, config) for _ in range(config.decoder_layers))
            if level + 1 < len(widths):
                self.blocks.append(Upsample(width, widths[level + 1]))
        self.norm_out = GroupNorm(widths[-1], config)
        self.conv_out = nn.Conv2d(widths[-1], 12, 3, padding=1)

    def forward(self, latent_sample: torch.Tensor) -> torch.Tensor:
        h = self.attention(self.conv_in(latent_sample))
        for block in self.blocks:
            h = block(h)
        return shuffle(self.conv_out(silu(self.norm_out(h))))


class Autoencoder(nn.Module):
    def __init__(self, config: AutoencoderConfig = AutoencoderConfig()):
        super().__init__()
        self.config = config
        self.encoder = Encoder(config)
        self.decoder = Decoder(config)

    def encode(self, pictures: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """Mean and log variance of the latents."""
        mean, log_variance = self.encoder(pictures).float().chunk(2, dim=1)
        return mean, log_variance.clamp(-20, 10)


class PatchDiscriminator(nn.Module):
    """Scores overlapping patches of 22 x 22 pixels as real (positive) or decoded (Isola et al. 2017)."""

    def __init__(self, width: int = 48):
        super().__init__()
        self.layers = nn.ModuleList([
            nn.Conv2d(12, width, 3, padding=1),
            nn.Conv2d(width, 2 * width, 4, stride=2, padding=1),
            nn.Conv2d(2 * width, 3 * width, 3, padding=1),
        ])
        self.score = nn.Conv2d(3 * width, 1, 3, padding=1)

    def forward(self, pictures: torch.Tensor) -> tuple[torch.Tensor, list[torch.Tensor]]:
        """Scores, and the features of each layer."""
        h, features = F.pixel_unshuffle(pictures, 2), []
        for layer in self.layers:
            h = F.leaky_relu(layer(h), 0.2)
            features.append(h)
        return self.score(h), features
