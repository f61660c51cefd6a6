"""Trains the denoiser of points in PyTorch, for one seed, and writes what the kernels have to come to.

    python3 test/golden/point_denoiser.py
"""

import json
import math
from pathlib import Path

import torch

STEPS, EMBEDDING, WIDTH, BATCH, ITERATIONS, RATE, SEED = 100, 30, 16, 24, 40, 2e-3, 5


def main() -> None:
    angles = torch.arange(50) * (2 * math.pi / 50)
    points = torch.stack([1.4 * angles.cos(), 0.7 * (2 * angles).sin()], dim=1)
    betas = torch.linspace(0.001, 0.2, STEPS, dtype=torch.float64).float()
    cumprod = (1 - betas).cumprod(0)
    levels = torch.stack([cumprod.sqrt(), (1 - cumprod).sqrt()], dim=1)
    half = EMBEDDING // 2
    frequencies = torch.exp(-math.log(STEPS) * torch.arange(half, dtype=torch.float64) / half)
    phases = torch.arange(STEPS, dtype=torch.float64).view(-1, 1) * frequencies
    embeddings = torch.cat([phases.cos(), phases.sin()], dim=1).float()

    torch.manual_seed(SEED)
    widths = [EMBEDDING + 2, WIDTH, WIDTH, WIDTH, 2]
    weights = [(torch.randn(a, b) / math.sqrt(a)).requires_grad_() for a, b in zip(widths, widths[1:])]
    biases = [torch.zeros(b, requires_grad=True) for b in widths[1:]]
    optimizer = torch.optim.Adam([*weights, *biases], lr=RATE)

    def predict(x: torch.Tensor, t: torch.Tensor) -> torch.Tensor:
        h = torch.cat([x, embeddings[t]], dim=1)
        for index, (weight, bias) in enumerate(zip(weights, biases)):
            h = h @ weight + bias
            if index < len(weights) - 1:
                h = torch.nn.functional.silu(h)
        return h

    losses = []
    for _ in range(ITERATIONS):
        x0 = points[torch.randint(len(points), (BATCH,))]
        t = torch.randint(STEPS, (BATCH,))
        noise = torch.randn(BATCH, 2)
        xt = levels[t, :1] * x0 + levels[t, 1:] * noise
        loss = (predict(xt, t) - noise).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        losses.append(loss.item())
    grid = torch.tensor([[-1.0, -1.0], [1.0, -1.0], [-1.0, 1.0], [1.0, 1.0]])
    field = -predict(grid, torch.full((4,), 50)).detach().flatten()
    Path(__file__).with_name("point-denoiser.json").write_text(json.dumps({
        "width": WIDTH, "batchSize": BATCH, "learningRate": RATE, "seed": SEED,
        "points": points.flatten().tolist(), "losses": losses, "field": field.tolist(),
    }) + "\n")


if __name__ == "__main__":
    main()
