"""Writes models/fashion-mnist/examples.png: a test picture of each class, side by side, for `<diffusion-forward label>`.

    python3 models/training/examples.py
"""

import argparse
from pathlib import Path

import torch
from PIL import Image

import dataset

# Of each class, which of its test pictures: one whose details show how noise hides them.
CHOSEN = [2, 6, 2, 3, 3, 6, 1, 3, 1, 7]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--out", type=Path, default=Path("models/fashion-mnist/examples.png"))
    options = parser.parse_args()
    images, labels = dataset.load("t10k")
    chosen = [images[(labels == label).nonzero()[index].item(), 0] for label, index in enumerate(CHOSEN)]
    strip = ((torch.cat(chosen, dim=1) + 1) * 127.5).round().byte()
    Image.fromarray(strip.numpy()).save(options.out, optimize=True)


if __name__ == "__main__":
    main()
