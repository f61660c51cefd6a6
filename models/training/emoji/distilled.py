"""Writes the distilled emoji model: a folder like its teacher's, with a denoiser of its own.

    cd models/training && python3 -m emoji.distilled --student ../../runs/emoji-turbo/last.pt

What reads words and decodes latents is the teacher's, file by file: the package carries it once.
"""

import argparse
import json
import shutil
from pathlib import Path

import onnx
import torch

from diffusion import Diffusion, FEW_TIMESTEPS
from export import FEW_STEPS_DEFAULTS, export_graph, write_json
from quantize import observed, write_files_json
from .denoiser import Denoiser, DenoiserConfig
from .export import example_inputs, load_part, quantize
from .int8 import captions, write_int8
from .text_encoder import TextConfig, TextEncoder
from .tokenizer import Tokenizer
from .train_denoiser import zero_snr

TAKEN_OVER = ("text_encoder", "tokenizer", "vae_decoder", "vae_encoder")


def write_configs(teacher: Path, out: Path, seen: int) -> None:
    index = json.loads((teacher / "model_index.json").read_text())
    write_json(out / "model_index.json", {
        **index,
        "scheduler": ["diffusers", "LCMScheduler"],
        # More runs draw no better by what measures it, see its card.
        "defaults": {**index["defaults"], **FEW_STEPS_DEFAULTS, "steps": 2},
        "pictures_seen": seen,
    })
    scheduler = json.loads((teacher / "scheduler" / "scheduler_config.json").read_text())
    write_json(out / "scheduler" / "scheduler_config.json", {
        **scheduler, "_class_name": "LCMScheduler", "original_inference_steps": 50,
    })
    (out / "unet").mkdir(parents=True, exist_ok=True)
    shutil.copy(teacher / "unet" / "config.json", out / "unet")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--student", type=Path, default=Path("../../runs/emoji-turbo/last.pt"))
    parser.add_argument("--teacher", type=Path, default=Path("../emoji"))
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--out", type=Path, default=Path("../emoji-turbo"))
    parser.add_argument("--float32", action="store_true", help="write unet/model.onnx too")
    options = parser.parse_args()

    state = torch.load(options.student, map_location="cpu")
    unet = Denoiser(DenoiserConfig(**state["config"])).eval()
    unet.load_state_dict(state["weights"])
    for part in TAKEN_OVER:
        shutil.copytree(options.teacher / part, options.out / part, dirs_exist_ok=True)
    write_configs(options.teacher, options.out, state["seen"])

    tokenizer = Tokenizer(options.teacher / "tokenizer")
    text = TextEncoder(TextConfig(vocab_size=tokenizer.size)).eval()
    load_part(text, options.teacher / "text_encoder" / "model_quantized.onnx")
    with torch.no_grad():
        states = text(captions(tokenizer, options.data))
    config = unet.config
    torch.manual_seed(0)
    noise = torch.randn(len(states), config.in_channels, config.sample_size, config.sample_size)
    with observed(unet) as ranges:
        for stride in (1, 2, 4):
            zero_snr(Diffusion()).few_steps(unet, noise, states, FEW_TIMESTEPS[::stride], bounded=False)
    unet.with_maps = True
    write_int8(unet, ranges, options.out)
    path = options.out / "unet" / "model.onnx"
    graph = export_graph(unet, example_inputs(unet.config), ["out_sample", "attention"], path)
    if not options.float32:
        path.unlink()
    onnx.save(quantize(graph), str(path.with_name("model_quantized.onnx")))
    write_files_json(options.out)


if __name__ == "__main__":
    main()
