"""The emoji that `render.mjs` drew: sprites at several sizes, and what each shows."""

import gzip
import json
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

DATA = Path("runs/emoji")
SIZES = (64, 56, 48, 40, 32, 26, 22)
EVALUATION_SET = "emojione"


@dataclass(frozen=True)
class Picture:
    set: str
    name: str
    code: str
    label: str
    tags: tuple
    emoji: str
    order: int
    group: str
    subgroup: str


class Pictures:
    """`sprites[size][i]` is [size, size, 4] in 0..1, premultiplied; `entries[i]` says what it is."""

    def __init__(self, folder: Path = DATA, sizes: tuple = SIZES, evaluation: bool = False):
        listing = json.loads((folder / "pictures.json").read_text())
        side = listing["size"]
        raw = gzip.decompress((folder / "pictures.bin.gz").read_bytes())
        rgba = np.frombuffer(raw, np.uint8).reshape(-1, side, side, 4)
        entries = [Picture(**{**entry, "tags": tuple(entry["tags"])}) for entry in listing["pictures"]]
        chosen = [i for i, entry in enumerate(entries) if (entry.set == EVALUATION_SET) == evaluation]
        self.entries = [entries[i] for i in chosen]
        self.sprites = {size: resize(rgba[chosen], size) for size in sizes}

    def __len__(self) -> int:
        return len(self.entries)


def resize(rgba: np.ndarray, size: int) -> np.ndarray:
    """Premultiplied and averaged over the area of each new pixel, as float16 to halve the memory."""
    result = np.empty((len(rgba), size, size, 4), np.float16)
    for start in range(0, len(rgba), 512):
        part = torch.from_numpy(rgba[start:start + 512].astype(np.float32) / 255).permute(0, 3, 1, 2)
        part = torch.cat([part[:, :3] * part[:, 3:], part[:, 3:]], dim=1)
        if size != part.shape[-1]:
            part = F.interpolate(part, size=size, mode="bicubic", align_corners=False, antialias=True).clamp(0, 1)
        result[start:start + 512] = part.permute(0, 2, 3, 1).numpy()
    return result
