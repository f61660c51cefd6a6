"""A small bidirectional Transformer over the tokens of a prompt (Vaswani et al. 2017), normalized before each part."""

from dataclasses import asdict, dataclass

import torch
from torch import nn

from unet import silu, zero


@dataclass
class TextConfig:
    vocab_size: int = 3600
    length: int = 24
    width: int = 160
    layers: int = 3
    heads: int = 5
    pad_id: int = 0

    def to_dict(self) -> dict:
        return asdict(self)


class TextBlock(nn.Module):
    def __init__(self, config: TextConfig):
        super().__init__()
        width = config.width
        self.heads = config.heads
        self.norm1 = nn.LayerNorm(width)
        self.qkv = nn.Linear(width, 3 * width)
        self.out = zero(nn.Linear(width, width))
        self.norm2 = nn.LayerNorm(width)
        self.up = nn.Linear(width, 4 * width)
        self.down = zero(nn.Linear(4 * width, width))

    def forward(self, x: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
        _, length, width = map(int, x.shape)
        size = width // self.heads
        qkv = self.qkv(self.norm1(x)).reshape(-1, length, 3 * self.heads, size).transpose(1, 2)
        q, k, v = qkv.split(self.heads, dim=1)
        scores = (torch.matmul(q * size**-0.5, k.transpose(2, 3)) + bias).softmax(-1)
        x = x + self.out(torch.matmul(scores, v).transpose(1, 2).reshape(-1, length, width))
        return x + self.down(silu(self.up(self.norm2(x))))


class TextEncoder(nn.Module):
    """[N, length] token ids to [N, length, width]. Nothing attends to padding; padding itself attends to the text."""

    def __init__(self, config: TextConfig = TextConfig()):
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.vocab_size, config.width)
        self.positions = nn.Embedding(config.length, config.width)
        nn.init.normal_(self.tokens.weight, std=0.5)
        nn.init.normal_(self.positions.weight, std=0.2)
        self.blocks = nn.ModuleList(TextBlock(config) for _ in range(config.layers))
        self.norm_out = nn.LayerNorm(config.width)

    def forward(self, input_ids: torch.Tensor) -> torch.Tensor:
        padding = (input_ids == self.config.pad_id).float()
        bias = (padding * -1e4).view(-1, 1, 1, self.config.length)
        x = self.tokens(input_ids) + self.positions.weight
        for block in self.blocks:
            x = block(x, bias)
        return self.norm_out(x.float())
