"""Quantizes an exported U-Net twice and writes files.json.

    python3 models/training/quantize.py --weights runs/fashion-mnist/ema.pt --out models/fashion-mnist

model_quantized.onnx: weights as int8 with a scale for each output channel, behind DequantizeLinear;
for WebGPU. model_int8.onnx: activations too, as uint8 with ranges calibrated on the network's own
sampling (QLinearConv after fusion); for WASM. The layers in FLOAT_LAYERS keep float activations: at low noise
they carry the picture itself, and cause 95 % of the error that quantizing all of them makes.
"""

import argparse
import hashlib
import json
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper

from diffusion import FEW_TIMESTEPS, Diffusion
from export import load_unet, write_json
from unet import UNet

SMALLEST = 1024  # elements; smaller tensors stay float32
FLOAT_LAYERS = (
    "conv_in",
    "down_high.0.conv1",
    "up_high.1.shortcut",
    "up_high.2.shortcut",
    "up_high.2.conv1",
    "up_high.2.conv2",
    "conv_out",
)
SAMPLES_PER_CALL = 4096


class Ranges:
    """Random values of a tensor from many calls, and the range that quantizes them best."""

    def __init__(self) -> None:
        self.values: list[np.ndarray] = []

    def add(self, tensor: torch.Tensor) -> None:
        flat = tensor.detach().float().flatten()
        chosen = flat[torch.randint(len(flat), (SAMPLES_PER_CALL,))]
        self.values.append(torch.cat([chosen, flat.min().view(1), flat.max().view(1)]).numpy())

    def quantization(self) -> tuple[float, int]:
        """Scale and zero point of uint8 with the least squared error, the range holding zero."""
        values = np.concatenate(self.values)
        low, high = min(values.min(), 0.0), max(values.max(), 0.0)
        best = (np.inf, 1.0, 0)
        for shrink in np.linspace(0.3, 1.0, 36):
            scale = max((high - low) * shrink / 255, 1e-8)
            zero = int(np.clip(np.round(-low * shrink / scale), 0, 255))
            rounded = (np.clip(np.round(values / scale) + zero, 0, 255) - zero) * scale
            error = float(np.square(rounded - values).mean())
            if error < best[0]:
                best = (error, float(scale), zero)
        return best[1], best[2]


def observe(pair: tuple[Ranges, Ranges], _, inputs: tuple, output: torch.Tensor) -> None:
    pair[0].add(inputs[0])
    pair[1].add(output)


@contextmanager
def observed(model: torch.nn.Module) -> Iterator[dict]:
    """While it lasts, the ranges of each convolution's input and output are noted; then the quantizations are there."""
    ranges: dict[str, tuple[Ranges, Ranges]] = {}
    hooks = []
    for name, module in model.named_modules():
        if isinstance(module, torch.nn.Conv2d):
            pair = ranges[name] = (Ranges(), Ranges())
            hooks.append(module.register_forward_hook(partial(observe, pair)))
    found: dict = {}
    yield found
    for hook in hooks:
        hook.remove()
    found.update({name: (a.quantization(), b.quantization()) for name, (a, b) in ranges.items()})


@torch.no_grad()
def calibrate(model: UNet, count: int = 50, steps: int = 20, distilled: bool = False) -> dict:
    """Quantizations of each convolution's input and output, on DDIM trajectories of all classes; of a distilled model on
    draws of one to four runs."""
    torch.manual_seed(0)
    labels = torch.arange(count) % (model.config.num_classes + 1)
    noise = torch.randn(count, model.config.in_channels, 28, 28)
    with observed(model) as ranges:
        if distilled:
            for stride in (1, 2, 4):
                Diffusion().few_steps(model, noise, labels, FEW_TIMESTEPS[::stride])
        else:
            Diffusion().ddim(model, noise, labels, steps)
    return ranges


