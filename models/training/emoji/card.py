"""Writes the emoji model's card from what was measured, and the sheet of the fixed prompts.

    cd models/training && python3 -m emoji.card --metrics ../emoji/metrics.json --grid ../../runs/emoji-eval/grid.bin
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torchvision.utils import save_image

ROWS = (("top1", "name is the judge’s first choice"), ("top5", "name among its first five"), ("frechetDistance", "Fréchet distance"))
KINDS = (
    ("colour", "colour as asked"), ("colour held out", "colour as asked, pairs that training never shows"),
    ("count", "count as asked"), ("background", "background as asked"),
    ("relation", "relation as asked"), ("relation held out", "relation as asked, pairs that training never shows"),
)


def share(value: object) -> str:
    if not isinstance(value, (int, float)):
        return ""
    return f"{value:.2f}" if value > 1 else f"{100 * value:.1f} %"


def table(head: list, rows: list) -> str:
    lines = [head, ["---"] * len(head), *rows]
    return "\n".join("| " + " | ".join(map(str, line)) + " |" for line in lines)


def quality(metrics: dict) -> str:
    reference, drawn = metrics["reference"], metrics["drawn"]["default"]
    names = [[what, share(drawn[key]), share(reference["emojione"].get(key)), share(reference["chance"].get(key)),
              share(reference["floor"].get(key))] for key, what in ROWS]
    names[-1][1:] = [f"{drawn['frechetDistance']:.2f}", f"{reference['emojione']['frechetDistance']:.2f}", "",
                     f"{reference['floor']['frechetDistance']:.2f}"]
    kinds = [[what, share(drawn.get(key)), share(reference["composed"].get(key))] for key, what in KINDS]
    return "\n\n".join([
        table(["", "drawn", "real pictures of EmojiOne", "chance", "other real pictures"], names),
        table(["", "drawn", "scenes composed of real pictures"], kinds),
    ])


def settings(metrics: dict) -> str:
    rows = [[name, values["names"], share(values["top1"]), share(values["top5"]), f"{values['frechetDistance']:.2f}"]
            for name, values in metrics["drawn"].items()]
    return table(["", "names", "first", "first five", "Fréchet distance"], rows)


def save_sheet(grid: Path, path: Path) -> None:
    """The fixed prompts' pictures, sixteen in a row."""
    pictures = torch.from_numpy(np.fromfile(grid, np.uint8)).view(-1, 64, 64, 3).permute(0, 3, 1, 2)
    save_image(pictures.float() / 255, path, nrow=16, padding=2, pad_value=1)


def fill(template: Path, path: Path, values: dict) -> None:
    text = template.read_text()
    for name, value in values.items():
        text = text.replace("{" + name + "}", value)
    path.write_text(text)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("../emoji"))
    parser.add_argument("--metrics", type=Path, default=Path("../emoji/metrics.json"))
    parser.add_argument("--grid", type=Path, default=Path("../../runs/emoji-eval/grid.bin"))
    options = parser.parse_args()
    if options.grid.exists():
        save_sheet(options.grid, options.model / "samples.png")
    metrics = json.loads(options.metrics.read_text())
    seen = json.loads((options.model / "model_index.json").read_text())["pictures_seen"]
    files = json.loads((options.model / "files.json").read_text())
    size = lambda part, kind="quantized": f"{files[f'{part}/model_{kind}.onnx']['size']:,}"
    fill(Path(__file__).parent / "card.md", options.model / "README.md", {
        "seen": f"{seen:,}", "quality": quality(metrics), "settings": settings(metrics), "prompts": f"{metrics['prompts']:,}",
        "psnr": f"{metrics['autoencoder']['psnr']:.1f}", "distance": f"{metrics['autoencoder']['frechetDistance']:.2f}",
        "text": size("text_encoder"), "unet": size("unet"), "int8": size("unet", "int8"),
        "decoder": size("vae_decoder"), "encoder": size("vae_encoder"),
    })


if __name__ == "__main__":
    main()
