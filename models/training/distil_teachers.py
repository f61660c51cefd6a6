"""What a distillation asks of a teacher, for the model of clothes and for the model of words: its velocity, its features,
real data with their conditions, and pictures as the student's training sees them."""

import json
import math
from pathlib import Path

import torch
from torch import nn

import dataset
from diffusion import Diffusion
from export import load_unet
from noisy_classifier import load_noisy_classifier
from precision import autocast


class Teacher:
    """A frozen denoiser. A condition is what its network takes beside the sample and the timestep, a row a picture."""

    unet: nn.Module
    diffusion: Diffusion
    shape: tuple  # of one sample, without the batch
    bounded: bool  # whether samples lie in -1..1
    guidance: float  # the scale that the student takes over
    condition_width: int

    def condition(self, rows: torch.Tensor) -> torch.Tensor:
        """What the network takes, from rows of `batch` (class numbers, token ids)."""
        raise NotImplementedError

    def unconditional(self, rows: torch.Tensor) -> torch.Tensor:
        raise NotImplementedError

    def embedding(self, condition: torch.Tensor) -> torch.Tensor:
        """[N, condition_width]: what a picture is asked to be, for the discriminator."""
        raise NotImplementedError

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Real samples with their rows."""
        raise NotImplementedError

    def mistaken(self, noised: torch.Tensor, t: torch.Tensor, rows: torch.Tensor) -> torch.Tensor | None:
        """[N]: how much a noised picture looks like something else than what was asked for, where a classifier tells."""
        return None

    def velocity_of(self, network: nn.Module, x: torch.Tensor, t: torch.Tensor, condition: torch.Tensor) -> torch.Tensor:
        with autocast(x.device.type):
            return network(x, t, condition)[:, : self.shape[0]].float()

    @torch.no_grad()
    def predict(self, x: torch.Tensor, t: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        """The teacher's guided x_0."""
        condition = self.condition(rows)
        velocity = self.velocity_of(self.unet, x, t, condition)
        if self.guidance != 1:
            plain = self.velocity_of(self.unet, x, t, self.unconditional(rows))
            velocity = plain + self.guidance * (velocity - plain)
        x0 = self.diffusion.predict_x0(velocity, x, t)
        return x0.clamp(-1, 1) if self.bounded else x0

    def features(self, x: torch.Tensor, t: torch.Tensor, condition: torch.Tensor) -> list[torch.Tensor]:
        """Of its encoder: after each block at both resolutions, and of the middle."""
        with autocast(x.device.type):
            _, high, low, middle = self.unet.encode(x, t, condition)
        return [*high[1:], *low, middle]


class ClothesTeacher(Teacher):
    shape, bounded, guidance, condition_width = (1, 28, 28), True, 1.0, 128
    label_dropout = 0.1
    sure = 0.8  # of a class; a picture of which the classifier is surer need not be better

    def __init__(self, folder: Path, device: torch.device):
        self.unet = load_unet(folder / "unet" / "model.onnx").requires_grad_(False).to(device)
        self.diffusion = Diffusion().to(device)
        images, labels = dataset.load("train")
        self.images, self.labels = images.to(device), labels.to(device)
        self.order = torch.empty(0, dtype=torch.long)
        self.classifier = load_noisy_classifier(folder / "classifier" / "model.onnx").requires_grad_(False).to(device)

    def condition(self, rows: torch.Tensor) -> torch.Tensor:
        return rows

    def unconditional(self, rows: torch.Tensor) -> torch.Tensor:
        return torch.full_like(rows, self.unet.config.num_classes)

    def embedding(self, condition: torch.Tensor) -> torch.Tensor:
        return self.unet.classes(condition)

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        if len(self.order) < size:
            self.order = torch.randperm(len(self.images))
        chosen, self.order = self.order[:size].to(self.images.device), self.order[size:]
        dropped = torch.rand(size, device=self.images.device) < self.label_dropout
        labels = self.labels[chosen].masked_fill(dropped, self.unet.config.num_classes)
        return self.images[chosen], labels

    def mistaken(self, noised: torch.Tensor, t: torch.Tensor, rows: torch.Tensor) -> torch.Tensor:
        anything = rows == self.unet.config.num_classes
        logits = self.classifier(noised, t).log_softmax(1)
        wanted = logits.gather(1, rows.masked_fill(anything, 0)[:, None])[:, 0]
        return (math.log(self.sure) - wanted).clamp(min=0).masked_fill(anything, 0.0)


class WordsTeacher(Teacher):
    bounded, guidance = False, 3.0  # cleaner to look at than its default of 4.5, and as near to real pictures

    def __init__(self, folder: Path, device: torch.device, data: Path, pool: int = 6_000, fresh: int = 8):
        from emoji.denoiser import Denoiser, DenoiserConfig
        from emoji.export import load_autoencoder, load_part
        from emoji.pictures import Pictures
        from emoji.scenes import Scenes
        from emoji.text_encoder import TextConfig, TextEncoder
        from emoji.tokenizer import Tokenizer
        from emoji.train_denoiser import Pool, zero_snr

        self.tokenizer = Tokenizer(folder / "tokenizer")
        autoencoder = load_autoencoder(folder).eval().requires_grad_(False).to(device)
        text, unet = TextConfig(vocab_size=self.tokenizer.size), DenoiserConfig()
        self.text_encoder = TextEncoder(text)
        self.unet = Denoiser(unet)
        for part, name in ((self.text_encoder, "text_encoder"), (self.unet, "unet")):
            load_part(part, folder / name / "model_quantized.onnx")
            part.eval().requires_grad_(False).to(device)
        self.diffusion = zero_snr(Diffusion()).to(device)
        self.shape, self.condition_width = (unet.in_channels, unet.sample_size, unet.sample_size), text.width
        self.scale = json.loads((folder / "vae_decoder" / "config.json").read_text())["scaling_factor"]
        self.fresh = fresh
        self.pool = Pool(autoencoder, Scenes(Pictures(data)), self.tokenizer, pool, device)
        self.nothing = torch.tensor(self.tokenizer.encode(""), device=device)

    @torch.no_grad()
    def condition(self, rows: torch.Tensor) -> torch.Tensor:
        return self.text_encoder(rows)

    def unconditional(self, rows: torch.Tensor) -> torch.Tensor:
        return self.condition(self.nothing.expand(len(rows), -1))

    def embedding(self, condition: torch.Tensor) -> torch.Tensor:
        return condition[:, 0]

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        self.pool.refresh(self.fresh)
        latents, rows = self.pool.batch(size)
        return latents * self.scale, rows
