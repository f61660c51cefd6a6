"""Writes models/fashion-mnist/README.md from metrics.json, the training log and the files' sizes.

    python3 models/training/model_card.py --model models/fashion-mnist
"""

import argparse
import json
from pathlib import Path

from torchvision.utils import make_grid, save_image

from evaluate import read_samples

CARD = """# Fashion-MNIST, class-conditional

Draws 28 x 28 grey pictures of ten kinds of clothes. The model that `<diffusion-sampler>` uses when it is
given none.

![Samples, four of each class](samples.png)

| | |
| --- | --- |
| Data | [Fashion-MNIST](https://github.com/zalandoresearch/fashion-mnist), 60,000 training pictures, Zalando SE, MIT licence |
| Licence of the weights | MIT |
| Network | U-Net on 4 x 14 x 14 after pixel-unshuffle, channels 64 and 112, self-attention at 7 x 7, AdaGN; 2,404,792 parameters |
| Inputs | `sample` [N, 1, 28, 28] in [-1, 1]; `timestep` [N], float, 0 to 999; `class_labels` [N], int64, 0 to 9, 10 for no class |
| Output | `out_sample` [N, 2, 28, 28]: v-prediction, then the learned variance's interpolation (`learned_range`) |
| Process | T = 1000, cosine schedule; L_simple on v, plus 0.001 L_vlb with the mean's gradient stopped; labels dropped at random, 10 % |
| Training | {training} |

## Files

| file | bytes | for |
| --- | --- | --- |
{files}

`files.json` has each file's size and SHA-256; what is downloaded is checked against it.

## Quality

The Fréchet distance is measured on the 128 features of the classifier in `models/training/classifier.py`
(test accuracy {accuracy}), against the 10,000 test pictures; lower is better. “As asked” is the share of
samples that the classifier calls the class they were drawn for. The int8 and fp32 rows are drawn by the shipped
ONNX files through this project's own pipeline, on WASM; UniPC with guidance is the default. As many *training*
pictures, the floor, stand below.

| sampler | steps | guidance | weights | samples | Fréchet distance | as asked | ms a picture |
| --- | --- | --- | --- | --- | --- | --- | --- |
{rows}

| floor: training pictures | Fréchet distance | as asked |
| --- | --- | --- |
{floors}

### Learned variance

DDPM on some of the timesteps, with the variance fixed small, fixed large, and as the network has learned it: the
variational bound of {bound_count} test pictures in bits per dimension, and {variance_count} samples (as many training pictures have
{variance_floor}). float32, in PyTorch, by `models/training/variance.py`.

{variance}

### Guidance

By the classifier of noised pictures in `classifier/` (277,098 weights; right on {accuracies} of the test pictures at timesteps
{timesteps}), and without one. DDIM, 20 steps, {guidance_count} samples, int8 on WASM.

{guidance}

At equal certainty the classifier costs less distance, and a small run in place of a second large one.

### Samplers

Every scheduler that draws from noise, 500 samples each, without guidance, int8 on WASM; the floor of 500
training pictures is {scheduler_floor}. The time is of one picture, in batches of 50.

| sampler | {scheduler_steps} |
| --- |{scheduler_rule}
{scheduler_rows}

The times were taken on one core of two while the machine did other work: `npm run bench` compares fairly.
Distances of different sample counts can't be compared with each other: a smaller sample measures larger.

DDIM takes the timesteps 999 (i / n)^1.5, i from n down to 1, which `model_index.json` asks for: denser towards
the end, where the details are made. It also asks for a contrast gain of 0.5: each of n steps takes 1 + 0.5 / n times
the predicted picture, which was chosen by the distance to 20,000 training pictures. Heun spaces its sigmas evenly in
log sigma. All others follow `scheduler/scheduler_config.json` as diffusers does.

## Inpainting

On 100 test pictures, ten of each class, with their true labels, without guidance, int8 on WASM: the mean absolute
error of the known part and of the part that was drawn, in grey levels of 255, and the share that the classifier
calls the true label; it calls {true_share} of the pictures themselves so. RePaint has 50 steps, jumps of 5 and
`eta` 1; masked DDIM has 20 steps. Beside them two fills that need no model: the mean training picture, and
Laplace's equation solved in the hole. More resamplings bring the drawn part nearer to what was there, on every mask, at
their price in model runs.

{inpainting}

## What it is not for

It has seen small centred pictures of clothes from one shop and nothing else. It draws no people, brands or
text, and its ten classes are the data set's.
"""


SCHEDULER_SAMPLES = 500


def scheduler_table(rows: list[dict]) -> tuple[list[int], list[str]]:
    """The numbers of steps, and a line for each scheduler, the best at most steps first."""
    steps = sorted({r["steps"] for r in rows})
    by_name: dict[str, dict[int, dict]] = {}
    for r in rows:
        by_name.setdefault(r["scheduler"], {})[r["steps"]] = r
    complete = [name for name in by_name if len(by_name[name]) == len(steps)]
    complete.sort(key=lambda name: by_name[name][steps[-1]]["frechetDistance"])
    best = {s: min(by_name[name][s]["frechetDistance"] for name in complete) for s in steps}

    def cell(r: dict) -> str:
        distance = f"{r['frechetDistance']:.2f}"
        marked = f"**{distance}**" if r["frechetDistance"] == best[r["steps"]] else distance
        return f"{marked} ({r['millisecondsPerPicture']:.0f} ms)"

    return steps, [row([f"`{name}`", *(cell(by_name[name][s]) for s in steps)]) for name in complete]


METHODS = {
    "repaint-50-1": "RePaint, 1 resampling",
    "repaint-50-3": "RePaint, 3 resamplings",
    "repaint-50-10": "RePaint, 10 resamplings",
    "ddim-20-1": "masked DDIM, 1 resampling",
    "ddim-20-2": "masked DDIM, 2 resamplings",
    "mean picture": "mean picture",
    "diffusion fill": "Laplace fill",
}


