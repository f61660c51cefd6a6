"""Trains the autoencoder of the emoji model.

    cd models/training && nice -n 19 python3 -m emoji.train_autoencoder --out ../../runs/emoji-autoencoder --data ../../runs/emoji

The loss: L1, the L1 of gradients at three scales (edges are what small pictures live on), a KL term, and from
`--adversarial-from` of the run on a patch discriminator's hinge loss with feature matching. Started again with the
same `--out` it goes on from its checkpoint; `--pictures` is the length of the whole run, so a busy machine only takes
longer. It writes checkpoint.pt, autoencoder.pt (averaged weights), loss.json and reconstructions-*.png.
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from .autoencoder import Autoencoder, AutoencoderConfig, PatchDiscriminator
from .export import load_autoencoder
from .pictures import Pictures
from .scenes import Scenes
from precision import autocast
from training import Training


def arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--out", type=Path, default=Path("../../runs/emoji-autoencoder"))
    parser.add_argument("--init", type=Path, help="autoencoder.pt, or an exported folder, to start from")
    parser.add_argument("--pictures", type=int, default=400_000, help="pictures to see in the whole run")
    parser.add_argument("--factor", type=int, default=8, choices=(4, 8))
    parser.add_argument("--latent-channels", type=int, default=16)
    parser.add_argument("--batch", type=int, default=32, help="pictures a step and process")
    parser.add_argument("--lr", type=float, default=1e-3)
    parser.add_argument("--kl-weight", type=float, default=5e-4)
    parser.add_argument("--adversarial-from", type=float, default=0.5)
    parser.add_argument("--adversarial-weight", type=float, default=0.02)
    parser.add_argument("--ema", type=float, default=0.999)
    parser.add_argument("--threads", type=int, default=0)
    parser.add_argument("--checkpoint-minutes", type=float, default=4)
    return parser.parse_args()


def gradients(x: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    return x[..., 1:] - x[..., :-1], x[..., 1:, :] - x[..., :-1, :]


def reconstruction_loss(decoded: torch.Tensor, pictures: torch.Tensor) -> torch.Tensor:
    loss = F.l1_loss(decoded, pictures)
    for _ in range(3):
        for a, b in zip(gradients(decoded), gradients(pictures)):
            loss = loss + 0.5 * F.l1_loss(a, b)
        decoded, pictures = F.avg_pool2d(decoded, 2), F.avg_pool2d(pictures, 2)
    return loss


class AutoencoderTraining(Training):
    def __init__(self, options: argparse.Namespace):
        super().__init__(options)
        if options.threads:
            torch.set_num_threads(options.threads)
        config = AutoencoderConfig(latent_channels=options.latent_channels)
        if options.factor == 4:
            config.channels = (64, 128)
        model = Autoencoder(config).to(self.device)
        self.discriminator = PatchDiscriminator().to(self.device)
        self.critic = torch.optim.AdamW(self.discriminator.parameters(), lr=3e-4, betas=(0.5, 0.99))
        if options.init:
            model.load_state_dict(load_autoencoder(options.init).state_dict())
        self.begin(model)
        self.scenes = Scenes(Pictures(options.data), seed=self.seen + 7919 * self.rank)
        self.fixed = self.batch(32, Scenes(self.scenes.pictures, seed=123))

    def state(self) -> dict:
        critic = {"discriminator": self.discriminator.state_dict(), "critic": self.critic.state_dict()}
        return {**super().state(), **critic}

    def load_state(self, state: dict) -> None:
        super().load_state(state)
        self.discriminator.load_state_dict(state["discriminator"])
        self.critic.load_state_dict(state["critic"])

    @torch.no_grad()
    def save(self) -> None:
        if self.rank > 0:
            return
        self.save_checkpoint()
        weights = {"config": self.model.config.to_dict(), "weights": self.average.state_dict()}
        torch.save(weights, self.options.out / "autoencoder.pt")
        decoded = self.average.decoder(self.average.encode(self.fixed)[0]).clamp(-1, 1)
        mse = ((decoded - self.fixed) / 2).square().mean()
        print(json.dumps({"seen": self.seen, "psnr": round(float(-10 * mse.log10()), 3)}), flush=True)
        from torchvision.utils import save_image

        rows = torch.stack([self.fixed, decoded], 1).flatten(0, 1)
        save_image((rows + 1) / 2, self.options.out / "reconstructions.png", nrow=8, padding=1)

    def batch(self, size: int, scenes: Scenes) -> torch.Tensor:
        pictures = np.stack([scenes.sample().picture for _ in range(size)])
        return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous().to(self.device) * 2 - 1

    def step(self, progress: float) -> dict:
        pictures = self.batch(self.options.batch, self.scenes)
        adversarial = progress >= self.options.adversarial_from
        with autocast(self.device.type):
            mean, log_variance = self.model.encode(pictures)
            latents = mean + torch.exp(0.5 * log_variance) * torch.randn_like(mean)
            decoded = self.model.decoder(latents)
        decoded = decoded.float()
        reconstruction = reconstruction_loss(decoded, pictures)
        kl = 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()
        loss = reconstruction + self.options.kl_weight * kl
        losses = {"reconstruction": reconstruction, "kl": kl}
        if adversarial:
            loss = loss + self.adversarial(decoded, pictures, losses)
        self.descend(loss, clip=1.0)
        if adversarial:
            self.train_critic(decoded.detach(), pictures, losses)
        return {name: float(value) for name, value in losses.items()}

    def adversarial(self, decoded: torch.Tensor, pictures: torch.Tensor, losses: dict) -> torch.Tensor:
        self.discriminator.requires_grad_(False)
        with autocast(self.device.type):
            score, features = self.discriminator(decoded)
            with torch.no_grad():
                _, real = self.discriminator(pictures)
        matching = sum(F.l1_loss(a.float(), b.float()) for a, b in zip(features, real)) / len(real)
        self.discriminator.requires_grad_(True)
        losses["matching"] = matching
        return self.options.adversarial_weight * (-score.float().mean() + 4 * matching)

    def train_critic(self, decoded: torch.Tensor, pictures: torch.Tensor, losses: dict) -> None:
        with autocast(self.device.type):
            score, _ = self.discriminator(torch.cat([pictures, decoded]))
        real, fake = score.float().chunk(2)
        hinge = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        self.critic.zero_grad(set_to_none=True)
        hinge.backward()
        self.synchronize(self.discriminator)
        self.critic.step()
        losses["critic"] = hinge


if __name__ == "__main__":
    AutoencoderTraining(arguments()).run()
