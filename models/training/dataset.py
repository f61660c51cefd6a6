"""Fashion-MNIST (Xiao, Rasul and Vollgraf, 2017, arXiv:1708.07747) from its IDX files."""

import gzip
import os
from pathlib import Path

import numpy as np
import torch

DEFAULT_FOLDER = Path(os.environ.get("FASHION_MNIST", "/usr/share/datasets/fashion-mnist"))

CLASS_NAMES = [
    "t-shirt",
    "trouser",
    "pullover",
    "dress",
    "coat",
    "sandal",
    "shirt",
    "sneaker",
    "bag",
    "ankle boot",
]


def read_idx(path: Path) -> np.ndarray:
    """An IDX file, plain or gzipped, as an array of unsigned bytes."""
    for candidate in (path, path.with_name(path.name + ".gz")):
        if candidate.exists():
            opener = gzip.open if candidate.suffix == ".gz" else open
            with opener(candidate, "rb") as file:
                data = file.read()
            break
    else:
        raise FileNotFoundError(
            f"{path} is missing: install Debian's package dataset-fashion-mnist, "
            "or set FASHION_MNIST to the folder with the IDX files"
        )
    rank = data[3]
    shape = np.frombuffer(data, ">u4", count=rank, offset=4)
    return np.frombuffer(data, np.uint8, offset=4 + 4 * rank).reshape(shape)


def load(split: str, folder: Path = DEFAULT_FOLDER) -> tuple[torch.Tensor, torch.Tensor]:
    """Pictures [N, 1, 28, 28], float32 in [-1, 1], and labels [N]; `split` is "train" or "t10k"."""
    images = read_idx(folder / f"{split}-images-idx3-ubyte")
    labels = read_idx(folder / f"{split}-labels-idx1-ubyte")
    pixels = torch.from_numpy(images.copy()).float().unsqueeze(1) / 127.5 - 1
    return pixels, torch.from_numpy(labels.copy()).long()
