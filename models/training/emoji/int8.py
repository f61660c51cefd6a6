"""Writes unet/model_int8.onnx, for WASM: the convolutions' activations as uint8, too, with ranges calibrated on the network's
own sampling (QLinearConv after fusion).

    cd models/training && python3 -m emoji.int8 --denoiser ../../runs/emoji-denoiser/denoiser.pt

Layers at the ends of the network, which carry the latents themselves, keep float activations.
"""

import argparse
import json
from functools import partial
from pathlib import Path

import onnx
import torch

import quantize as base
from diffusion import Diffusion
from export import export_graph
from .denoiser import Denoiser, DenoiserConfig
from .export import load_model, quantize
from .scenes import Scenes
from .pictures import Pictures
from .tokenizer import Tokenizer
from .train_denoiser import zero_snr

GUIDANCE = 4.5
FLOAT_LAYERS = ("conv_in", "conv_out", "up_high.2.conv1", "up_high.2.conv2", "up_high.2.shortcut", "down_high.0.conv1")


@torch.no_grad()
def calibrate(text: torch.nn.Module, unet: Denoiser, ids: torch.Tensor, none: torch.Tensor, steps: int = 20) -> dict:
    """Quantizations of each convolution's input and output, on guided DDIM trajectories."""
    ranges: dict = {}
    hooks = []
    for name, module in unet.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            pair = ranges[name] = (base.Ranges(), base.Ranges())
            hooks.append(module.register_forward_hook(partial(base.observe, pair)))
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
    for hook in hooks:
        hook.remove()
    return {name: (a.quantization(), b.quantization()) for name, (a, b) in ranges.items() if name not in FLOAT_LAYERS}


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
    tokenizer, scenes = Tokenizer(options.out / "tokenizer"), Scenes(Pictures(options.data), seed=3)
    ids = torch.tensor([tokenizer.encode(scenes.sample().caption) for _ in range(48)])
    ranges = calibrate(text, unet, ids, torch.tensor([tokenizer.encode("")]))
    unet.with_maps = True
    config = unet.config
    inputs = {
        "sample": torch.randn(2, config.in_channels, config.sample_size, config.sample_size),
        "timestep": torch.tensor([999.0, 0.0]),
        "encoder_hidden_states": torch.randn(2, config.text_length, config.text_width),
    }
    path = options.out / "unet" / "model.onnx"
    graph = export_graph(unet, inputs, ["out_sample", "attention"], path)
    path.unlink()
    graph = quantize(base.Quantizer(graph).run(ranges))
    onnx.save(base.compact(graph), str(path.with_name("model_int8.onnx")))
    base.write_files_json(options.out)
    print(f"{path.with_name('model_int8.onnx').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
