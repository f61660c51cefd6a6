"""The judge: a small picture-text model (Radford et al. 2021) that says which name a picture fits best, and whose features
measure the Frechet distance. It is trained on the same sets of emoji with other augmentations than the denoiser, which
never sees it; its weights are 9 MB, and stay out of the repository.

    cd models/training && python3 -m emoji.judge --data ../../runs/emoji
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch import nn
from torch.nn import functional as F

from .pictures import Picture, Pictures
from precision import autocast

WEIGHTS = Path("../../runs/emoji-judge/judge.pt")
WIDTH = 128


def block(inside: int, outside: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inside, outside, 3, stride=2, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(),
        nn.Conv2d(outside, outside, 3, padding=1, bias=False), nn.BatchNorm2d(outside), nn.ReLU(),
    )


class Judge(nn.Module):
    """Pictures [N, 3, 64, 64] in [-1, 1] to features [N, 128]; names, as the mean of their words, to the same space."""

    def __init__(self, words: list):
        super().__init__()
        self.words = {word: index for index, word in enumerate(words)}
        self.picture = nn.Sequential(block(3, 32), block(32, 64), block(64, 128), block(128, 256),
                                     nn.Flatten(), nn.Linear(256 * 16, WIDTH))
        self.embedding = nn.EmbeddingBag(len(words), 192, mode="mean")
        self.text = nn.Sequential(nn.Linear(192, 256), nn.ReLU(), nn.Linear(256, WIDTH))
        self.temperature = nn.Parameter(torch.tensor(2.5))

    def features(self, pictures: torch.Tensor) -> torch.Tensor:
        return self.picture(pictures)

    def names(self, names: list) -> torch.Tensor:
        lists = [[self.words[word] for word in words_of(name) if word in self.words] for name in names]
        offsets = np.cumsum([0, *map(len, lists)])[:-1]
        ids = torch.tensor([each for ids in lists for each in ids])
        return F.normalize(self.text(self.embedding(ids, torch.tensor(offsets))), dim=-1)

    def scores(self, features: torch.Tensor, names: torch.Tensor) -> torch.Tensor:
        return F.normalize(features.float(), dim=-1) @ names.T


def words_of(name: str) -> list:
    """The words of a name, and the whole of it as one."""
    return [name, *name.replace(":", " ").replace("-", " ").split()]


def load_judge() -> Judge:
    state = torch.load(WEIGHTS, map_location="cpu")
    judge = Judge(state["words"])
    judge.load_state_dict(state["weights"])
    return judge.eval()


def sprites(pictures: Pictures) -> torch.Tensor:
    return torch.from_numpy(pictures.sprites[64]).permute(0, 3, 1, 2)


def on_background(rgba: torch.Tensor, colours: torch.Tensor) -> torch.Tensor:
    """Premultiplied sprites in 0..1 over plain colours [N, 3], in [-1, 1]."""
    rgba = rgba.float()
    return (rgba[:, :3] + (1 - rgba[:, 3:]) * colours[:, :, None, None]) * 2 - 1


def augment(rgba: torch.Tensor) -> torch.Tensor:
    """Another size, place and turn, half of them mirrored, on any colour, with less contrast, blur and noise."""
    size = len(rgba)
    angle, scale = torch.randn(size) * 0.12, torch.empty(size).uniform_(0.95, 1.7)
    flip = (torch.rand(size) < 0.5).float() * 2 - 1
    shift = torch.randn(size, 2) * 0.08
    cos, sin = torch.cos(angle) * scale, torch.sin(angle) * scale
    theta = torch.stack([torch.stack([cos * flip, -sin, shift[:, 0]], 1), torch.stack([sin * flip, cos, shift[:, 1]], 1)], 1)
    grid = F.affine_grid(theta, (size, 4, 64, 64), align_corners=False)
    rgba = F.grid_sample(rgba.float(), grid, align_corners=False)
    colours = torch.where(torch.rand(size, 1) < 0.4, torch.ones(size, 3), torch.rand(size, 3))
    pictures = on_background(rgba, colours)
    pictures = pictures * torch.empty(size, 1, 1, 1).uniform_(0.7, 1.1) + torch.randn(size, 3, 1, 1) * 0.08
    blurred = F.interpolate(F.avg_pool2d(pictures, 2), scale_factor=2, mode="bilinear", align_corners=False)
    pictures = torch.where(torch.rand(size, 1, 1, 1) < 0.4, blurred, pictures)
    return pictures + torch.randn_like(pictures) * 0.05


@torch.no_grad()
def apply(judge: Judge, pictures: torch.Tensor) -> torch.Tensor:
    return torch.cat([judge.features(batch) for batch in pictures.split(250)])


def ranks(judge: Judge, features: torch.Tensor, wanted: list, names: list) -> torch.Tensor:
    """How many other names fit each picture better than its own."""
    with torch.no_grad():
        scores = judge.scores(features, judge.names(names))
    place = {name: index for index, name in enumerate(names)}
    own = scores[torch.arange(len(scores)), torch.tensor([place[name] for name in wanted])]
    return (scores > own[:, None]).sum(1)


def names_of(entries: list) -> list:
    return sorted({entry.label for entry in entries})


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--out", type=Path, default=WEIGHTS)
    parser.add_argument("--pictures", type=int, default=400_000)
    parser.add_argument("--batch", type=int, default=192)
    options = parser.parse_args()
    torch.manual_seed(1)
    options.out.parent.mkdir(parents=True, exist_ok=True)
    pictures = Pictures(options.data, sizes=(64,))
    held = Pictures(options.data, sizes=(64,), evaluation=True)
    names = names_of(pictures.entries)
    judge = Judge(sorted({word for name in names for word in words_of(name)}))
    table, rgba = {name: i for i, name in enumerate(names)}, sprites(pictures)
    labels = torch.tensor([table[entry.label] for entry in pictures.entries])
    steps = options.pictures // options.batch
    optimizer = torch.optim.AdamW(judge.parameters(), weight_decay=0.1)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    losses = []
    for step in range(steps):
        chosen = torch.randint(len(rgba), (options.batch,))
        with autocast("cpu"):
            features = judge.features(augment(rgba[chosen]))
        scores = judge.scores(features, judge.names(names)) * judge.temperature.exp()
        loss = F.cross_entropy(scores, labels[chosen], label_smoothing=0.05)
        optimizer.zero_grad(set_to_none=True)
        loss.backward()
        optimizer.step()
        schedule.step()
        losses.append(loss.item())
        if step % 50 == 49:
            print(json.dumps({"step": step + 1, "of": steps, "loss": round(float(np.mean(losses[-50:])), 3)}), flush=True)
        if step % 200 == 199 or step == steps - 1:
            judge.eval()
            known = [entry.label in table for entry in held.entries]
            white = on_background(sprites(held)[known], torch.ones(sum(known), 3))
            rank = ranks(judge, apply(judge, white), [e.label for e in held.entries if e.label in table], names)
            print(json.dumps({"emojione top 1": (rank < 1).float().mean().item(), "top 5": (rank < 5).float().mean().item()}), flush=True)
            torch.save({"words": list(judge.words), "weights": judge.state_dict()}, options.out)
            judge.train()


if __name__ == "__main__":
    main()
