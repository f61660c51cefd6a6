"""Trains the emoji model's text encoder and latent denoiser together.

    cd models/training && nice -n 19 python3 -m emoji.train_denoiser --out ../../runs/emoji-denoiser \
        --autoencoder ../../runs/emoji-autoencoder/autoencoder.pt --data ../../runs/emoji

v-prediction on a cosine schedule with zero terminal SNR; one prompt in ten is empty. Scenes are composed and encoded
beside the training: a pool of latents of which each step replaces a few. Started again with the same `--out` it goes
on from its checkpoint; `torchrun -m emoji.train_denoiser` for several GPUs. It writes checkpoint.pt, denoiser.pt
(averaged weights), loss.json and samples.png, the fixed prompts with a guidance of 3.
"""

import argparse
import copy
import json
import os
import time
from pathlib import Path

import numpy as np
import torch
from torch import distributed

from diffusion import Diffusion
from optimizer import optimizers
from .autoencoder import Autoencoder, AutoencoderConfig
from .denoiser import Denoiser, DenoiserConfig
from .export import load_part
from .pictures import Pictures
from .scenes import Scenes
from .text_encoder import TextConfig, TextEncoder
from .tokenizer import Tokenizer

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
    parser.add_argument("--prompt-dropout", type=float, default=0.1)
    parser.add_argument("--ema", type=float, default=0.9995)
    parser.add_argument("--checkpoint-minutes", type=float, default=5)
    return parser.parse_args()


def learning_rate(progress: float, warmup: float = 0.002) -> float:
    return min(progress / warmup, 1.0) * min(1.0, 1.25 * (1 - progress))


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
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
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


class Trainer:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
        if self.world > 1:
            distributed.init_process_group("nccl" if cuda else "gloo")
        self.autoencoder = load_autoencoder(options.autoencoder)
        self.autoencoder.eval().requires_grad_(False).to(self.device)
        self.tokenizer = Tokenizer(options.tokenizer)
        config = self.autoencoder.config
        text = TextConfig(vocab_size=self.tokenizer.size)
        unet = DenoiserConfig(sample_size=config.sample_size // config.factor, in_channels=config.latent_channels,
                              text_width=text.width, text_length=text.length)
        torch.manual_seed(0)
        self.model = Model(text, unet).to(self.device)
        self.scale = None
        if options.init:
            self.scale = self.initialize(options.init)
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.optimizers = optimizers(self.model, options.lr)
        self.base_rates = [group["lr"] for o in self.optimizers for group in o.param_groups]
        self.diffusion = zero_snr(Diffusion()).to(self.device)
        self.seen, self.iteration, self.log, self.running = 0, 0, [], []
        self.resume()
        scenes = Scenes(Pictures(options.data), seed=self.seen + 7919 * self.rank + 1)
        self.pool = Pool(self.autoencoder, scenes, self.tokenizer, options.pool, self.device)
        self.scale = self.scale or float(1 / self.pool.means.float().std())
        torch.manual_seed(self.seen + self.rank)

    def initialize(self, path: Path) -> float:
        """Takes over weights; returns the latents' scale that they were trained with."""
        if path.is_dir():
            load_part(self.model.text_encoder, path / "text_encoder" / "model_quantized.onnx")
            load_part(self.model.unet, path / "unet" / "model_quantized.onnx")
            return json.loads((path / "vae_decoder" / "config.json").read_text())["scaling_factor"]
        saved = torch.load(path, map_location=self.device)
        self.model.load_state_dict(saved["weights"])
        return saved["scaling_factor"]

    def resume(self) -> None:
        self.options.out.mkdir(parents=True, exist_ok=True)
        path = self.options.out / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.seen, self.iteration, self.log, self.scale = (state[k] for k in ("seen", "iteration", "log", "scale"))

    def save(self) -> None:
        if self.rank > 0:
            return
        state = {
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "optimizers": [o.state_dict() for o in self.optimizers],
            "seen": self.seen, "iteration": self.iteration, "log": self.log, "scale": self.scale,
        }
        partial = self.options.out / "checkpoint.partial"
        torch.save(state, partial)
        partial.replace(self.options.out / "checkpoint.pt")
        torch.save({
            "text_config": self.model.text_encoder.config.to_dict(), "unet_config": self.model.unet.config.to_dict(),
            "weights": self.average.state_dict(), "scaling_factor": self.scale, "seen": self.seen,
        }, self.options.out / "denoiser.pt")
        (self.options.out / "loss.json").write_text(json.dumps(self.log) + "\n")
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

    def step(self, progress: float) -> None:
        groups = [group for o in self.optimizers for group in o.param_groups]
        for group, base in zip(groups, self.base_rates):
            group["lr"] = base * learning_rate(progress)
        self.pool.refresh(self.options.fresh)
        latents, ids = self.pool.batch(self.options.batch)
        latents = latents * self.scale
        size = len(latents)
        dropped = torch.rand(size, device=self.device) < self.options.prompt_dropout
        ids[dropped] = torch.tensor(self.tokenizer.encode(""), device=self.device)
        strata = (torch.randperm(size, device=self.device) + torch.rand(size, device=self.device)) / size
        t = (strata * self.diffusion.steps).long().clamp(max=self.diffusion.steps - 1)
        noise = torch.randn_like(latents)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            output = self.model(self.diffusion.add_noise(latents, noise, t), t, ids)
        loss = (output.float() - self.diffusion.velocity(latents, noise, t)).square().mean()
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        if self.world > 1:
            for parameter in self.model.parameters():
                distributed.all_reduce(parameter.grad)
                parameter.grad /= self.world
        for optimizer in self.optimizers:
            optimizer.step()
        self.seen += size * self.world
        self.iteration += 1
        decay = min(self.options.ema, (1 + self.iteration) / (10 + self.iteration))
        with torch.no_grad():
            torch._foreach_mul_(list(self.average.parameters()), decay)
            torch._foreach_add_(list(self.average.parameters()), list(self.model.parameters()), alpha=1 - decay)
        self.running.append(loss.item())

    def run(self) -> None:
        saved = last = time.monotonic()
        while self.seen < self.options.pictures:
            self.step(self.seen / self.options.pictures)
            now = time.monotonic()
            if self.iteration % 100 == 0:
                rate = 100 * self.options.batch * self.world / (now - last)
                entry = {"seen": self.seen, "loss": round(float(np.mean(self.running)), 5), "rate": round(rate, 1)}
                self.running, last = [], now
                self.log.append(entry)
                if self.rank == 0:
                    print(json.dumps(entry), flush=True)
            if now - saved > 60 * self.options.checkpoint_minutes:
                self.save()
                saved = time.monotonic()
        self.save()


if __name__ == "__main__":
    Trainer(arguments()).run()
