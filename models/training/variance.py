"""What a learned variance is worth: bits per dimension, and the distance of samples, with the variance fixed small, fixed
large and learned, on all timesteps and on some (Improved DDPM, Nichol and Dhariwal 2021, section 3.1 and figure 8).

    python3 models/training/variance.py --out models/fashion-mnist/variance.json

Draws with DDPM in PyTorch from the float32 weights. Samples that are there already are left alone.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import torch

import dataset
from diffusion import Diffusion
from evaluate import CLASSES, Evaluation, read_samples
from export import load_unet, write_json
from precision import autocast

VARIANCES = ("fixed_small", "fixed_large", "learned_range")


class Respaced:
    """The process on some of the timesteps (Improved DDPM, section 4): trailing, `count` of T."""

    def __init__(self, count: int, steps: int = 1000):
        self.timesteps = [steps * (i + 1) // count - 1 for i in range(count)]
        cumprod = Diffusion(steps).alphas_cumprod[self.timesteps]
        before = torch.cat([torch.ones(1, dtype=torch.float64), cumprod[:-1]])
        betas = 1 - cumprod / before
        posterior = betas * (1 - before) / (1 - cumprod)
        self.cumprod = cumprod
        self.log_small = torch.cat([posterior[1:2], posterior[1:]]).log()
        self.log_beta = betas.log()
        # The last step's own variance is 0: both bounds take that of the step before (section 3.1's code).
        self.log_large = torch.cat([posterior[1:2], betas[1:]]).log()
        self.original = betas * before.sqrt() / (1 - cumprod)
        self.current = (1 - before) * (1 - betas).sqrt() / (1 - cumprod)

    def log_variance(self, kind: str, index: int, fraction: torch.Tensor) -> torch.Tensor:
        small = self.log_small[index].item()
        if kind == "fixed_small":
            return torch.full_like(fraction, small)
        if kind == "fixed_large":
            return torch.full_like(fraction, self.log_large[index].item())
        share = (fraction + 1) / 2
        return share * self.log_beta[index].item() + (1 - share) * small

    def predict(self, model, x: torch.Tensor, index: int, labels: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        """The mean of p(x_{t-1} | x_t), with the predicted picture clipped, and the variance's fraction."""
        timestep = torch.full((len(x),), self.timesteps[index])
        with autocast("cpu"):
            v, fraction = model(x, timestep, labels).float().chunk(2, dim=1)
        alpha, sigma = self.cumprod[index].sqrt().item(), (1 - self.cumprod[index]).sqrt().item()
        x0 = (alpha * x - sigma * v).clamp(-1, 1)
        return self.original[index].item() * x0 + self.current[index].item() * x, fraction


@torch.no_grad()
def draw(model, kind: str, steps: int, count: int, batch: int = 100) -> np.ndarray:
    """Grey bytes of pictures; picture i has class i mod 10, batch b the seed b."""
    process, drawn = Respaced(steps), []
    for first in range(0, count, batch):
        torch.manual_seed(first // batch)
        labels = (torch.arange(min(batch, count - first)) + first) % CLASSES
        x = torch.randn(len(labels), 1, 28, 28)
        for index in reversed(range(steps)):
            mean, fraction = process.predict(model, x, index, labels)
            deviation = torch.exp(0.5 * process.log_variance(kind, index, fraction))
            x = mean + deviation * torch.randn_like(x) if index > 0 else mean
        drawn.append(((x.clamp(-1, 1) + 1) * 127.5).round().byte().numpy())
    return np.concatenate(drawn)


def divergence(mean: torch.Tensor, log_variance: torch.Tensor, other: torch.Tensor, log_other: float) -> torch.Tensor:
    """KL(N(other, exp(log_other)) || N(mean, exp(log_variance)))."""
    return 0.5 * (
        log_variance - log_other - 1 + torch.exp(log_other - log_variance)
        + (other - mean).square() * torch.exp(-log_variance)
    )


@torch.no_grad()
def bits_per_dimension(model, steps: int, count: int) -> dict[str, float]:
    """The whole variational bound of test pictures, of each kind of variance from the same predictions."""
    torch.manual_seed(0)
    images, labels = dataset.load("t10k")
    x0, labels = images[:count], labels[:count]
    process = Respaced(steps)
    last = process.cumprod[-1].item()
    prior = divergence(torch.zeros(1), torch.zeros(1), math.sqrt(last) * x0, math.log(1 - last))
    total = {kind: prior.mean().item() for kind in VARIANCES}
    for index in range(steps):
        alpha, sigma = process.cumprod[index].sqrt().item(), (1 - process.cumprod[index]).sqrt().item()
        xt = alpha * x0 + sigma * torch.randn_like(x0)
        mean, fraction = process.predict(model, xt, index, labels)
        true_mean = process.original[index].item() * x0 + process.current[index].item() * xt
        for kind in VARIANCES:
            log_variance = process.log_variance(kind, index, fraction)
            if index == 0:
                term = Diffusion.discretized_negative_log_likelihood(x0, mean, log_variance)
            else:
                term = divergence(mean, log_variance, true_mean, process.log_small[index].item())
            total[kind] += term.mean().item()
    return {kind: nats / math.log(2) for kind, nats in total.items()}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, default=Path("models/fashion-mnist/unet/model.onnx"))
    parser.add_argument("--steps", type=int, nargs="*", default=[25, 50, 100, 1000])
    parser.add_argument("--count", type=int, default=500)
    parser.add_argument("--bound-count", type=int, default=500)
    parser.add_argument("--samples", type=Path, default=Path("runs/variance"))
    parser.add_argument("--out", type=Path, default=Path("models/fashion-mnist/variance.json"))
    options = parser.parse_args()
    options.samples.mkdir(parents=True, exist_ok=True)
    model, evaluation = load_unet(options.weights), Evaluation()
    rows = []
    for steps in options.steps:
        bits = bits_per_dimension(model, steps, options.bound_count)
        for kind in VARIANCES:
            path = options.samples / f"{kind}-{steps}-{options.count}.bin"
            if not path.exists():
                path.write_bytes(draw(model, kind, steps, options.count).tobytes())
            measured = evaluation.measure(read_samples(path))
            rows.append({"variance": kind, "steps": steps, "bitsPerDimension": round(bits[kind], 3), **measured})
            print(rows[-1], flush=True)
        floor = evaluation.floor(options.count)
        write_json(options.out, {"boundCount": options.bound_count, "floor": floor, "rows": rows})


if __name__ == "__main__":
    main()
