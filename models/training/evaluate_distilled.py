"""Measures a distilled model beside its teacher, and writes metrics.json and nearest.png.

    node models/training/sample.mjs --model models/fashion-mnist-turbo --scheduler lcm --steps 1,2,4 --out runs/turbo-samples
    node models/training/sample.mjs --steps 20 --out runs/turbo-samples
    python3 models/training/evaluate_distilled.py --samples runs/turbo-samples --out models/fashion-mnist-turbo

For each file of sample.mjs: the Frechet distance on the features of both classifiers (the one called choosing chose the
checkpoint, the other had no part in anything), the share classified as asked, precision and recall (Kynkaanniemi et al.
2019, arXiv:1904.06991, k = 5) against as many test pictures; beside them as many training pictures. nearest.png shows
samples above the training pictures nearest to them, by the distance of pixels.
"""

import argparse
import json
from pathlib import Path

import torch
from torchvision.utils import make_grid, save_image

import dataset
from classifier import apply, load_classifier
from evaluate import CLASSES, frechet_distance, read_samples
from export import write_json

NEIGHBOURS = 5
SHOWN = 50


def balanced(labels: torch.Tensor, count: int) -> torch.Tensor:
    """Indices of `count` pictures at random, as many of each class, the classes in turn."""
    order = torch.randperm(len(labels), generator=torch.Generator().manual_seed(0))
    return torch.stack([order[labels[order] == c][: count // CLASSES] for c in range(CLASSES)], dim=1).flatten()


def covered(points: torch.Tensor, by: torch.Tensor) -> float:
    """The share of points inside the spheres around `by` that reach to each one's fifth neighbour."""
    radii = torch.cdist(by, by).kthvalue(NEIGHBOURS + 1, dim=1).values
    return (torch.cdist(points, by) <= radii).any(dim=1).float().mean().item()


class Measures:
    def __init__(self):
        self.classifiers = {kind: load_classifier(kind) for kind in ("measuring", "choosing")}
        self.test, self.test_labels = dataset.load("t10k")
        self.train, self.train_labels = dataset.load("train")
        self.real = {kind: apply(model, self.test)[0] for kind, model in self.classifiers.items()}

    def measure(self, images: torch.Tensor) -> dict:
        """`images` [N, 1, 28, 28] in [-1, 1], picture i drawn for class i mod 10."""
        found = {kind: apply(model, images) for kind, model in self.classifiers.items()}
        features, classes = found["measuring"]
        some = self.real["measuring"][balanced(self.test_labels, len(images))]
        return {
            "count": len(images),
            "frechetDistance": round(frechet_distance(features, self.real["measuring"]), 3),
            "choosingDistance": round(frechet_distance(found["choosing"][0], self.real["choosing"]), 3),
            "classifiedAsAsked": round((classes == torch.arange(len(images)) % CLASSES).float().mean().item(), 4),
            "precision": round(covered(features, some), 3),
            "recall": round(covered(some, features), 3),
        }

    def floor(self, count: int) -> dict:
        return self.measure(self.train[balanced(self.train_labels, count)])

    def save_nearest(self, images: torch.Tensor, path: Path) -> list[float]:
        """Samples, and below each the training picture nearest to it; returns the mean differences in grey levels."""
        shown = images[:SHOWN]
        distances = torch.cdist(shown.flatten(1), self.train.flatten(1), p=2)
        nearest = self.train[distances.argmin(dim=1)]
        columns = 10
        rows = [part for pair in zip(shown.split(columns), nearest.split(columns)) for part in pair]
        grid = make_grid((torch.cat(rows) + 1) / 2, nrow=columns, padding=1)
        save_image(grid.repeat_interleave(2, 1).repeat_interleave(2, 2), path)
        return (127.5 * (shown - nearest).abs().mean(dim=(1, 2, 3))).tolist()


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/fashion-mnist-turbo"))
    options = parser.parse_args()
    measures, rows = Measures(), []
    for details in sorted(options.samples.glob("*.json")):
        images = read_samples(details.with_suffix(".bin"))
        rows.append({**json.loads(details.read_text()), **measures.measure(images)})
        print(rows[-1], flush=True)
        if rows[-1]["scheduler"] == "lcm" and rows[-1]["steps"] == 4:
            differences = measures.save_nearest(images, options.out / "nearest.png")
            grid = make_grid((images[:40] + 1) / 2, nrow=10, padding=0)
            save_image(grid.repeat_interleave(3, 1).repeat_interleave(3, 2), options.out / "samples.png")
    floor = measures.floor(rows[0]["count"])
    write_json(options.out / "metrics.json", {
        "floor": floor,
        "nearest": {"least": round(min(differences), 1), "mean": round(sum(differences) / len(differences), 1)},
        "rows": rows,
    })
    print(floor)


if __name__ == "__main__":
    main()
