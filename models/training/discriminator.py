"""What tells drawn from real by a frozen teacher's features (Sauer et al. 2024, LADD, arXiv 2403.12015)."""

import torch
from torch import nn
from torch.nn import functional as F

from distil_teachers import Teacher

HEAD_WIDTH = 64


class Head(nn.Module):
    """Features [N, C, H, W] and a condition [N, E] to a logit for each place."""

    def __init__(self, channels: int, condition_width: int):
        super().__init__()
        self.layers = nn.Sequential(
            nn.Conv2d(channels, HEAD_WIDTH, 1), nn.GroupNorm(8, HEAD_WIDTH), nn.LeakyReLU(0.2),
            nn.Conv2d(HEAD_WIDTH, HEAD_WIDTH, 3, padding=1), nn.GroupNorm(8, HEAD_WIDTH), nn.LeakyReLU(0.2),
        )
        self.out = nn.Conv2d(HEAD_WIDTH, 1, 1)
        self.condition = nn.Linear(condition_width, HEAD_WIDTH)

    def forward(self, features: torch.Tensor, embedding: torch.Tensor) -> torch.Tensor:
        h = self.layers(features.float())
        return self.out(h) + (h * self.condition(embedding)[:, :, None, None]).sum(1, keepdim=True) / HEAD_WIDTH**0.5


class Discriminator(nn.Module):
    def __init__(self, teacher: Teacher, device: torch.device):
        super().__init__()
        x, rows = teacher.batch(2)
        condition = teacher.condition(rows)
        with torch.no_grad():
            features = teacher.features(x, torch.zeros(2, device=device), condition)
        self.heads = nn.ModuleList(Head(f.shape[1], teacher.condition_width) for f in features)
        self.to(device)

    def forward(self, features: list[torch.Tensor], embedding: torch.Tensor) -> list[torch.Tensor]:
        return [head(f, embedding) for head, f in zip(self.heads, features)]


def feature_distance(drawn: list[torch.Tensor], ends: list[torch.Tensor]) -> torch.Tensor:
    """[N]: between the directions of the features at each place (Zhang et al. 2018, LPIPS, without learned weights)."""
    pairs = ((F.normalize(a.float(), dim=1), F.normalize(b.float(), dim=1)) for a, b in zip(drawn, ends))
    return sum((a - b).square().sum(1).mean((1, 2)) for a, b in pairs) / len(drawn)
