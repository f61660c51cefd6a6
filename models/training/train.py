"""Trains the class-conditional U-Net on Fashion-MNIST.

On two cores:   nice -n 19 python3 models/training/train.py --minutes 120 --out runs/fashion-mnist
On GPUs:        torchrun --nproc_per_node 8 models/training/train.py --minutes 60 --batch 128

The learning rate follows the share of `--minutes` that has passed, so a run always ends cooled down,
however busy the machine is. Started again with the same `--out`, it goes on from its checkpoint.
It writes into `--out`: checkpoint.pt (all state), ema.pt (weights to export), loss.json, samples-*.png.
"""

import argparse
import copy
import json
import os
import random
import time
from pathlib import Path

import numpy as np
import torch
from torch import distributed

import dataset
from diffusion import Diffusion
from export import load_unet
from optimizer import optimizers
from precision import autocast
from unet import UNet, UNetConfig


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("runs/fashion-mnist"))
    parser.add_argument("--init", type=Path, help="ema.pt or model.onnx to start from")
    parser.add_argument("--minutes", type=float, default=120, help="wall time to spend, in all")
    parser.add_argument("--iterations", type=int, help="stop after so many, instead of after --minutes")
    parser.add_argument("--batch", type=int, default=80, help="pictures a step and process")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--warmup", type=float, default=0.01, help="share of the run")
    parser.add_argument("--label-dropout", type=float, default=0.1)
    parser.add_argument("--vlb-weight", type=float, default=1e-3, help="lambda of Improved DDPM, eq. 16")
    parser.add_argument("--ema", type=float, default=0.999)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--checkpoint-minutes", type=float, default=5)
    return parser.parse_args()


def learning_rate(progress: float, warmup: float) -> float:
    """Linear warm-up, then linear decay to zero; relative to --lr."""
    return min(progress / warmup, 1.0) * min(1.0, (1 - progress) / (1 - warmup))


def save_grid(images: torch.Tensor, path: Path, columns: int = 10) -> None:
    from torchvision.utils import save_image

    save_image((images + 1) / 2, path, nrow=columns, padding=1)


def write_json(path: Path, value: object) -> None:
    path.write_text(json.dumps(value) + "\n")


