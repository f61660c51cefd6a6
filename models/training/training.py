"""What the trainings here share: one or several processes, averaged weights, a schedule by pictures seen, and a
checkpoint from which a run goes on."""

import argparse
import copy
import json
import os
import time

import numpy as np
import torch
from torch import distributed, nn

from optimizer import optimizers


def learning_rate(progress: float, warmup: float) -> float:
    """Linear warm-up, a plateau, and a linear decay to zero from a fifth of the run on; relative to --lr."""
    return min(progress / warmup, 1.0) * min(1.0, 1.25 * (1 - progress))


class Training:
    """A run over `options.pictures` pictures, in steps of `options.batch` for each process.

    A subclass makes its model, calls `begin`, and gives `step(progress)`, which returns the losses to record, and `save()`."""

    warmup = 0.01

    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
        if self.world > 1:
            distributed.init_process_group("nccl" if cuda else "gloo")
        torch.manual_seed(0)

    def begin(self, model: nn.Module) -> None:
        """Takes the model, and the state of an earlier run where there is one."""
        self.model = model
        self.average = copy.deepcopy(model).requires_grad_(False)
        self.optimizers = self.make_optimizers(model)
        self.base_rates = [group["lr"] for o in self.optimizers for group in o.param_groups]
        self.seen, self.iteration, self.log = 0, 0, []
        self.options.out.mkdir(parents=True, exist_ok=True)
        path = self.options.out / "checkpoint.pt"
        if path.exists():
            self.load_state(torch.load(path, map_location=self.device))
        torch.manual_seed(self.seen + self.rank)

    def make_optimizers(self, model: nn.Module) -> list:
        return optimizers(model, self.options.lr)

    def state(self) -> dict:
        return {
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "seen": self.seen, "iteration": self.iteration, "log": self.log,
        }

    def load_state(self, state: dict) -> None:
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.seen, self.iteration, self.log = state["seen"], state["iteration"], state["log"]

    def save_checkpoint(self) -> None:
        partial = self.options.out / "checkpoint.partial"
        torch.save(self.state(), partial)
        partial.replace(self.options.out / "checkpoint.pt")
        (self.options.out / "loss.json").write_text(json.dumps(self.log) + "\n")

    def synchronize(self, module: nn.Module) -> None:
        """Gradients become their mean over all processes."""
        if self.world > 1:
            for parameter in module.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(parameter.grad)
                    parameter.grad /= self.world

    def descend(self, loss: torch.Tensor, clip: float | None = None) -> None:
        """One step of the model's optimizers, at the rate that is due, and of the averaged weights."""
        factor = learning_rate(self.seen / self.options.pictures, self.warmup)
        groups = [group for o in self.optimizers for group in o.param_groups]
        for group, base in zip(groups, self.base_rates):
            group["lr"] = base * factor
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.synchronize(self.model)
        if clip:
            nn.utils.clip_grad_norm_(self.model.parameters(), clip)
        for optimizer in self.optimizers:
            optimizer.step()
        self.iteration += 1
        decay = min(self.options.ema, (1 + self.iteration) / (10 + self.iteration))
        with torch.no_grad():
            torch._foreach_mul_(list(self.average.parameters()), decay)
            torch._foreach_add_(list(self.average.parameters()), list(self.model.parameters()), alpha=1 - decay)

    def record(self, losses: list[dict], rate: float) -> None:
        means = {name: round(float(np.mean([each[name] for each in losses])), 5) for name in losses[-1]}
        entry = {"seen": self.seen, "rate": round(rate, 1), **means}
        self.log.append(entry)
        if self.rank == 0:
            print(json.dumps(entry), flush=True)

    def run(self) -> None:
        saved = last = time.monotonic()
        losses: list[dict] = []
        while self.seen < self.options.pictures:
            found = self.step(self.seen / self.options.pictures)
            if losses and found.keys() != losses[-1].keys():
                losses = []
            losses.append(found)
            self.seen += self.options.batch * self.world
            now = time.monotonic()
            if self.iteration % 100 == 0:
                self.record(losses, 100 * self.options.batch * self.world / (now - last))
                losses, last = [], now
            if now - saved > 60 * self.options.checkpoint_minutes:
                self.save()
                saved = time.monotonic()
        self.save()
