"""Measures samples against the 10,000 test pictures of Fashion-MNIST and writes metrics.json.

    python3 models/training/evaluate.py --samples runs/samples --out models/fashion-mnist/metrics.json

For each file of sample.mjs: the Frechet distance (Heusel et al. 2017) on 128 features of the classifier,
and the share that the classifier calls the class asked for. Beside them the floor: as many training
pictures, class by class. With --weights it also draws with DDPM, in PyTorch, from the same 8-bit
weights dequantized.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

import dataset
from classifier import accuracy, apply, load_classifier
from diffusion import Diffusion
from export import load_unet, write_json
from precision import autocast
from quantize import SMALLEST, quantize_weight

CLASSES = 10


def root(matrix: np.ndarray) -> np.ndarray:
    values, vectors = np.linalg.eigh(matrix)
    return (vectors * np.sqrt(np.maximum(values, 0))) @ vectors.T


def frechet_distance(a: torch.Tensor, b: torch.Tensor) -> float:
    """|m_a - m_b|^2 + tr(C_a + C_b - 2 (C_a C_b)^(1/2)) of two sets of features."""
    a, b = a.double().numpy(), b.double().numpy()
    covariance_a, covariance_b = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    half = root(covariance_a)
    cross = np.sqrt(np.maximum(np.linalg.eigvalsh(half @ covariance_b @ half), 0)).sum()
    means = np.square(a.mean(0) - b.mean(0)).sum()
    return float(means + np.trace(covariance_a) + np.trace(covariance_b) - 2 * cross)


class Evaluation:
    def __init__(self):
        self.classifier = load_classifier()
        self.test = apply(self.classifier, dataset.load("t10k")[0])[0]
        self.train = dataset.load("train")

    def measure(self, images: torch.Tensor) -> dict:
        """`images` [N, 1, 28, 28] in [-1, 1], picture i drawn for class i mod 10."""
        features, predicted = apply(self.classifier, images)
        wanted = torch.arange(len(images)) % CLASSES
        return {
            "count": len(images),
            "frechetDistance": round(frechet_distance(features, self.test), 3),
            "classifiedAsAsked": round((predicted == wanted).float().mean().item(), 4),
        }

    def floor(self, count: int) -> dict:
        """The same for `count` training pictures, chosen at random within each class."""
        images, labels = self.train
        generator = torch.Generator().manual_seed(0)
        order = torch.randperm(len(images), generator=generator)
        by_class = [order[labels[order] == c][: count // CLASSES] for c in range(CLASSES)]
        return self.measure(images[torch.stack(by_class, dim=1).flatten()])


def read_samples(path: Path) -> torch.Tensor:
    pixels = np.fromfile(path, np.uint8).reshape(-1, 1, 28, 28)
    return torch.from_numpy(pixels).float() / 127.5 - 1


def dequantized_unet(weights: Path):
    """The float network with the numbers that model_quantized.onnx holds."""
    model = load_unet(weights)
    for module in model.modules():
        if isinstance(module, (torch.nn.Conv2d, torch.nn.Linear)) and module.weight.numel() > SMALLEST:
            value, scale = quantize_weight(module.weight.detach().numpy())
            shape = (-1,) + (1,) * (value.ndim - 1)
            module.weight.data = torch.from_numpy(value.astype(np.float32) * scale.reshape(shape))
    return model


def draw_ddpm(model, count: int, steps: int, batch: int = 100) -> torch.Tensor:
    torch.manual_seed(0)
    diffusion, drawn = Diffusion(), []
    for first in range(0, count, batch):
        labels = (torch.arange(min(batch, count - first)) + first) % CLASSES
        with autocast("cpu"):
            samples = diffusion.ddpm(model, torch.randn(len(labels), 1, 28, 28), labels, steps)
        drawn.append(samples.clamp(-1, 1))
    return torch.round((torch.cat(drawn) + 1) * 127.5) / 127.5 - 1


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--samples", type=Path, required=True)
    parser.add_argument("--weights", type=Path, help="ema.pt, to draw with DDPM too")
    parser.add_argument("--ddpm", nargs="*", default=["250:1000", "1000:250"], help="steps:count")
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    evaluation = Evaluation()
    rows = []
    for details in sorted(options.samples.glob("**/*.json")):
        measured = evaluation.measure(read_samples(details.with_suffix(".bin")))
        rows.append({**json.loads(details.read_text()), **measured})
        print(rows[-1], flush=True)
    if options.weights:
        model = dequantized_unet(options.weights)
        for request in options.ddpm:
            steps, count = map(int, request.split(":"))
            measured = evaluation.measure(draw_ddpm(model, count, steps))
            rows.append({"scheduler": "ddpm", "steps": steps, "dtype": "q8 (PyTorch)", "guidanceScale": 1, **measured})
            print(rows[-1], flush=True)
    counts = sorted({row["count"] for row in rows})
    write_json(options.out, {
        "classifierAccuracy": {"test": round(accuracy(evaluation.classifier), 4)},
        "floors": [evaluation.floor(count) for count in counts],
        "rows": sorted(rows, key=lambda r: (r["scheduler"], r["guidanceScale"], r["steps"], r["dtype"])),
    })


if __name__ == "__main__":
    main()
