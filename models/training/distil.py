"""Distils a model into one that draws in one, two or four network runs.

    cd models/training && nice -n 19 python3 distil.py --teacher ../fashion-mnist --out ../../runs/turbo
    torchrun --nproc_per_node 8 distil.py --teacher ../emoji --data ../../runs/emoji --out ../../runs/emoji-turbo

The student is the teacher's network; mostly at the timesteps 999, 759, 499 and 259, it predicts x_0 at once. Its losses, each
with its weight:

- `--adversarial`: heads on the frozen teacher's features of noised pictures tell real from drawn (Sauer et al. 2024,
  LADD, arXiv 2403.12015), with the condition by projection (Miyato and Koyama 2018); hinge loss.
- `--regression`: to where the teacher's own path ends, from points along it: its DDIM with 20 steps, guidance folded in.
  `--perceptual`: the same in the teacher's features (Kang et al. 2024, Diffusion2GAN, arXiv 2405.05967), which leaves a
  picture sharp where noise alone can't tell what to draw.
- `--asked`: a classifier of noised pictures sees something else than what was asked for (Odena et al. 2017, AC-GAN); only where
  it does, so that all kinds of a class are drawn. Clothes only.
- `--matching`: the difference of the scores of real and drawn pictures, the second by a network trained on what the
  student draws (Yin et al. 2024, DMD2, arXiv 2405.14867).

Inputs at later timesteps are noised pictures of the student's own earlier runs, and points of the teacher's paths, some of
which begin at such pictures.
Started again with the same `--out` it goes on from its checkpoint. It writes checkpoint.pt, loss.json, last.pt and best.pt
(averaged weights; the best by the classifier that chooses, clothes only) and samples-*.png.
"""

import argparse
import copy
import math
import time
from pathlib import Path

import torch
from torch import nn
from torch.nn import functional as F

from discriminator import Discriminator, feature_distance
from distil_paths import PATH, Drawn, Paths
from distil_teachers import ClothesTeacher, WordsTeacher
from diffusion import FEW_TIMESTEPS as TIMESTEPS
from export import load_unet
from training import Training, learning_rate

# Other step counts, and pictures to start from, lead to other timesteps than the student's own: it learns at all of the path's.
SHARES = {999: 0.36, 759: 0.14, 499: 0.14, 259: 0.14}
OTHERS = 0.22
OWN_PATHS = 0.6
REFRESH_EVERY = 16  # steps; small batches of paths cost more than large ones


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--teacher", type=Path, default=Path("../fashion-mnist"))
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"), help="of emoji.render, for the model of words")
    parser.add_argument("--out", type=Path, default=Path("../../runs/turbo"))
    parser.add_argument("--init", type=Path, help="last.pt or model.onnx of a student to start from")
    parser.add_argument("--pictures", type=int, default=600_000, help="pictures to draw in the whole run")
    parser.add_argument("--batch", type=int, default=64, help="pictures a step and process")
    parser.add_argument("--lr", type=float, default=2e-4)
    parser.add_argument("--heads-lr", type=float, default=2e-3)
    parser.add_argument("--adversarial", type=float, default=1.0)
    parser.add_argument("--regression", type=float, default=20.0)
    parser.add_argument("--perceptual", type=float, default=0.4)
    parser.add_argument("--asked", type=float, default=0.5)
    parser.add_argument("--matching", type=float, default=0.0)
    parser.add_argument("--paths", type=int, default=1000, help="of the teacher, kept")
    parser.add_argument("--fresh", type=int, default=2, help="paths that a step replaces, on average")
    parser.add_argument("--noise", type=float, default=0.6, help="the discriminator sees at most this share of the process")
    parser.add_argument("--ema", type=float, default=0.999)
    parser.add_argument("--checkpoint-minutes", type=float, default=8)
    return parser.parse_args()


