"""Writes unet/model_int8.onnx, for WASM: the convolutions' activations as uint8, too, with ranges calibrated on the network's
own sampling (QLinearConv after fusion).

    cd models/training && python3 -m emoji.int8 --denoiser ../../runs/emoji-denoiser/denoiser.pt

Layers at the ends of the network, which carry the latents themselves, keep float activations.
"""

import argparse
import json
from pathlib import Path

import onnx
import torch

import quantize as base
from diffusion import Diffusion
from export import export_graph
from .denoiser import Denoiser
from .export import example_inputs, load_model, quantize
from .pictures import Pictures
from .scenes import Scenes
from .tokenizer import Tokenizer
from .train_denoiser import zero_snr

GUIDANCE = 4.5
FLOAT_LAYERS = ("conv_in", "conv_out", "up_high.2.conv1", "up_high.2.conv2", "up_high.2.shortcut", "down_high.0.conv1")


@torch.no_grad()
def sample_guided(text: torch.nn.Module, unet: Denoiser, ids: torch.Tensor, none: torch.Tensor, steps: int = 20) -> None:
    """Guided DDIM, for what its runs show of the network."""
    torch.manual_seed(0)
    diffusion, stride = zero_snr(Diffusion()), 1000 // steps
    states = text(torch.cat([none.expand(len(ids), -1), ids]))
    x = torch.randn(len(ids), unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
    for t in range(999, -1, -stride):
        plain, wanted = unet(torch.cat([x, x]), torch.full((2 * len(x),), t), states).chunk(2)
        v = plain + GUIDANCE * (wanted - plain)
        alpha, earlier = diffusion.alphas_cumprod[t], diffusion.previous(t, stride)
        x0, noise = alpha.sqrt() * x - (1 - alpha).sqrt() * v, alpha.sqrt() * v + (1 - alpha).sqrt() * x
        x = (earlier.sqrt() * x0 + (1 - earlier).sqrt() * noise).float()


def captions(tokenizer: Tokenizer, data: Path, count: int = 48) -> torch.Tensor:
    scenes = Scenes(Pictures(data), seed=3)
    return torch.tensor([tokenizer.encode(scenes.sample().caption) for _ in range(count)])


def write_int8(unet: Denoiser, ranges: dict, out: Path) -> None:
    path = out / "unet" / "model.onnx"
    graph = export_graph(unet, example_inputs(unet.config), ["out_sample", "attention"], path)
    path.unlink()
    calibration = {name: pair for name, pair in ranges.items() if name not in FLOAT_LAYERS}
    graph = quantize(base.Quantizer(graph).run(calibration))
    onnx.save(base.compact(graph), str(path.with_name("model_int8.onnx")))
    base.write_files_json(out)
    print(f"{path.with_name('model_int8.onnx').stat().st_size:,} bytes")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--denoiser", type=Path, default=Path("../../runs/emoji-denoiser/denoiser.pt"))
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--out", type=Path, default=Path("../emoji"))
    options = parser.parse_args()
    text, unet, state = load_model(options.denoiser)
    exported = json.loads((options.out / "model_index.json").read_text())["pictures_seen"]
    if state["seen"] != exported:
        raise SystemExit(f"{options.denoiser} has seen {state['seen']:,} pictures, and {options.out} {exported:,}: give the one that was exported.")
    tokenizer = Tokenizer(options.out / "tokenizer")
    with base.observed(unet) as ranges:
        sample_guided(text, unet, captions(tokenizer, options.data), torch.tensor([tokenizer.encode("")]))
    unet.with_maps = True
    write_int8(unet, ranges, options.out)


if __name__ == "__main__":
    main()