class Trainer:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.rank = int(os.environ.get("RANK", 0))
        self.world = int(os.environ.get("WORLD_SIZE", 1))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0)) if cuda else 0) if cuda else torch.device("cpu")
        if self.world > 1:
            distributed.init_process_group("nccl" if cuda else "gloo")
        torch.set_num_threads(max(1, (os.cpu_count() or 1) // self.world))
        seed = options.seed + self.rank
        random.seed(seed), np.random.seed(seed), torch.manual_seed(seed)

        images, labels = dataset.load("train")
        self.images, self.labels = images.to(self.device), labels.to(self.device)
        self.diffusion = Diffusion().to(self.device)
        torch.manual_seed(options.seed)
        model = load_unet(options.init).train() if options.init else UNet(UNetConfig())
        self.model = model.to(self.device)
        self.ema = copy.deepcopy(self.model).requires_grad_(False)
        torch.manual_seed(seed)
        self.optimizers = optimizers(self.model, options.lr)
        self.base_rates = [group["lr"] for o in self.optimizers for group in o.param_groups]
        self.iteration, self.elapsed, self.log = 0, 0.0, []
        self.order = torch.empty(0, dtype=torch.long)
        self.running = {"simple": 0.0, "vlb": 0.0, "count": 0}
        self.resume()

    @property
    def checkpoint(self) -> Path:
        return self.options.out / "checkpoint.pt"

    def resume(self) -> None:
        self.options.out.mkdir(parents=True, exist_ok=True)
        if not self.checkpoint.exists():
            return
        state = torch.load(self.checkpoint, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.ema.load_state_dict(state["ema"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.iteration, self.elapsed, self.log = state["iteration"], state["elapsed"], state["log"]
        torch.manual_seed(self.options.seed + self.rank + 1000 * self.iteration)

    def save(self) -> None:
        if self.rank > 0:
            return
        state = {
            "model": self.model.state_dict(),
            "ema": self.ema.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "iteration": self.iteration,
            "elapsed": self.elapsed,
            "log": self.log,
        }
        partial = self.checkpoint.with_suffix(".partial")
        torch.save(state, partial)
        partial.replace(self.checkpoint)
        weights = {"config": self.model.config.to_dict(), "weights": self.ema.state_dict()}
        torch.save(weights, self.options.out / "ema.pt")
        write_json(self.options.out / "loss.json", self.log)
        generator = torch.Generator().manual_seed(0)
        noise = torch.randn(40, 1, 28, 28, generator=generator).to(self.device)
        labels = torch.arange(40, device=self.device) % 10
        save_grid(self.diffusion.ddim(self.ema, noise, labels, 20), self.options.out / f"samples-{self.iteration:06d}.png")

    def batch(self) -> tuple[torch.Tensor, torch.Tensor]:
        size = self.options.batch
        if len(self.order) < size:
            self.order = torch.randperm(len(self.images))
        chosen, self.order = self.order[:size], self.order[size:]
        chosen = chosen.to(self.device)
        return self.images[chosen], self.labels[chosen]

    def timesteps(self, size: int) -> torch.Tensor:
        """Uniform over 0..T-1, one in each of `size` strata, which lowers the loss's variance."""
        strata = (torch.randperm(size, device=self.device) + torch.rand(size, device=self.device)) / size
        return (strata * self.diffusion.steps).long().clamp(max=self.diffusion.steps - 1)

    def step(self, progress: float) -> None:
        factor = learning_rate(progress, self.options.warmup)
        groups = [group for o in self.optimizers for group in o.param_groups]
        for group, base in zip(groups, self.base_rates):
            group["lr"] = base * factor

        x0, labels = self.batch()
        dropped = torch.rand(len(labels), device=self.device) < self.options.label_dropout
        labels = torch.where(dropped, torch.full_like(labels, self.model.config.num_classes), labels)
        t, noise = self.timesteps(len(x0)), torch.randn_like(x0)
        xt = self.diffusion.add_noise(x0, noise, t)
        with autocast(self.device.type):
            output = self.model(xt, t, labels)
        target = self.diffusion.velocity(x0, noise, t)
        simple, vlb = (loss.mean() for loss in self.diffusion.losses(output, x0, xt, target, t))
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        (simple + self.options.vlb_weight * self.diffusion.steps / 1000 * vlb).backward()
        if self.world > 1:
            for parameter in self.model.parameters():
                distributed.all_reduce(parameter.grad)
                parameter.grad /= self.world
        for optimizer in self.optimizers:
            optimizer.step()
        self.iteration += 1
        self.average()
        self.running["simple"] += simple.item()
        self.running["vlb"] += vlb.item()
        self.running["count"] += 1

    @torch.no_grad()
    def average(self) -> None:
        decay = min(self.options.ema, (1 + self.iteration) / (10 + self.iteration))
        torch._foreach_mul_(list(self.ema.parameters()), decay)
        torch._foreach_add_(list(self.ema.parameters()), list(self.model.parameters()), alpha=1 - decay)

    def record(self, progress: float) -> None:
        count = self.running["count"]
        entry = {
            "iteration": self.iteration,
            "images": self.iteration * self.options.batch * self.world,
            "minutes": round(self.elapsed / 60, 2),
            "loss": round(self.running["simple"] / count, 5),
            "vlb": round(self.running["vlb"] / count, 5),
        }
        self.log.append(entry)
        self.running = {"simple": 0.0, "vlb": 0.0, "count": 0}
        if self.rank == 0:
            print(json.dumps({**entry, "progress": round(progress, 4)}), flush=True)

    def progress(self) -> float:
        if self.options.iterations:
            return self.iteration / self.options.iterations
        value = torch.tensor(self.elapsed / (60 * self.options.minutes))
        if self.world > 1:
            value = value.to(self.device)
            distributed.broadcast(value, 0)
        return float(value)

    def run(self) -> None:
        saved = last = time.monotonic()
        while (progress := self.progress()) < 1:
            self.step(progress)
            now = time.monotonic()
            self.elapsed += now - last
            last = now
            if self.iteration % 100 == 0:
                self.record(progress)
            if now - saved > 60 * self.options.checkpoint_minutes:
                self.save()
                saved = last = time.monotonic()
        self.save()


if __name__ == "__main__":
    Trainer(arguments()).run()
