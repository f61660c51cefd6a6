"""A classifier of noised pictures, p(y | x_t), and the gradient of its logarithm, for classifier guidance
("Diffusion Models Beat GANs on Image Synthesis", Dhariwal and Nichol 2021, section 4).

    python3 models/training/noisy_classifier.py --out models/fashion-mnist/classifier

Trains, measures the accuracy by timestep, and writes `model.onnx` (x_t, t, label to gradient), its 8-bit variant and
`config.json`. ONNX has no automatic differentiation, so the backward pass is written out as a network of its own; it is
checked against PyTorch's before it is written.
"""

import argparse
import math
from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import helper, numpy_helper
from torch import nn
from torch.nn import functional as F

import dataset
from diffusion import Diffusion
from export import export_graph, write_json
from precision import autocast
from quantize import SMALLEST, compact, quantize_weight, write_files_json
from unet import silu, sinusoids, timestep_frequencies

CLASSES = len(dataset.CLASS_NAMES)
STRIDES = (1, 2, 2, 2)
SHOWN = (0, 200, 400, 600, 800)


def signal_level(timestep: torch.Tensor, steps: int = 1000) -> torch.Tensor:
    """sqrt(alpha bar) of the cosine schedule in closed form (Improved DDPM, eq. 17)."""
    angle = ((timestep.float() + 1) / steps + 0.008) / 1.008 * (math.pi / 2)
    return torch.cos(angle) / math.cos(0.008 / 1.008 * math.pi / 2)


def silu_slope(x: torch.Tensor) -> torch.Tensor:
    gate = torch.sigmoid(x)
    return gate * (1 + x * (1 - gate))


class NoisyClassifier(nn.Module):
    """Samples [N, 1, 28, 28] and timesteps [N] to logits [N, 10].

    It sees sqrt(alpha bar) x_t, which is what x_t tells of x_0 where x_0 has mean 0 and variance 1: so its gradient
    fades as the picture does. Each convolution's output is scaled and shifted by the timestep."""

    def __init__(self, channels: tuple = (32, 64, 96, 128), time_channels: int = 64):
        super().__init__()
        frequencies = timestep_frequencies(time_channels)
        self.register_buffer("frequencies", frequencies, persistent=False)
        self.channels = channels
        self.time1 = nn.Linear(time_channels, 2 * time_channels)
        self.time2 = nn.Linear(2 * time_channels, 2 * sum(channels))
        sources = (1, *channels[:-1])
        self.convs = nn.ModuleList(
            nn.Conv2d(a, b, 3, stride=stride, padding=1) for a, b, stride in zip(sources, channels, STRIDES)
        )
        self.head = nn.Linear(channels[-1], CLASSES)

    def layers(self, x: torch.Tensor, timestep: torch.Tensor) -> tuple[torch.Tensor, list]:
        """The last features, and of each layer the side of what goes in, its scale, and its values before the activation."""
        time = self.time2(silu(self.time1(sinusoids(timestep, self.frequencies))))
        h, passed = x * signal_level(timestep).view(-1, 1, 1, 1), []
        for conv, modulation in zip(self.convs, time.split([2 * c for c in self.channels], dim=1)):
            scale, shift = modulation.reshape(-1, modulation.shape[1], 1, 1).chunk(2, dim=1)
            scale = 1 + scale
            before = conv(h) * scale + shift
            passed.append((int(h.shape[2]), scale, before))
            h = silu(before)
        return h, passed

    def forward(self, x: torch.Tensor, timestep: torch.Tensor) -> torch.Tensor:
        return self.head(self.layers(x, timestep)[0].mean(dim=(2, 3)))


class LogProbabilityGradient(nn.Module):
    """The gradient of log p(class | x_t) by x_t, [N, 1, 28, 28], backward pass written out."""

    def __init__(self, classifier: NoisyClassifier):
        super().__init__()
        self.classifier = classifier

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, class_labels: torch.Tensor) -> torch.Tensor:
        classifier = self.classifier
        h, passed = classifier.layers(sample, timestep)
        wanted = torch.eye(CLASSES)[class_labels]
        by_logits = wanted - classifier.head(h.mean(dim=(2, 3))).softmax(1)
        side = int(h.shape[2])
        gradient = torch.matmul(by_logits, classifier.head.weight).reshape(-1, int(h.shape[1]), 1, 1) / side**2
        for conv, stride, (side, scale, before) in reversed(list(zip(classifier.convs, STRIDES, passed))):
            gradient = gradient * silu_slope(before) * scale
            # A stride of 2 over an even side leaves out its last row and column, which take no gradient.
            left_out = (side - 1) % stride
            gradient = F.conv_transpose2d(gradient, conv.weight, stride=stride, padding=1, output_padding=left_out)
        return gradient * signal_level(timestep).view(-1, 1, 1, 1)


