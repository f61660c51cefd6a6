"""Measures what inpaint.mjs filled in, beside two fills that need no model, and writes inpainting.json.

    python3 models/training/evaluate_inpainting.py --out runs/inpainting --prepare
    node models/training/inpaint.mjs --out runs/inpainting
    python3 models/training/evaluate_inpainting.py --out runs/inpainting --json models/fashion-mnist/inpainting.json

Of 100 test pictures, ten of each class: the mean absolute error of the known part and of the part that was
drawn, in grey levels of 255, and the share that the classifier still gives their true label.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import dataset
from classifier import apply, load_classifier
from export import write_json

PER_CLASS = 10
CLASSES = 10
MASKS = ["thin", "wide", "half", "expand", "alternating-lines", "super-resolution"]


def pictures() -> tuple[np.ndarray, np.ndarray]:
    """Grey bytes [100, 28, 28] and labels [100]."""
    images, labels = dataset.load("t10k")
    chosen = torch.cat([(labels == c).nonzero()[:PER_CLASS, 0] for c in range(CLASSES)])
    grey = torch.round((images[chosen, 0] + 1) * 127.5).byte().numpy()
    return grey, labels[chosen].byte().numpy()


def prepare(out: Path) -> None:
    out.mkdir(parents=True, exist_ok=True)
    grey, labels = pictures()
    (out / "pictures.bin").write_bytes(grey.tobytes())
    (out / "labels.bin").write_bytes(labels.tobytes())


def read(path: Path) -> np.ndarray:
    return np.fromfile(path, np.uint8).reshape(-1, 28, 28)


def mean_fill(grey: np.ndarray, hole: np.ndarray) -> np.ndarray:
    mean = np.round((dataset.load("train")[0].mean(dim=(0, 1)).numpy() + 1) * 127.5)
    return np.where(hole, mean, grey).astype(np.uint8)


def diffusion_fill(grey: np.ndarray, hole: np.ndarray, rounds: int = 2000) -> np.ndarray:
    """Solves Laplace's equation in the hole: each of its pixels becomes the mean of its neighbours."""
    x = np.where(hole, 0.0, grey.astype(np.float64))
    for _ in range(rounds):
        padded = np.pad(x, ((0, 0), (1, 1), (1, 1)), mode="edge")
        mean = (padded[:, :-2, 1:-1] + padded[:, 2:, 1:-1] + padded[:, 1:-1, :-2] + padded[:, 1:-1, 2:]) / 4
        x = np.where(hole, mean, x)
    return np.round(x).astype(np.uint8)


def as_labelled(pictures: np.ndarray, labels: np.ndarray, classifier) -> float:
    images = torch.from_numpy(pictures).float()[:, None] / 127.5 - 1
    predicted = apply(classifier, images)[1].numpy()
    return round(float((predicted == labels).mean()), 3)


def measure(filled: np.ndarray, grey: np.ndarray, labels: np.ndarray, hole: np.ndarray, classifier) -> dict:
    error = np.abs(filled.astype(np.int16) - grey.astype(np.int16))
    return {
        "known": round(float(error[:, ~hole].mean()), 3),
        "unknown": round(float(error[:, hole].mean()), 2),
        "asLabelled": as_labelled(filled, labels, classifier),
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--prepare", action="store_true", help="only write the pictures")
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    if options.prepare:
        return prepare(options.out)
    grey, labels = pictures()
    classifier = load_classifier()
    rows = []
    for mask in MASKS:
        hole = read(options.out / f"mask-{mask}.bin")[0] > 127
        for name, fill in (("mean picture", mean_fill), ("diffusion fill", diffusion_fill)):
            rows.append({"mask": mask, "method": name, "runs": 0,
                         **measure(fill(grey, hole), grey, labels, hole, classifier)})
        for details in sorted(options.out.glob(f"*-{mask}.json")):
            said = json.loads(details.read_text())
            filled = read(details.with_suffix(".bin"))
            rows.append({"mask": mask, "method": said["name"], "runs": said["runs"],
                         **measure(filled, grey, labels, hole, classifier)})
    for row in rows:
        print(row)
    if options.json:
        write_json(options.json, {"trueShare": as_labelled(grey, labels, classifier), "rows": rows})


if __name__ == "__main__":
    main()
