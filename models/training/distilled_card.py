"""Writes the card of the distilled model from metrics.json and loss.json.

    python3 models/training/distilled_card.py --model models/fashion-mnist-turbo
"""

import argparse
import json
from pathlib import Path

CARD = """# Fashion-MNIST, distilled

Draws the ten kinds of clothes of [`fashion-mnist`](../fashion-mnist/README.md), its teacher, in one, two or four runs of the
network. What `<diffusion-sampler label="…">` draws with by default.

![Samples of four runs, four of each class](samples.png)

| | |
| --- | --- |
| Data | [Fashion-MNIST](https://github.com/zalandoresearch/fashion-mnist), 60,000 training pictures, Zalando SE, MIT licence |
| Licence of the weights | MIT |
| Network | that of `fashion-mnist`, 2,404,792 parameters; inputs and outputs are the same |
| Process | T = 1000, cosine schedule, v-prediction; x_0 at once at the timesteps 999, 759, 499, 259, with fresh noise between (LCM) |
| Training | {training} |

## Files

| file | bytes | for |
| --- | --- | --- |
{files}

`files.json` has each file's size and SHA-256; what is downloaded is checked against it. `unet/model.onnx`, float32, is in the
repository only.

## How it was made

`models/training/distil.py`: the student begins as the teacher. Small networks on the frozen teacher's features of noised pictures
tell drawn from real, class by class, and it learns to deceive them (Sauer et al. 2024, arXiv:2403.12015); beside that it is pulled
to where the teacher's own path ends (DDIM, 20 steps), from points along it, in pixels and in the teacher's features; some of the
paths begin at noised pictures of the student's own; and the classifier of noised pictures that comes with the teacher objects
where it takes a picture for another thing than was asked for, until it is 80 % sure (Odena et al. 2017, AC-GAN). Labels were
dropped at random, 10 %.

The checkpoint was chosen by the distance in the features of a second classifier, of another architecture and seed, to training
pictures; the first classifier, which measures below, had no part in training or choice. The one of noised pictures is a third.

## Quality

{count} samples with fixed seeds, drawn by the int8 files through this project’s own pipeline on WASM, against the 10,000 test pictures. *Distance*: Fréchet distance on 128 features of the classifier that measures; *second*: the same on those of the one that
chose. *As asked*: the share that the first classifier calls the class asked for. *Precision* and *recall*: the share of samples
that lie among real pictures, and of real pictures that lie among samples (Kynkäänniemi et al. 2019, k = 5).

| drawn with | runs | distance | of the teacher's 20 | second | as asked | precision | recall | of the teacher's 20 |
| --- | --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

```sh
node models/training/sample.mjs --model models/fashion-mnist-turbo --scheduler lcm --steps 1,2,4 --out runs/turbo-samples
node models/training/sample.mjs --steps 20 --out runs/turbo-samples
python3 models/training/evaluate_distilled.py --samples runs/turbo-samples
python3 models/training/distilled_card.py
```

Does it draw, or remember? Samples of four runs, and below each the training picture nearest to it by its pixels: they differ by
{nearest_mean} grey levels of 255 on the mean, by {nearest_least} at least.

![Samples above their nearest training pictures](nearest.png)

## What it is not for

More than four steps draw no better; guidance was not part of its training, and schedulers other than `lcm` are refused:
without fresh noise between the runs its pictures come out worse. For RePaint, trajectories and comparisons of samplers there is its teacher.
"""


def row(values: list) -> str:
    return "| " + " | ".join(map(str, values)) + " |"


def line(name: str, runs: object, r: dict, teacher: dict) -> str:
    return row([
        name, runs, f"{r['frechetDistance']:.3f}", f"{r['frechetDistance'] / teacher['frechetDistance']:.2f}",
        f"{r['choosingDistance']:.3f}", f"{r['classifiedAsAsked']:.3f}", f"{r['precision']:.3f}", f"{r['recall']:.3f}",
        f"{r['recall'] / teacher['recall']:.2f}",
    ])


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/fashion-mnist-turbo"))
    options = parser.parse_args()
    metrics = json.loads((options.model / "metrics.json").read_text())
    training = json.loads((options.model / "training.json").read_text())
    uses = {"model_quantized.onnx": "WebGPU: int8 weights (`q8`)",
            "model_int8.onnx": "WASM: int8 weights and activations (`int8`)"}
    drawn = sorted(metrics["rows"], key=lambda r: (r["scheduler"] != "lcm", r["steps"]))
    teacher = next(r for r in drawn if r["scheduler"] == "ddim" and r["steps"] == 20)
    names = {"lcm": "this model", "ddim": "the teacher, DDIM"}
    rows = [line(names[r["scheduler"]], r["steps"], r, teacher) for r in drawn]
    rows.append(line("as many training pictures", "", metrics["floor"], teacher))
    (options.model / "README.md").write_text(CARD.format(
        training=training["text"],
        files="\n".join(row([f"`unet/{n}`", f"{(options.model / 'unet' / n).stat().st_size:,}", u]) for n, u in uses.items()),
        rows="\n".join(rows), count=f"{teacher['count']:,}",
        nearest_mean=metrics["nearest"]["mean"], nearest_least=metrics["nearest"]["least"],
    ))


if __name__ == "__main__":
    main()