class Distillation(Training):
    def __init__(self, options: argparse.Namespace):
        super().__init__(options)
        words = (options.teacher / "text_encoder").exists()
        make = (lambda: WordsTeacher(options.teacher, self.device, options.data)) if words else (
            lambda: ClothesTeacher(options.teacher, self.device))
        self.teacher = make()
        self.path = torch.tensor(PATH, device=self.device)
        others = OTHERS / (len(PATH) - len(TIMESTEPS))
        self.shares = torch.tensor([SHARES.get(timestep, others) for timestep in PATH])
        self.discriminator = Discriminator(self.teacher, self.device)
        self.head_optimizer = torch.optim.AdamW(self.discriminator.parameters(), lr=options.heads_lr, betas=(0.0, 0.99))
        self.drawn_score = copy.deepcopy(self.teacher.unet).requires_grad_(True)
        self.score_optimizer = torch.optim.AdamW(self.drawn_score.parameters(), lr=options.lr, betas=(0.0, 0.99))
        self.best = math.inf
        student = copy.deepcopy(self.teacher.unet).requires_grad_(True)
        if options.init:
            student.load_state_dict(self.read(options.init))
        self.begin(student)
        torch.manual_seed(self.seen + self.rank + 1)
        self.paths = Paths(self.teacher, options.paths, self.device)
        self.drawn = Drawn()
        self.judge = None if words else Judge(self.device)

    @staticmethod
    def read(path: Path) -> dict:
        if path.suffix == ".onnx":
            return load_unet(path).state_dict()
        return torch.load(path, map_location="cpu")["weights"]

    def make_optimizers(self, model: nn.Module) -> list:
        return [torch.optim.AdamW(model.parameters(), lr=self.options.lr, betas=(0.0, 0.99), weight_decay=0.0)]

    def extras(self) -> dict:
        parts = ("discriminator", "head_optimizer", "drawn_score", "score_optimizer")
        return {name: getattr(self, name) for name in parts}

    def state(self) -> dict:
        return {**super().state(), "best": self.best, **{name: part.state_dict() for name, part in self.extras().items()}}

    def load_state(self, state: dict) -> None:
        super().load_state(state)
        self.best = state["best"]
        for name, part in self.extras().items():
            part.load_state_dict(state[name])

    def draw(self, network: nn.Module, x: torch.Tensor, t: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        return self.teacher.diffusion.predict_x0(self.teacher.velocity_of(network, x, t, condition), x, t)

    def inputs(self) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor, torch.Tensor]:
        """Noised samples, their timesteps, rows, the path's ends, and which of them lie on a path."""
        size = self.options.batch
        places = torch.multinomial(self.shares, size, replacement=True).to(self.device)
        x, ends, rows = self.paths.batch(places)
        t = self.path[places]
        on_path = torch.ones(size, dtype=torch.bool, device=self.device)
        if self.drawn.ready():
            own = (t < TIMESTEPS[0]) & (torch.rand(size, device=self.device) < 0.3)
            if own.any():
                pictures, own_rows = self.drawn.batch(t[own])
                x[own] = self.teacher.diffusion.add_noise(pictures, torch.randn_like(pictures), t[own])
                rows[own], on_path = own_rows, ~own
        return x, t, rows, ends, on_path

    def noise_level(self, size: int) -> torch.Tensor:
        """For the discriminator: what it sees is noised, mostly a little."""
        share = torch.rand(size, device=self.device) ** 1.5 * self.options.noise
        return (share * self.teacher.diffusion.steps).long()

    def matching_loss(self, drawn: torch.Tensor, condition: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        t = torch.randint(20, 980, (len(drawn),), device=self.device)
        with torch.no_grad():
            noised = self.teacher.diffusion.add_noise(drawn, torch.randn_like(drawn), t)
            real = self.teacher.predict(noised, t, rows)
            own = self.draw(self.drawn_score, noised, t, condition)
            weight = (drawn - real).abs().mean((1, 2, 3), keepdim=True).clamp(min=1e-3)
            target = drawn - (own - real) / weight
        return 0.5 * (drawn - target).square().mean()

    def descend_score(self, drawn: torch.Tensor, condition: torch.Tensor) -> float:
        t = torch.randint(0, 1000, (len(drawn),), device=self.device)
        noise = torch.randn_like(drawn)
        velocity = self.teacher.velocity_of(self.drawn_score, self.teacher.diffusion.add_noise(drawn, noise, t), t, condition)
        loss = (velocity - self.teacher.diffusion.velocity(drawn, noise, t)).square().mean()
        self.apply(self.score_optimizer, self.drawn_score, loss)
        return loss.item()

    def apply(self, optimizer: torch.optim.Optimizer, module: nn.Module, loss: torch.Tensor) -> None:
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.synchronize(module)
        optimizer.step()

    def step(self, progress: float) -> dict:
        options, teacher = self.options, self.teacher
        if options.regression and self.iteration % REFRESH_EVERY == 0:
            is_own = self.drawn.ready() and torch.rand(()) < OWN_PATHS
            self.paths.refresh(options.fresh * REFRESH_EVERY, self.drawn if is_own else None)
        x, t, rows, ends, on_path = self.inputs()
        condition = teacher.condition(rows)
        embedding = teacher.embedding(condition)
        drawn = self.draw(self.model, x, t, condition)

        # Far from the end a path's end says little of what to draw: it weighs as much as the picture does in the input.
        squares = (drawn - ends).square().mean((1, 2, 3))
        regression = (on_path * teacher.diffusion.sqrt_alpha[t].square() * squares).mean()
        loss = options.regression * regression
        found = {"regression": regression.item()}
        features = None
        # Where most of the picture is there already, there is little to tell real from drawn by.
        weights = teacher.diffusion.sqrt_one_minus[t]
        if options.adversarial:
            noised_t = self.noise_level(len(drawn))
            noise = torch.randn_like(drawn)
            noised_drawn = teacher.diffusion.add_noise(drawn, noise, noised_t)
            features = teacher.features(noised_drawn, noised_t, condition)
            if options.perceptual:
                with torch.no_grad():
                    noised = teacher.diffusion.add_noise(ends, noise, noised_t)
                    end_features = teacher.features(noised, noised_t, condition)
                perceptual = (on_path * feature_distance(features, end_features)).mean()
                loss = loss + options.perceptual * perceptual
                found["perceptual"] = perceptual.item()
            self.discriminator.requires_grad_(False)
            scores = sum(logits.mean((1, 2, 3)) for logits in self.discriminator(features, embedding)) / len(features)
            adversarial = -(weights * scores).mean()
            self.discriminator.requires_grad_(True)
            loss = loss + options.adversarial * adversarial
            found["adversarial"] = adversarial.item()
            mistaken = teacher.mistaken(noised_drawn, noised_t, rows) if options.asked else None
            if mistaken is not None:
                asked = (weights * mistaken).mean()
                loss = loss + options.asked * asked
                found["asked"] = asked.item()
        if options.matching:
            matching = self.matching_loss(drawn, condition, rows)
            loss = loss + options.matching * matching
            found["matching"] = matching.item()
        self.descend(loss)

        kept = drawn.detach()
        self.drawn.add(t, kept.clamp(-1, 1) if teacher.bounded else kept, rows)
        rate = learning_rate(progress, self.warmup)
        for optimizer, base in ((self.head_optimizer, options.heads_lr), (self.score_optimizer, options.lr)):
            optimizer.param_groups[0]["lr"] = base * rate
        if features is not None:
            found["heads"] = self.descend_heads([f.detach() for f in features], embedding, weights)
        if options.matching:
            found["score"] = self.descend_score(kept, condition)
        return found

    def descend_heads(self, drawn_features: list[torch.Tensor], embedding: torch.Tensor, weights: torch.Tensor) -> float:
        teacher = self.teacher
        real, rows = teacher.batch(self.options.batch)
        condition, t = teacher.condition(rows), self.noise_level(len(real))
        with torch.no_grad():
            noised = teacher.diffusion.add_noise(real, torch.randn_like(real), t)
            real_features = teacher.features(noised, t, condition)
        true = self.discriminator(real_features, teacher.embedding(condition))
        false = self.discriminator(drawn_features, embedding)
        weights = (weights / weights.mean())[:, None, None, None]
        loss = sum(F.relu(1 - a).mean() + (weights * F.relu(1 + b)).mean() for a, b in zip(true, false)) / len(true)
        self.apply(self.head_optimizer, self.discriminator, loss)
        return loss.item()

    @torch.no_grad()
    def sample(self, rows: torch.Tensor, runs: int, seed: int) -> torch.Tensor:
        """With fresh noise between the runs (Luo et al. 2023, algorithm 3)."""
        generator = torch.Generator().manual_seed(seed)
        noise = lambda: torch.randn(len(rows), *self.teacher.shape, generator=generator).to(self.device)
        condition, x = self.teacher.condition(rows), noise()
        visited = TIMESTEPS[:: len(TIMESTEPS) // runs]
        for now, following in zip(visited, (*visited[1:], None)):
            x0 = self.draw(self.average, x, torch.full((len(rows),), now, device=self.device), condition)
            x0 = x0.clamp(-1, 1) if self.teacher.bounded else x0
            if following is not None:
                x = self.teacher.diffusion.add_noise(x0, noise(), torch.full((len(rows),), following, device=self.device))
        return x0

    def save(self) -> None:
        if self.rank > 0:
            return
        self.save_checkpoint()
        state = {"config": self.model.config.to_dict(), "weights": self.average.state_dict(), "seen": self.seen}
        torch.save(state, self.options.out / "last.pt")
        if self.judge is None:
            return
        measured = {runs: self.judge.measure(lambda rows, seed: self.sample(rows, runs, seed)) for runs in (1, 2, 4)}
        score = math.exp(sum(math.log(each["distance"]) for each in measured.values()) / len(measured))
        self.log.append({"seen": self.seen, "measured": measured})
        print(f"{time.strftime('%H:%M')} {self.seen} {measured} {score:.3f}", flush=True)
        if score < self.best:
            self.best = score
            torch.save({**state, "measured": measured}, self.options.out / "best.pt")
        self.save_samples()

    def save_samples(self) -> None:
        from torchvision.utils import save_image

        rows = torch.arange(20, device=self.device) % 10
        pictures = torch.cat([self.sample(rows, runs, 0) for runs in (1, 2, 4)])
        save_image((pictures + 1) / 2, self.options.out / f"samples-{self.seen:07d}.png", nrow=20, padding=1)


class Judge:
    """Measures clothes by the classifier that chooses among checkpoints."""

    def __init__(self, device: torch.device, count: int = 2000):
        import dataset
        from classifier import apply, load_classifier
        from evaluate import frechet_distance

        self.apply, self.distance, self.count, self.device = apply, frechet_distance, count, device
        self.classifier = load_classifier("choosing")
        images, _ = dataset.load("train")
        self.real = apply(self.classifier, images[:10_000])[0]

    def measure(self, draw) -> dict:
        rows = torch.arange(self.count, device=self.device) % 10
        pictures = torch.cat([draw(part, seed) for seed, part in enumerate(rows.split(50))]).cpu()
        features, classes = self.apply(self.classifier, pictures)
        asked = (classes == rows.cpu()).float().mean().item()
        return {"distance": round(self.distance(features, self.real), 3), "asked": round(asked, 3)}


if __name__ == "__main__":
    Distillation(arguments()).run()
