"""Writes the trained emoji model as a folder in diffusers' layout: ONNX parts with 8-bit weights, and the JSON files.

    cd models/training && python3 -m emoji.export --autoencoder ../../runs/emoji-autoencoder/autoencoder.pt \
        --denoiser ../../runs/emoji-denoiser/denoiser.pt --out ../emoji

Every part is `model_quantized.onnx`: weights as int8 with a scale for each output channel, behind DequantizeLinear;
`--float32` writes `model.onnx` too. `load_part` reads either back, so that training goes on from what the repository
holds (`train_denoiser.py --init ../emoji`).
"""

import argparse
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper

from export import export_graph, write_json
from quantize import SMALLEST, quantize_weight, write_files_json
from .autoencoder import Autoencoder, AutoencoderConfig
from .denoiser import Denoiser, DenoiserConfig
from .pictures import Pictures
from .scenes import Scenes
from .text_encoder import TextConfig, TextEncoder

# What the page's dice shows: things that it draws well, and combinations that nobody has drawn.
SUGGESTIONS = (
    "a rose on a yellow background", "a hamburger", "two pigs", "a red heart on a yellow background",
    "three strawberries", "a green frog", "a red mushroom", "a cat face on a pink background", "a black cat",
    "a blue butterfly", "a green heart on a black background", "a house", "a purple elephant",
    "four bananas on a blue background", "a laughing face", "a penguin", "a yellow car on a blue background",
    "a sunflower", "a red apple above a banana", "an owl", "two cats", "a blue apple",
    "a pig face on a cyan background", "🍔",
)


def quantize(model: onnx.ModelProto) -> onnx.ModelProto:
    """Large weights of convolutions, matrix products and embeddings as int8, a scale for each output channel."""
    graph = model.graph
    tensors = {tensor.name: tensor for tensor in graph.initializer}
    place = {"Conv": (1, 0), "Gemm": (1, 0), "MatMul": (1, 1), "Gather": (0, 0)}
    nodes = []
    for node in graph.node:
        index, axis = place.get(node.op_type, (None, None))
        tensor = tensors.get(node.input[index]) if index is not None else None
        if tensor is not None and np.prod(tensor.dims) > SMALLEST:
            name, value = tensor.name, numpy_helper.to_array(tensor)
            quantized, scale = quantize_weight(value if axis == 0 else value.T)
            graph.initializer.remove(tensor)
            graph.initializer.extend([
                numpy_helper.from_array(np.ascontiguousarray(quantized if axis == 0 else quantized.T), name + "_q"),
                numpy_helper.from_array(scale, name + "_scale"),
                numpy_helper.from_array(np.zeros(len(scale), np.int8), name + "_zero"),
            ])
            parts = [name + "_q", name + "_scale", name + "_zero"]
            nodes.append(helper.make_node("DequantizeLinear", parts, [name + "_dq"], axis=axis))
            node.input[index] = name + "_dq"
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def example_inputs(config: DenoiserConfig) -> dict:
    """What the denoiser is exported with."""
    return {
        "sample": torch.randn(2, config.in_channels, config.sample_size, config.sample_size),
        "timestep": torch.tensor([999.0, 0.0]),
        "encoder_hidden_states": torch.randn(2, config.text_length, config.text_width),
    }


def load_part(model: torch.nn.Module, path: Path) -> torch.nn.Module:
    """The network with the weights of an exported part, of `model.onnx` or `model_quantized.onnx`."""
    tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}

    def read(name: str) -> np.ndarray:
        if name in tensors:
            return tensors[name]
        if name + ".T" in tensors:
            return tensors[name + ".T"].T
        base, axis = (name + ".T", 1) if name + ".T_q" in tensors else (name, 0)
        quantized, scale = tensors[base + "_q"].astype(np.float32), tensors[base + "_scale"]
        shape = [1] * quantized.ndim
        shape[axis] = -1
        value = quantized * scale.reshape(shape)
        return value.T if axis == 1 else value

    weights = {
        name: torch.from_numpy(np.ascontiguousarray(read(name))).view_as(parameter)
        for name, parameter in model.named_parameters()
    }
    model.load_state_dict(weights)
    return model


def load_model(path: Path) -> tuple:
    """Text encoder and denoiser of a training run's denoiser.pt, and what else it says."""
    state = torch.load(path, map_location="cpu")
    text, unet = TextEncoder(TextConfig(**state["text_config"])), Denoiser(DenoiserConfig(**state["unet_config"]))
    for prefix, part in (("text_encoder.", text), ("unet.", unet)):
        part.load_state_dict({k[len(prefix):]: v for k, v in state["weights"].items() if k.startswith(prefix)})
    return text.eval(), unet.eval(), state


def load_autoencoder(path: Path) -> Autoencoder:
    """Of a training run's autoencoder.pt, or of an exported folder."""
    if path.is_dir():
        autoencoder = Autoencoder()
        load_part(autoencoder.encoder, path / "vae_encoder" / "model_quantized.onnx")
        load_part(autoencoder.decoder, path / "vae_decoder" / "model_quantized.onnx")
        return autoencoder
    state = torch.load(path, map_location="cpu")
    autoencoder = Autoencoder(AutoencoderConfig(**state["config"]))
    autoencoder.load_state_dict(state["weights"])
    return autoencoder


