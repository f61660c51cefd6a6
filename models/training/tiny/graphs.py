"""Exports of tiny modules to ONNX: small graphs, other precisions, weights in files of their own."""

import contextlib
import io
from pathlib import Path
from typing import Callable

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnx.external_data_helper import set_external_data

OPSET = 17


class Call(torch.nn.Module):
    """A module whose forward is any function of it, with inputs by position."""

    def __init__(self, module: torch.nn.Module, function: Callable):
        super().__init__()
        self.module, self.function = module, function

    def forward(self, *inputs):
        return self.function(self.module, *inputs)


def export(module: torch.nn.Module, function: Callable, inputs: dict, outputs: dict) -> onnx.ModelProto:
    """The graph of `function(module, *inputs)`. `inputs` holds name: (example, axes), `outputs` name: axes; axes is
    {position: name} of the dynamic ones."""
    buffer = io.BytesIO()
    axes = {name: named for name, (_, named) in inputs.items()} | outputs
    with plain_products():
        torch.onnx.export(
            Call(module.eval(), function),
            tuple(example for example, _ in inputs.values()),
            buffer,
            opset_version=OPSET,
            input_names=list(inputs),
            output_names=list(outputs),
            dynamic_axes={name: named for name, named in axes.items() if named},
        )
    model = shrink(onnx.load_from_string(buffer.getvalue()))
    kept = {value.name for value in model.graph.input}
    if kept != set(inputs):
        raise RuntimeError(f"the graph does not use {set(inputs) - kept}")
    onnx.checker.check_model(model)
    return model


@contextlib.contextmanager
def plain_products():
    """diffusers' attention adds nothing to its products, in the form of uninitialised memory times 0. In a graph that
    memory would be a large constant."""
    original = torch.baddbmm

    def product(added, first, second, beta=1, alpha=1):
        return original(added, first, second, beta=beta, alpha=alpha) if beta else alpha * torch.bmm(first, second)

    torch.baddbmm = product
    try:
        yield
    finally:
        torch.baddbmm = original


# --- Smaller graphs ------------------------------------------------------------------------------------------------


def shrink(model: onnx.ModelProto) -> onnx.ModelProto:
    """The same graph with short names and every computation once. What the exporter adds for each use (shapes,
    constants) is several times the size of tiny weights."""
    graph = model.graph
    fixed = {value.name for value in [*graph.input, *graph.output]} | {tensor.name for tensor in graph.initializer}
    names, computed, kept = {name: name for name in fixed}, {}, []
    names[""] = ""
    for node in graph.node:
        node.name, node.doc_string = "", ""
        node.input[:] = [names[name] for name in node.input]
        attributes = sorted(attribute.SerializeToString() for attribute in node.attribute)
        key = (node.op_type, *node.input, *attributes)
        if key in computed and not any(name in fixed for name in node.output):
            names.update(zip(node.output, computed[key]))
            continue
        for name in node.output:
            names.setdefault(name, f"v{len(names)}")
        node.output[:] = [names[name] for name in node.output]
        computed[key] = list(node.output)
        kept.append(node)
    del graph.node[:]
    graph.node.extend(kept)
    del graph.value_info[:]
    rename_initializers(graph)
    return model


def rename_initializers(graph: onnx.GraphProto) -> None:
    """Drops the wrapper's prefix."""
    new = {tensor.name: tensor.name.removeprefix("module.") for tensor in graph.initializer}
    for tensor in graph.initializer:
        tensor.name = new[tensor.name]
    for node in graph.node:
        node.input[:] = [new.get(name, name) for name in node.input]


# --- Half precision ------------------------------------------------------------------------------------------------


def to_half(model: onnx.ModelProto) -> onnx.ModelProto:
    """A copy with float16 weights, inputs and outputs. As in a network exported in half precision, the sines of the
    timestep stay in float32, and so do the scales of Resize."""
    half = onnx.ModelProto()
    half.CopyFrom(model)
    graph = half.graph
    kept = float32_tensors(graph)
    for value in [*graph.input, *graph.output]:
        if value.type.tensor_type.elem_type == TensorProto.FLOAT:
            value.type.tensor_type.elem_type = TensorProto.FLOAT16
    for tensor in graph.initializer:
        if tensor.data_type == TensorProto.FLOAT and tensor.name not in kept:
            tensor.CopyFrom(halved(tensor))
    nodes, cast = [], {}
    for node in graph.node:
        if not set(node.output) & kept:
            halve_attributes(node)
            for index, name in enumerate(node.input):
                if name in kept and name not in cast and not is_scales(node, index):
                    cast[name] = f"{name}_half"
                    nodes.append(helper.make_node("Cast", [name], [cast[name]], to=TensorProto.FLOAT16))
                if name in kept and not is_scales(node, index):
                    node.input[index] = cast[name]
        nodes.append(node)
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(half)
    return half


def is_scales(node: onnx.NodeProto, index: int) -> bool:
    return node.op_type == "Resize" and index == 2


def float32_tensors(graph: onnx.GraphProto) -> set:
    """What follows from the timestep (and constants) alone, up to the first product with weights; scales of Resize."""
    constants = {tensor.name for tensor in graph.initializer if tensor.data_type == TensorProto.FLOAT}
    constants |= {node.output[0] for node in graph.node if is_float_constant(node)}
    kept = {node.input[2] for node in graph.node if node.op_type == "Resize"}
    early, floats = {"timestep"}, set()
    for node in graph.node:
        if node.op_type in ("Gemm", "MatMul", "Shape") or not set(node.input) & early:
            continue
        early.update(node.output)
        if node.op_type == "Cast" or set(node.input) & floats:
            floats.update(node.output)
            kept.update(constants.intersection(node.input))
    return kept | floats


def is_float_constant(node: onnx.NodeProto) -> bool:
    return node.op_type == "Constant" and any(a.t.data_type == TensorProto.FLOAT for a in node.attribute)


def halve_attributes(node: onnx.NodeProto) -> None:
    for attribute in node.attribute:
        if node.op_type == "Cast" and attribute.name == "to" and attribute.i == TensorProto.FLOAT:
            attribute.i = TensorProto.FLOAT16
        elif attribute.type == onnx.AttributeProto.TENSOR and attribute.t.data_type == TensorProto.FLOAT:
            attribute.t.CopyFrom(halved(attribute.t))


def halved(tensor: onnx.TensorProto) -> onnx.TensorProto:
    """What is too large for float16, as the mask of attention is, becomes its largest number."""
    largest = np.finfo(np.float16).max
    values = numpy_helper.to_array(tensor).clip(-largest, largest).astype(np.float16)
    return numpy_helper.from_array(values, tensor.name)


# --- Files ---------------------------------------------------------------------------------------------------------


def load(path: Path) -> onnx.ModelProto:
    return onnx.load(str(path))


def save(model: onnx.ModelProto, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(model.SerializeToString())


def save_external(model: onnx.ModelProto, path: Path, files: list, smallest: int = 64) -> None:
    """Writes weights of `smallest` bytes or more to files beside the graph, turn by turn."""
    model = onnx.ModelProto.FromString(model.SerializeToString())
    contents = {name: bytearray() for name in files}
    large = [tensor for tensor in model.graph.initializer if len(tensor.raw_data) >= smallest]
    for index, tensor in enumerate(large):
        name = files[index % len(files)]
        set_external_data(tensor, name, offset=len(contents[name]), length=len(tensor.raw_data))
        contents[name] += tensor.raw_data
        tensor.ClearField("raw_data")
    save(model, path)
    for name, data in contents.items():
        path.with_name(name).write_bytes(bytes(data))