def quantize_weight(weight: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Symmetric int8 with a scale for each index of the first axis."""
    peak = np.abs(weight.reshape(len(weight), -1)).max(axis=1)
    scale = np.maximum(peak / 127, 1e-12).astype(np.float32)
    shape = (-1,) + (1,) * (weight.ndim - 1)
    return np.clip(np.round(weight / scale.reshape(shape)), -127, 127).astype(np.int8), scale


class Quantizer:
    def __init__(self, model: onnx.ModelProto):
        self.model = model
        self.graph = model.graph
        self.initializers = {tensor.name: tensor for tensor in self.graph.initializer}
        self.nodes: list[onnx.NodeProto] = []

    def constant(self, name: str, value: np.ndarray) -> str:
        if name not in self.initializers:
            tensor = numpy_helper.from_array(value, name)
            self.initializers[name] = tensor
            self.graph.initializer.append(tensor)
        return name

    def remove(self, name: str) -> None:
        self.graph.initializer.remove(self.initializers.pop(name))

    def dequantize(self, name: str, scale: str, zero: str, output: str, **attributes) -> str:
        inputs = [name, scale, zero]
        self.nodes.append(helper.make_node("DequantizeLinear", inputs, [output], **attributes))
        return output

    def weight(self, name: str) -> tuple[str, np.ndarray]:
        """Replaces a float weight; returns the dequantized name and its scales."""
        value, scale = quantize_weight(numpy_helper.to_array(self.initializers[name]))
        self.remove(name)
        quantized = self.constant(name + "_q", value)
        scales = self.constant(name + "_scale", scale)
        zeros = self.constant(f"zeros_{len(scale)}", np.zeros(len(scale), np.int8))
        return self.dequantize(quantized, scales, zeros, name + "_dq", axis=0), scale

    def activation(self, name: str, quantization: tuple[float, int], label: str) -> str:
        """A QuantizeLinear and DequantizeLinear pair after `name`."""
        scale = self.constant(label + "_scale", np.array(quantization[0], np.float32))
        zero = self.constant(label + "_zero", np.array(quantization[1], np.uint8))
        node = helper.make_node("QuantizeLinear", [name, scale, zero], [label + "_q"])
        self.nodes.append(node)
        return self.dequantize(label + "_q", scale, zero, label + "_dq")

    def bias(self, name: str, input_scale: float, weight_scale: np.ndarray) -> str:
        scale = (input_scale * weight_scale).astype(np.float32)
        value = np.round(numpy_helper.to_array(self.initializers[name]) / scale).astype(np.int32)
        self.remove(name)
        quantized = self.constant(name + "_q", value)
        scales = self.constant(name + "_scale", scale)
        zeros = self.constant(f"zeros32_{len(scale)}", np.zeros(len(scale), np.int32))
        return self.dequantize(quantized, scales, zeros, name + "_dq", axis=0)

    def is_large_weight(self, node: onnx.NodeProto) -> bool:
        if node.op_type not in ("Conv", "Gemm") or node.input[1] not in self.initializers:
            return False
        if node.op_type == "Gemm" and not any(a.name == "transB" and a.i for a in node.attribute):
            return False
        return int(np.prod(self.initializers[node.input[1]].dims)) > SMALLEST

    def run(self, calibration: dict | None) -> onnx.ModelProto:
        for node in list(self.graph.node):
            if not self.is_large_weight(node):
                self.nodes.append(node)
                continue
            layer = node.input[1].removesuffix(".weight")
            ranges = (calibration or {}).get(layer)
            node.input[1], scale = self.weight(node.input[1])
            if ranges and layer not in FLOAT_LAYERS:
                node.input[0] = self.activation(node.input[0], ranges[0], layer + "_in")
                node.input[2] = self.bias(node.input[2], ranges[0][0], scale)
                output, node.output[0] = node.output[0], layer + "_float"
                self.nodes.append(node)
                self.activation(layer + "_float", ranges[1], layer + "_out")
                self.nodes[-1].output[0] = output
            else:
                self.nodes.append(node)
        del self.graph.node[:]
        self.graph.node.extend(self.nodes)
        onnx.checker.check_model(self.model)
        return self.model


def is_default(operator: str, attribute: onnx.AttributeProto) -> bool:
    value = helper.get_attribute_value(attribute)
    if operator == "Conv":
        ones = attribute.name in ("dilations", "strides") and set(value) == {1}
        return ones or attribute.name == "kernel_shape" or (attribute.name == "group" and value == 1)
    return operator == "Gemm" and attribute.name in ("alpha", "beta") and value == 1


def compact(model: onnx.ModelProto) -> onnx.ModelProto:
    """Shortens inner names, shares equal constants and drops default attributes: 4 % of such a file."""
    graph = model.graph
    names = {value.name: value.name for value in [*graph.input, *graph.output]}
    shared: dict[bytes, str] = {}

    def short(name: str) -> str:
        if name and name not in names:
            names[name] = np.base_repr(len(names), 36)
        return names.get(name, "")

    nodes = []
    for node in graph.node:
        node.name = ""
        for attribute in list(node.attribute):
            if is_default(node.op_type, attribute):
                node.attribute.remove(attribute)
        if node.op_type == "Constant":
            content = node.attribute[0].SerializeToString()
            if content in shared:
                names[node.output[0]] = shared[content]
                continue
            shared[content] = short(node.output[0])
        node.input[:] = [short(name) for name in node.input]
        node.output[:] = [short(name) for name in node.output]
        nodes.append(node)
    for tensor in graph.initializer:
        tensor.name = short(tensor.name)
    del graph.node[:], graph.value_info[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def write_files_json(folder: Path) -> None:
    """Size and SHA-256 of everything that a page may fetch; what else is known of a file stays while it does."""
    manifest = folder / "files.json"
    known = json.loads(manifest.read_text()) if manifest.exists() else {}
    files = sorted(
        path for pattern in ("*/*config.json", "*/tokenizer.json", "*/*.onnx")
        for path in folder.glob(pattern)
    )
    entries = {}
    for path in files:
        name, sha256 = path.relative_to(folder).as_posix(), hashlib.sha256(path.read_bytes()).hexdigest()
        old = known.get(name, {})
        entries[name] = {**(old if old.get("sha256") == sha256 else {}), "size": path.stat().st_size, "sha256": sha256}
    write_json(manifest, entries)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--weights", type=Path, required=True)
    parser.add_argument("--out", type=Path, default=Path("models/fashion-mnist"))
    parser.add_argument("--distilled", action="store_true", help="calibrate on draws of one to four runs")
    options = parser.parse_args()
    unet = options.out / "unet"
    for suffix, calibration in (("_quantized", None), ("_int8", calibrate(load_unet(options.weights), distilled=options.distilled))):
        quantized = Quantizer(onnx.load(str(unet / "model.onnx"))).run(calibration)
        onnx.save(compact(quantized), str(unet / f"model{suffix}.onnx"))
    write_files_json(options.out)
    for path in sorted(unet.glob("*.onnx")):
        print(f"{path.name} {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