def check_gradient(classifier: NoisyClassifier) -> float:
    """The largest difference to PyTorch's own gradient, as a share of the largest value."""
    torch.manual_seed(1)
    x = torch.randn(40, 1, 28, 28, requires_grad=True)
    timestep, labels = torch.arange(40) * 25, torch.arange(40) % CLASSES
    chosen = classifier(x, timestep).log_softmax(1)[torch.arange(40), labels]
    expected = torch.autograd.grad(chosen.sum(), x)[0]
    given = LogProbabilityGradient(classifier)(x, timestep, labels)
    return ((given - expected).abs().max() / expected.abs().max()).item()


@torch.no_grad()
def accuracy(classifier: NoisyClassifier, timestep: int, count: int = 2000) -> float:
    images, labels = dataset.load("t10k")
    torch.manual_seed(0)
    t = torch.full((count,), timestep)
    noised = Diffusion().add_noise(images[:count], torch.randn(count, 1, 28, 28), t)
    return (classifier(noised, t).argmax(1) == labels[:count]).float().mean().item()


def train(epochs: int, batch: int) -> NoisyClassifier:
    torch.manual_seed(0)
    images, labels = dataset.load("train")
    diffusion, classifier = Diffusion(), NoisyClassifier()
    steps = epochs * (len(images) // batch)
    optimizer = torch.optim.AdamW(classifier.parameters(), weight_decay=0.02)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimizer, 3e-3, steps)
    for epoch in range(epochs):
        total = 0.0
        for chosen in torch.randperm(len(images)).split(batch)[: len(images) // batch]:
            x0 = images[chosen]
            x0 = torch.where(torch.rand(batch, 1, 1, 1) < 0.5, x0.flip(3), x0)
            t = torch.randint(diffusion.steps, (batch,))
            xt = diffusion.add_noise(x0, torch.randn_like(x0), t)
            with autocast("cpu"):
                logits = classifier(xt, t)
            loss = F.cross_entropy(logits.float(), labels[chosen])
            optimizer.zero_grad(set_to_none=True)
            loss.backward()
            optimizer.step()
            schedule.step()
            total += loss.item()
        print(f"epoch {epoch + 1}: loss {total * batch / len(images):.4f}", flush=True)
    return classifier.eval()


def load_noisy_classifier(path: Path) -> NoisyClassifier:
    """The network of an exported model.onnx."""
    classifier = NoisyClassifier()
    tensors = {t.name: numpy_helper.to_array(t) for t in onnx.load(str(path)).graph.initializer}
    for name, parameter in classifier.named_parameters():
        parameter.data = torch.from_numpy(tensors[f"classifier.{name}"].copy()).view_as(parameter)
    return classifier.eval()


def quantize_weights(model: onnx.ModelProto) -> onnx.ModelProto:
    """8-bit weights behind DequantizeLinear; the pass forward and the pass back share each."""
    graph, heads = model.graph, []
    for tensor in [t for t in graph.initializer if np.prod(t.dims) > SMALLEST]:
        value, scale = quantize_weight(numpy_helper.to_array(tensor))
        names = [f"{tensor.name}_{part}" for part in ("q", "scale", "zero")]
        parts = (value, scale, np.zeros(len(scale), np.int8))
        graph.initializer.extend(numpy_helper.from_array(part, name) for part, name in zip(parts, names))
        heads.append(helper.make_node("DequantizeLinear", names, [tensor.name], axis=0))
        graph.initializer.remove(tensor)
    nodes = [*heads, *graph.node]
    del graph.node[:]
    graph.node.extend(nodes)
    onnx.checker.check_model(model)
    return model


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--epochs", type=int, default=16)
    parser.add_argument("--batch", type=int, default=128)
    parser.add_argument("--out", type=Path, default=Path("models/fashion-mnist/classifier"))
    parser.add_argument("--weights", type=Path, help="an exported model.onnx, to be measured and written anew")
    options = parser.parse_args()
    classifier = load_noisy_classifier(options.weights) if options.weights else train(options.epochs, options.batch)
    difference = check_gradient(classifier)
    if difference > 1e-4:
        raise RuntimeError(f"the backward pass differs from PyTorch's by {difference}")
    inputs = {
        "sample": torch.randn(2, 1, 28, 28),
        "timestep": torch.tensor([999.0, 0.0]),
        "class_labels": torch.tensor([0, 1]),
    }
    gradient = LogProbabilityGradient(classifier)
    graph = export_graph(gradient, inputs, ["gradient"], options.out / "model.onnx")
    onnx.save(compact(quantize_weights(graph)), str(options.out / "model_quantized.onnx"))
    write_json(options.out / "config.json", {
        "_class_name": "NoisyClassifier",
        "in_channels": 1,
        "sample_size": 28,
        "num_classes": CLASSES,
        "block_out_channels": list(classifier.channels),
        "accuracy": {str(t): round(accuracy(classifier, t), 4) for t in SHOWN},
    })
    write_files_json(options.out.parent)
    print((options.out / "config.json").read_text())


if __name__ == "__main__":
    main()
