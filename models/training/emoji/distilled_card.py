"""Writes the distilled emoji model's card from what was measured, and the sheet of the fixed prompts.

    cd models/training && python3 -m emoji.distilled_card
"""

import argparse
import json
from pathlib import Path

from .card import KINDS, ROWS, fill, save_sheet, share, table

MEASURES = (*(key for key, _ in ROWS), *(key for key, _ in KINDS))
HEAD = ["drawn with", "runs", "name first", "in five", "Fréchet distance", "colour", "held out", "count", "background", "relation", "held out"]


def row(name: str, runs: object, measured: dict) -> list:
    shares = {key: share(measured.get(key)) for key in MEASURES} | {"frechetDistance": f"{measured['frechetDistance']:.2f}"}
    return [name, runs, *(shares[key] for key in MEASURES)]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("../emoji-turbo"))
    parser.add_argument("--teacher", type=Path, default=Path("../emoji"))
    parser.add_argument("--grid", type=Path, default=Path("../../runs/emoji-eval/distilled-grid.bin"))
    options = parser.parse_args()
    if options.grid.exists():
        save_sheet(options.grid, options.model / "samples.png")
    read = lambda path: json.loads(path.read_text())
    metrics, teacher = read(options.model / "metrics.json"), read(options.teacher / "metrics.json")
    drawn = metrics["drawn"]
    rows = [row("this model", runs, drawn[runs]) for runs in ("1", "2", "4")]
    rows.append(row("the teacher, DDIM, guidance 4.5", "2 x 20", teacher["drawn"]["default"]))
    others = [row(name, 4, measured) for name, measured in drawn.items() if not name.isdigit()]
    files = read(options.model / "files.json")
    fill(Path(__file__).parent / "distilled_card.md", options.model / "README.md", {
        "rows": table(HEAD, rows), "prompts": f"{metrics['prompts']:,}",
        "others": "The first 400 of these prompts (a distance over fewer is larger):\n\n" + table(HEAD[:5], [each[:5] for each in others]),
        "seen": read(options.model / "training.json")["text"],
        "unet": f"{files['unet/model_quantized.onnx']['size']:,}", "int8": f"{files['unet/model_int8.onnx']['size']:,}",
    })


if __name__ == "__main__":
    main()