@torch.no_grad()
def rgb_factors(autoencoder: Autoencoder, scenes: Scenes, scale: float, count: int = 300) -> list:
    """The linear map from latents to red, green and blue in -1..1 that fits scenes best: for previews while drawing."""
    pictures = torch.from_numpy(np.stack([scenes.sample().picture for _ in range(count)])).permute(0, 3, 1, 2) * 2 - 1
    latents = autoencoder.encode(pictures.contiguous())[0] * scale
    colours = torch.nn.functional.adaptive_avg_pool2d(pictures, latents.shape[-1])
    rows = torch.cat([latents, torch.ones_like(latents[:, :1])], 1).transpose(0, 1).flatten(1)
    factors = torch.linalg.lstsq(rows.T, colours.transpose(0, 1).flatten(1).T).solution.T
    return [[round(float(weight), 4) for weight in row] for row in factors]


def write_configs(out: Path, autoencoder: AutoencoderConfig, text: TextConfig, unet: DenoiserConfig, factor: float,
                  factors: list, seen: int) -> None:
    write_json(out / "model_index.json", {
        "_class_name": "StableDiffusionPipeline",
        "scheduler": ["diffusers", "DDIMScheduler"],
        "text_encoder": ["transformers", "CLIPTextModel"],
        "tokenizer": ["transformers", "PreTrainedTokenizerFast"],
        "unet": ["diffusers", "UNet2DConditionModel"],
        "vae": ["diffusers", "AutoencoderKL"],
        "defaults": {
            "steps": 20,
            "guidance_scale": 4.5,
            "overlay": True,
            "prompts": {"suggestions": list(SUGGESTIONS), "styles": ["3d", "flat", "cartoon", "noto style"]},
            "latent_rgb_factors": factors,
        },
        "pictures_seen": seen,
    })
    write_json(out / "scheduler" / "scheduler_config.json", {
        "_class_name": "DDIMScheduler",
        "num_train_timesteps": 1000,
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
        "rescale_betas_zero_snr": True,
        "clip_sample": False,
        "set_alpha_to_one": True,
    })
    write_json(out / "unet" / "config.json", {
        "_class_name": "UNet2DConditionModel",
        "sample_size": unet.sample_size,
        "in_channels": unet.in_channels,
        "out_channels": unet.in_channels,
        "cross_attention_dim": unet.text_width,
        "block_out_channels": list(unet.channels),
        "layers_per_block": unet.layers_per_block,
        "attention_output": True,
    })
    # diffusers counts a factor of 2 for every block but the first; ours begins with a pixel-unshuffle.
    vae = {
        "_class_name": "AutoencoderKL",
        "latent_channels": autoencoder.latent_channels,
        "sample_size": autoencoder.sample_size,
        "in_channels": 3,
        "out_channels": 3,
        "block_out_channels": [12, *autoencoder.channels],
        "scaling_factor": factor,
    }
    write_json(out / "vae_encoder" / "config.json", vae)
    write_json(out / "vae_decoder" / "config.json", vae)
    write_json(out / "text_encoder" / "config.json", {
        "architectures": ["CLIPTextModel"],
        "hidden_size": text.width,
        "num_hidden_layers": text.layers,
        "num_attention_heads": text.heads,
        "vocab_size": text.vocab_size,
        "max_position_embeddings": text.length,
        "pad_token_id": text.pad_id,
    })


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--autoencoder", type=Path, default=Path("../../runs/emoji-autoencoder/autoencoder.pt"))
    parser.add_argument("--denoiser", type=Path, default=Path("../../runs/emoji-denoiser/denoiser.pt"))
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--out", type=Path, default=Path("../emoji"))
    parser.add_argument("--float32", action="store_true")
    options = parser.parse_args()

    autoencoder = load_autoencoder(options.autoencoder)
    text, unet, state = load_model(options.denoiser)
    unet.with_maps = True
    config, size = autoencoder.config, unet.config.sample_size
    latents = torch.randn(2, config.latent_channels, size, size)
    ids = torch.ones(2, text.config.length, dtype=torch.int64)
    parts = {
        "vae_encoder": (autoencoder.encoder, {"sample": torch.randn(2, 3, 64, 64)}, ["latent_parameters"]),
        "vae_decoder": (autoencoder.decoder, {"latent_sample": latents}, ["sample"]),
        "text_encoder": (text, {"input_ids": ids}, ["last_hidden_state"]),
        "unet": (unet, example_inputs(unet.config), ["out_sample", "attention"]),
    }
    total = 0
    for name, (model, inputs, outputs) in parts.items():
        path = options.out / name / "model.onnx"
        graph = export_graph(model.eval(), inputs, outputs, path)
        if not options.float32:
            path.unlink()
        quantized = path.with_name("model_quantized.onnx")
        onnx.save(quantize(graph), str(quantized))
        total += quantized.stat().st_size
        print(f"{name}: {quantized.stat().st_size:,} bytes", flush=True)
    scale = state["scaling_factor"]
    factors = rgb_factors(autoencoder, Scenes(Pictures(options.data)), scale)
    write_configs(options.out, config, text.config, unet.config, scale, factors, state["seen"])
    write_files_json(options.out)
    print(f"together {total:,} bytes after {state['seen']:,} pictures")


if __name__ == "__main__":
    main()
