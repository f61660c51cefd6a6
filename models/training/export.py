"""Writes a trained U-Net as a model folder in diffusers' layout: float32 ONNX and the JSON files.

    python3 models/training/export.py --weights runs/fashion-mnist/ema.pt --out models/fashion-mnist

Opset 17 with GroupNorm as InstanceNormalization, x * Sigmoid(x) and attention as MatMul and Softmax:
the forms that stay on onnxruntime-web's WebGPU provider. Only the batch is dynamic.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import numpy_helper

from dataset import CLASS_NAMES
from unet import UNet, UNetConfig


def load_unet(path: Path) -> UNet:
    """The network of a training run's ema.pt, or of an exported model.onnx with its config beside it."""
    if path.suffix == ".onnx":
        config = json.loads(path.with_name("config.json").read_text())
        model = UNet(UNetConfig(
            channels=tuple(config["block_out_channels"]),
            layers_per_block=config["layers_per_block"],
            patch_size=config["patch_size"],
        ))
        tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}
        weights = {
            name: torch.from_numpy(tensors[name].copy()).view_as(parameter)
            for name, parameter in model.named_parameters()
        }
    else:
        state = torch.load(path, map_location="cpu")
        model, weights = UNet(UNetConfig(**state["config"])), state["weights"]
    model.load_state_dict(weights)
    return model.eval()


def name_weights(graph: onnx.GraphProto, model: torch.nn.Module) -> None:
    """Gives parameters that the exporter reshaped, transposed and renamed their own names back; transposed ones
    end in `.T`."""
    parameters = dict(model.named_parameters())
    known = {tensor.name for tensor in graph.initializer}
    missing = {name: p.detach().numpy() for name, p in parameters.items() if name not in known}
    for tensor in graph.initializer:
        if tensor.name in parameters:
            continue
        values = numpy_helper.to_array(tensor)
        name = next((n for n, v in missing.items() if is_same(v, values)), None)
        if name is None:
            continue
        is_transposed = not np.array_equal(missing.pop(name).ravel(), values.ravel())
        new = f"{name}.T" if is_transposed else name
        for node in graph.node:
            node.input[:] = [new if i == tensor.name else i for i in node.input]
        tensor.name = new
    if missing:
        raise RuntimeError(f"the exported graph has no {', '.join(missing)}")


def is_same(parameter: np.ndarray, values: np.ndarray) -> bool:
    """As they are in memory, or transposed."""
    if parameter.size != values.size:
        return False
    return np.array_equal(parameter.ravel(), values.ravel()) or (
        parameter.ndim == 2 and np.array_equal(parameter.T, values)
    )


def write_json(path: Path, value: object) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def export_graph(model: torch.nn.Module, inputs: dict, outputs: list, path: Path) -> onnx.ModelProto:
    """The network's graph, its parameters under their own names; the first axis of all inputs and outputs is dynamic."""
    path.parent.mkdir(parents=True, exist_ok=True)
    torch.onnx.export(
        model, tuple(inputs.values()), str(path), opset_version=17, input_names=list(inputs), output_names=outputs,
        dynamic_axes={name: {0: "batch"} for name in [*inputs, *outputs]},
    )
    graph = onnx.load(str(path))
    graph.producer_name, graph.doc_string = "diffusion-elements", ""
    for node in graph.graph.node:
        node.doc_string = ""
    name_weights(graph.graph, model)
    onnx.checker.check_model(graph)
    onnx.save(graph, str(path))
    return graph


def export_unet(model: UNet, path: Path) -> None:
    config = model.config
    inputs = {
        "sample": torch.randn(2, config.in_channels, config.sample_size, config.sample_size),
        "timestep": torch.tensor([999.0, 0.0]),
        "class_labels": torch.tensor([0, config.num_classes]),
    }
    export_graph(model, inputs, ["out_sample"], path)


DEFAULTS = {
    "scheduler": "unipc",
    "steps": 10,
    "guidance_scale": 1.5,
    # Sigma is 20,291 at timestep 999: evenly spaced timesteps make a first step too long for two slopes.
    # DDIM's last steps matter most: evenly spaced, 20 of them end with a jump from timestep 49. The gain
    # was chosen by the distance to training pictures, at 10 and 20 steps.
    "scheduler_configs": {
        "HeunDiscreteScheduler": {"use_exponential_sigmas": True},
        "DDIMScheduler": {"timestep_spacing": "power", "timestep_power": 1.5, "contrast_gain": 0.5},
    },
}
FEW_STEPS_DEFAULTS = {
    "scheduler": "lcm",
    "steps": 4,
    "guidance_scale": 1,
    "few_steps": {"most": 4, "schedulers": ["lcm"]},
}


def write_configs(model: UNet, out: Path, distilled: bool) -> None:
    config = model.config
    write_json(out / "unet" / "config.json", {
        "_class_name": "UNet2DModel",
        "sample_size": config.sample_size,
        "in_channels": config.in_channels,
        "out_channels": 2 * config.in_channels,
        "num_class_embeds": config.num_classes + 1,
        "block_out_channels": list(config.channels),
        "layers_per_block": config.layers_per_block,
        "patch_size": config.patch_size,
    })
    scheduler = "LCMScheduler" if distilled else "DDIMScheduler"
    write_json(out / "scheduler" / "scheduler_config.json", {
        "_class_name": scheduler,
        "num_train_timesteps": 1000,
        "beta_schedule": "squaredcos_cap_v2",
        "prediction_type": "v_prediction",
        "timestep_spacing": "trailing",
        "clip_sample": True,
        **({"original_inference_steps": 50} if distilled else {
            "variance_type": "learned_range",
            "skip_prk_steps": True,
        }),
    })
    write_json(out / "model_index.json", {
        "_class_name": "DiffusionPipeline",
        "scheduler": ["diffusers", scheduler],
        "unet": ["diffusers", "UNet2DModel"],
        **({} if distilled else {"classifier": ["diffusion-elements", "NoisyClassifier"]}),
        "id2label": {str(i): name for i, name in enumerate(CLASS_NAMES)},
        "defaults": FEW_STEPS_DEFAULTS if distilled else DEFAULTS,
    })


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/fashion-mnist"))
    parser.add_argument("--distilled", action="store_true", help="a model made for one to four steps")
    options = parser.parse_args()
    model = load_unet(options.weights)
    export_unet(model, options.out / "unet" / "model.onnx")
    write_configs(model, options.out, options.distilled)


if __name__ == "__main__":
    main()
