"""Trains the emoji model's text encoder and latent denoiser together.

    cd models/training && nice -n 19 python3 -m emoji.train_denoiser --out ../../runs/emoji-denoiser \
        --autoencoder ../../runs/emoji-autoencoder/autoencoder.pt --data ../../runs/emoji

v-prediction on a cosine schedule with zero terminal SNR; one prompt in ten is empty. Scenes are composed and encoded
beside the training: a pool of latents of which each step replaces a few. Started again with the same `--out` it goes
on from its checkpoint; `torchrun -m emoji.train_denoiser` for several GPUs. It writes checkpoint.pt, denoiser.pt
(averaged weights), loss.json and samples.png, the fixed prompts with a guidance of 3.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch

from diffusion import Diffusion
from .autoencoder import Autoencoder
from .denoiser import Denoiser, DenoiserConfig
from .export import load_autoencoder, load_part
from .pictures import Pictures
from .scenes import Scenes
from .text_encoder import TextConfig, TextEncoder
from .tokenizer import Tokenizer
from precision import autocast
from training import Training

PROMPTS = (
    "a red fox", "fox, flat", "a blue apple", "a red apple", "two cats", "three mushrooms", "a black cat", "🦊",
    "a purple elephant, 3d", "a fox left of a mushroom", "a cat above a dog", "four bananas on a blue background",
    "grinning face", "a small yellow car", "a green heart", "a pizza beside a guitar",
    "a pink bicycle", "house with garden, 3d", "crying face on a yellow background", "a big orange fish",
    "a blue rocket on a black background", "a frog and a crown", "a sunflower", "a ghost, flat",
)


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--tokenizer", type=Path, default=Path("../emoji/tokenizer"))
    parser.add_argument("--autoencoder", type=Path, default=Path("../../runs/emoji-autoencoder/autoencoder.pt"))
    parser.add_argument("--out", type=Path, default=Path("../../runs/emoji-denoiser"))
    parser.add_argument("--init", type=Path, help="denoiser.pt, or an exported folder, to start from")
    parser.add_argument("--pictures", type=int, default=6_000_000, help="pictures to see in the whole run")
    parser.add_argument("--batch", type=int, default=96, help="pictures a step and process")
    parser.add_argument("--pool", type=int, default=24_000)
    parser.add_argument("--fresh", type=int, default=8, help="latents of the pool that each step replaces")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--noise-power", type=float, default=0.55, help="timesteps are uniform^power: below 1 favours noise")
    parser.add_argument("--prompt-dropout", type=float, default=0.1)
    parser.add_argument("--ema", type=float, default=0.999)
    parser.add_argument("--checkpoint-minutes", type=float, default=5)
    return parser.parse_args()


class Model(torch.nn.Module):
    def __init__(self, text: TextConfig, denoiser: DenoiserConfig):
        super().__init__()
        self.text_encoder = TextEncoder(text)
        self.unet = Denoiser(denoiser)

    def forward(self, sample: torch.Tensor, timestep: torch.Tensor, input_ids: torch.Tensor) -> torch.Tensor:
        return self.unet(sample, timestep, self.text_encoder(input_ids))


def zero_snr(diffusion: Diffusion) -> Diffusion:
    """Lin et al. 2024, algorithm 1: the last step is pure noise."""
    roots = diffusion.alphas_cumprod.sqrt()
    roots = (roots - roots[-1]) * roots[0] / (roots[0] - roots[-1])
    diffusion.alphas_cumprod = roots.square()
    diffusion.sqrt_alpha = roots.float()
    diffusion.sqrt_one_minus = (1 - diffusion.alphas_cumprod).sqrt().float()
    return diffusion


class Pool:
    """Latents of composed scenes with their prompts: means and deviations of the posterior, scaled to unit variance."""

    def __init__(self, autoencoder: Autoencoder, scenes: Scenes, tokenizer: Tokenizer, size: int, device: torch.device):
        self.autoencoder, self.scenes, self.tokenizer, self.device = autoencoder, scenes, tokenizer, device
        parts = [self.make(500) for _ in range(-(-size // 500))]
        self.means, self.deviations, self.ids = (torch.cat(each) for each in zip(*parts))
        self.next = 0

    @torch.no_grad()
    def make(self, count: int) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        scenes = [self.scenes.sample() for _ in range(count)]
        pictures = torch.from_numpy(np.stack([s.picture for s in scenes])).permute(0, 3, 1, 2) * 2 - 1
        with autocast(self.device.type):
            mean, log_variance = self.autoencoder.encode(pictures.contiguous().to(self.device))
        ids = torch.tensor([self.tokenizer.encode(s.caption) for s in scenes], dtype=torch.int32)
        return mean.half(), torch.exp(0.5 * log_variance).half(), ids.to(self.device)

    def refresh(self, count: int) -> None:
        for old, new in zip((self.means, self.deviations, self.ids), self.make(count)):
            old[self.next:self.next + count] = new[:len(old) - self.next]
        self.next = (self.next + count) % len(self.means)

    def batch(self, size: int) -> tuple[torch.Tensor, torch.Tensor]:
        chosen = torch.randint(len(self.means), (size,), device=self.device)
        mean = self.means[chosen].float()
        return mean + self.deviations[chosen].float() * torch.randn_like(mean), self.ids[chosen].long()


class DenoiserTraining(Training):
    warmup = 0.002

    def __init__(self, options: argparse.Namespace):
        super().__init__(options)
        self.autoencoder = load_autoencoder(options.autoencoder).eval().requires_grad_(False).to(self.device)
        self.diffusion = zero_snr(Diffusion()).to(self.device)
        self.tokenizer = Tokenizer(options.tokenizer)
        config = self.autoencoder.config
        text = TextConfig(vocab_size=self.tokenizer.size)
        unet = DenoiserConfig(sample_size=config.sample_size // config.factor, in_channels=config.latent_channels,
                              text_width=text.width, text_length=text.length)
        model = Model(text, unet).to(self.device)
        self.earlier = 0
        self.scale = self.initialize(model, options.init) if options.init else None
        self.begin(model)
        scenes = Scenes(Pictures(options.data), seed=self.seen + 7919 * self.rank + 1)
        self.pool = Pool(self.autoencoder, scenes, self.tokenizer, options.pool, self.device)
        self.scale = self.scale or float(1 / self.pool.means.float().std())

    def initialize(self, model: Model, path: Path) -> float:
        """Takes over weights, and how many pictures they have seen; returns the latents' scale that they were trained with."""
        if path.is_dir():
            self.earlier = json.loads((path / "model_index.json").read_text())["pictures_seen"]
            load_part(model.text_encoder, path / "text_encoder" / "model_quantized.onnx")
            load_part(model.unet, path / "unet" / "model_quantized.onnx")
            return json.loads((path / "vae_decoder" / "config.json").read_text())["scaling_factor"]
        saved = torch.load(path, map_location=self.device)
        model.load_state_dict(saved["weights"])
        self.earlier = saved["seen"]
        return saved["scaling_factor"]

    def state(self) -> dict:
        return {**super().state(), "scale": self.scale}

    def load_state(self, state: dict) -> None:
        super().load_state(state)
        self.scale = state["scale"]

    def save(self) -> None:
        if self.rank > 0:
            return
        self.save_checkpoint()
        torch.save({
            "text_config": self.model.text_encoder.config.to_dict(), "unet_config": self.model.unet.config.to_dict(),
            "weights": self.average.state_dict(), "scaling_factor": self.scale,
            "seen": self.earlier + self.seen,
        }, self.options.out / "denoiser.pt")
        self.save_samples()

    @torch.no_grad()
    def save_samples(self, guidance: float = 3.0, steps: int = 20) -> None:
        from torchvision.utils import save_image

        ids = torch.tensor([self.tokenizer.encode(p) for p in PROMPTS], device=self.device)
        text = self.average.text_encoder(ids)
        none = self.average.text_encoder(torch.tensor([self.tokenizer.encode("")] * len(ids), device=self.device))
        unet = self.model.unet.config
        shape = (len(ids), unet.in_channels, unet.sample_size, unet.sample_size)
        x = torch.randn(shape, generator=torch.Generator().manual_seed(0)).to(self.device)
        stride = self.diffusion.steps // steps
        for t in range(self.diffusion.steps - 1, -1, -stride):
            timestep = torch.full((len(x),), t, device=self.device)
            plain, wanted = self.average.unet(x, timestep, none), self.average.unet(x, timestep, text)
            v = plain + guidance * (wanted - plain)
            alpha, earlier = self.diffusion.alphas_cumprod[t], self.diffusion.previous(t, stride)
            x0 = alpha.sqrt() * x - (1 - alpha).sqrt() * v
            noise = alpha.sqrt() * v + (1 - alpha).sqrt() * x
            x = (earlier.sqrt() * x0 + (1 - earlier).sqrt() * noise).float()
        pictures = self.autoencoder.decoder(x / self.scale).clamp(-1, 1)
        save_image((pictures + 1) / 2, self.options.out / "samples.png", nrow=8, padding=1)

    def step(self, _progress: float) -> dict:
        self.pool.refresh(self.options.fresh)
        latents, ids = self.pool.batch(self.options.batch)
        latents = latents * self.scale
        size = len(latents)
        dropped = torch.rand(size, device=self.device) < self.options.prompt_dropout
        ids[dropped] = torch.tensor(self.tokenizer.encode(""), device=self.device)
        strata = (torch.randperm(size, device=self.device) + torch.rand(size, device=self.device)) / size
        # What the words decide is decided early, where there is much noise.
        t = (strata.pow(self.options.noise_power) * self.diffusion.steps).long().clamp(max=self.diffusion.steps - 1)
        noise = torch.randn_like(latents)
        with autocast(self.device.type):
            output = self.model(self.diffusion.add_noise(latents, noise, t), t, ids)
        loss = (output.float() - self.diffusion.velocity(latents, noise, t)).square().mean()
        self.descend(loss)
        return {"loss": loss.item()}


if __name__ == "__main__":
    DenoiserTraining(arguments()).run()