def inpainting_table(rows: list[dict]) -> str:
    """A line for each mask and method."""
    lines = [
        "| mask | method | model runs | known | drawn | as labelled |",
        "| --- | --- | --- | --- | --- | --- |",
    ]
    for mask in dict.fromkeys(r["mask"] for r in rows):
        by_method = {r["method"]: r for r in rows if r["mask"] == mask}
        for method, name in METHODS.items():
            if r := by_method.get(method):
                known = f"{r['known']:.0f}" if r["known"] == 0 else f"{r['known']:.3f}"
                lines.append(row([
                    f"`{mask}`", name, r["runs"], known, f"{r['unknown']:.1f}", f"{r['asLabelled']:.2f}",
                ]))
    return "\n".join(lines)


def variance_fields(measured: dict) -> dict:
    lines = ["| steps | variance | bits per dimension | Fréchet distance | as asked |", "| --- | --- | --- | --- | --- |"]
    lines += [row([
        r["steps"], f"`{r['variance']}`", f"{r['bitsPerDimension']:.2f}", f"{r['frechetDistance']:.2f}",
        f"{r['classifiedAsAsked']:.3f}",
    ]) for r in measured["rows"]]
    floor = measured["floor"]
    return {
        "variance": "\n".join(lines), "bound_count": measured["boundCount"], "variance_count": floor["count"],
        "variance_floor": f"{floor['frechetDistance']:.2f}",
    }


def guidance_fields(measured: dict, accuracies: dict) -> dict:
    lines = ["| guidance | scale | Fréchet distance | as asked |", "| --- | --- | --- | --- |"]
    rows = sorted(measured["rows"], key=lambda r: (r.get("classifierScale", 0), r["guidanceScale"]))
    for r in rows:
        by_classifier = r.get("classifierScale", 0)
        kind = "by classifier" if by_classifier else "none" if r["guidanceScale"] == 1 else "classifier-free"
        lines.append(row([
            kind, by_classifier or r["guidanceScale"], f"{r['frechetDistance']:.2f}", f"{r['classifiedAsAsked']:.3f}",
        ]))
    return {
        "guidance": "\n".join(lines), "guidance_count": rows[0]["count"],
        "accuracies": ", ".join(f"{share:.2f}" for share in accuracies.values()), "timesteps": ", ".join(accuracies),
    }


def row(values: list) -> str:
    return "| " + " | ".join(map(str, values)) + " |"


def save_samples(path: Path, out: Path) -> None:
    """The first forty samples, a class in each column, every pixel three times enlarged."""
    grid = make_grid((read_samples(path)[:40] + 1) / 2, nrow=10, padding=0)
    save_image(grid.repeat_interleave(3, 1).repeat_interleave(3, 2), out)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("models/fashion-mnist"))
    parser.add_argument("--samples", type=Path, help="a file of sample.mjs, to make samples.png from")
    options = parser.parse_args()
    if options.samples:
        save_samples(options.samples, options.model / "samples.png")
    metrics = json.loads((options.model / "metrics.json").read_text())
    last = json.loads((options.model / "loss.json").read_text())[-1]
    uses = {"model.onnx": "reference, float32", "model_quantized.onnx": "WebGPU: int8 weights (`q8`)",
            "model_int8.onnx": "WASM: int8 weights and activations (`int8`)"}
    compared = [
        r for r in metrics["rows"]
        if r["count"] == SCHEDULER_SAMPLES and r["dtype"] == "int8" and r["guidanceScale"] == 1
    ]
    steps, scheduler_rows = scheduler_table(compared)
    inpainting = json.loads((options.model / "inpainting.json").read_text())
    floor = next(f for f in metrics["floors"] if f["count"] == SCHEDULER_SAMPLES)
    sizes = {name: (options.model / "unet" / name).stat().st_size for name in uses}
    variance = json.loads((options.model / "variance.json").read_text())
    guidance = json.loads((options.model / "guidance.json").read_text())
    accuracies = json.loads((options.model / "classifier" / "config.json").read_text())["accuracy"]
    (options.model / "README.md").write_text(CARD.format(
        **variance_fields(variance), **guidance_fields(guidance, accuracies),
        training=f"{last['images']:,} pictures ({last['iteration']:,} steps of 64), {last['minutes']:.0f} minutes "
        "on two shared CPU cores, bfloat16; Muon and AdamW, EMA 0.999; loss log in `loss.json`",
        files="\n".join(row([f"`unet/{n}`", f"{s:,}", uses[n]]) for n, s in sizes.items()),
        accuracy=metrics["classifierAccuracy"]["test"],
        rows="\n".join(row([
            r["scheduler"].upper(), r["steps"], r["guidanceScale"], r["dtype"], f"{r['count']:,}",
            f"{r['frechetDistance']:.3f}", f"{r['classifiedAsAsked']:.3f}", r.get("millisecondsPerPicture", ""),
        ]) for r in metrics["rows"] if r not in compared),
        true_share=f"{inpainting['trueShare']:.2f}",
        inpainting=inpainting_table(inpainting["rows"]),
        scheduler_floor=f"{floor['frechetDistance']:.3f}",
        scheduler_steps=" | ".join(f"{s} steps" for s in steps),
        scheduler_rule=" --- |" * len(steps),
        scheduler_rows="\n".join(scheduler_rows),
        floors="\n".join(row([
            f"{f['count']:,}", f"{f['frechetDistance']:.3f}", f"{f['classifiedAsAsked']:.3f}",
        ]) for f in metrics["floors"]),
    ))


if __name__ == "__main__":
    main()
