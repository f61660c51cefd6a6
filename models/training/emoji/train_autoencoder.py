"""Trains the autoencoder of the emoji model.

    cd models/training && nice -n 19 python3 -m emoji.train_autoencoder --out ../../runs/emoji-autoencoder --data ../../runs/emoji

The loss: L1, the L1 of gradients at three scales (edges are what small pictures live on), a KL term, and from
`--adversarial-from` of the run on a patch discriminator's hinge loss with feature matching. Started again with the
same `--out` it goes on from its checkpoint; `--pictures` is the length of the whole run, so a busy machine only takes
longer. It writes checkpoint.pt, autoencoder.pt (averaged weights), loss.json and reconstructions-*.png.
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
from torch.nn import functional as F

from optimizer import optimizers
from .autoencoder import Autoencoder, AutoencoderConfig, PatchDiscriminator
from .export import load_part
from .pictures import Pictures
from .scenes import Scenes


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


def learning_rate(progress: float, warmup: float = 0.01) -> float:
    return min(progress / warmup, 1.0) * min(1.0, 1.25 * (1 - progress))


class Trainer:
    def __init__(self, options: argparse.Namespace):
        self.options = options
        self.rank, self.world = int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1))
        cuda = torch.cuda.is_available()
        self.device = torch.device("cuda", int(os.environ.get("LOCAL_RANK", 0))) if cuda else torch.device("cpu")
        if self.world > 1:
            distributed.init_process_group("nccl" if cuda else "gloo")
        if options.threads:
            torch.set_num_threads(options.threads)
        config = AutoencoderConfig(latent_channels=options.latent_channels)
        if options.factor == 4:
            config.channels = (64, 128)
        torch.manual_seed(0)
        self.model = Autoencoder(config).to(self.device)
        self.discriminator = PatchDiscriminator().to(self.device)
        if options.init and options.init.is_dir():
            load_part(self.model.encoder, options.init / "vae_encoder" / "model_quantized.onnx")
            load_part(self.model.decoder, options.init / "vae_decoder" / "model_quantized.onnx")
        elif options.init:
            self.model.load_state_dict(torch.load(options.init, map_location=self.device)["weights"])
        self.average = copy.deepcopy(self.model).requires_grad_(False)
        self.optimizers = optimizers(self.model, options.lr)
        self.base_rates = [group["lr"] for o in self.optimizers for group in o.param_groups]
        self.critic = torch.optim.AdamW(self.discriminator.parameters(), lr=3e-4, betas=(0.5, 0.99))
        self.seen, self.iteration, self.log, self.running = 0, 0, [], {}
        self.resume()
        self.scenes = Scenes(Pictures(options.data), seed=self.seen + 7919 * self.rank)
        torch.manual_seed(self.seen + self.rank)
        self.fixed = self.batch(32, Scenes(self.scenes.pictures, seed=123))

    def resume(self) -> None:
        self.options.out.mkdir(parents=True, exist_ok=True)
        path = self.options.out / "checkpoint.pt"
        if not path.exists():
            return
        state = torch.load(path, map_location=self.device)
        self.model.load_state_dict(state["model"])
        self.average.load_state_dict(state["average"])
        self.discriminator.load_state_dict(state["discriminator"])
        for optimizer, saved in zip(self.optimizers, state["optimizers"]):
            optimizer.load_state_dict(saved)
        self.critic.load_state_dict(state["critic"])
        self.seen, self.iteration, self.log = state["seen"], state["iteration"], state["log"]

    @torch.no_grad()
    def save(self) -> None:
        if self.rank > 0:
            return
        state = {
            "model": self.model.state_dict(), "average": self.average.state_dict(),
            "discriminator": self.discriminator.state_dict(), "optimizers": [o.state_dict() for o in self.optimizers],
            "critic": self.critic.state_dict(), "seen": self.seen, "iteration": self.iteration, "log": self.log,
        }
        partial = self.options.out / "checkpoint.partial"
        torch.save(state, partial)
        partial.replace(self.options.out / "checkpoint.pt")
        weights = {"config": self.model.config.to_dict(), "weights": self.average.state_dict()}
        torch.save(weights, self.options.out / "autoencoder.pt")
        (self.options.out / "loss.json").write_text(json.dumps(self.log) + "\n")
        decoded = self.average.decoder(self.average.encode(self.fixed)[0]).clamp(-1, 1)
        mse = ((decoded - self.fixed) / 2).square().mean()
        print(json.dumps({"seen": self.seen, "psnr": round(float(-10 * mse.log10()), 3)}), flush=True)
        from torchvision.utils import save_image

        rows = torch.stack([self.fixed, decoded], 1).flatten(0, 1)
        save_image((rows + 1) / 2, self.options.out / "reconstructions.png", nrow=8, padding=1)

    def batch(self, size: int, scenes: Scenes) -> torch.Tensor:
        pictures = np.stack([scenes.sample().picture for _ in range(size)])
        return torch.from_numpy(pictures).permute(0, 3, 1, 2).contiguous().to(self.device) * 2 - 1

    def synchronize(self, module: torch.nn.Module) -> None:
        if self.world > 1:
            for parameter in module.parameters():
                if parameter.grad is not None:
                    distributed.all_reduce(parameter.grad)
                    parameter.grad /= self.world

    def step(self, progress: float) -> None:
        groups = [group for o in self.optimizers for group in o.param_groups]
        for group, base in zip(groups, self.base_rates):
            group["lr"] = base * learning_rate(progress)
        pictures = self.batch(self.options.batch, self.scenes)
        adversarial = progress >= self.options.adversarial_from
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
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
        for optimizer in self.optimizers:
            optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.synchronize(self.model)
        torch.nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        for optimizer in self.optimizers:
            optimizer.step()
        if adversarial:
            self.train_critic(decoded.detach(), pictures, losses)
        self.seen += self.options.batch * self.world
        self.iteration += 1
        decay = min(self.options.ema, (1 + self.iteration) / (10 + self.iteration))
        with torch.no_grad():
            torch._foreach_mul_(list(self.average.parameters()), decay)
            torch._foreach_add_(list(self.average.parameters()), list(self.model.parameters()), alpha=1 - decay)
        for name, value in losses.items():
            self.running.setdefault(name, []).append(float(value))

    def adversarial(self, decoded: torch.Tensor, pictures: torch.Tensor, losses: dict) -> torch.Tensor:
        self.discriminator.requires_grad_(False)
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            score, features = self.discriminator(decoded)
            with torch.no_grad():
                _, real = self.discriminator(pictures)
        matching = sum(F.l1_loss(a.float(), b.float()) for a, b in zip(features, real)) / len(real)
        self.discriminator.requires_grad_(True)
        losses["matching"] = matching
        return self.options.adversarial_weight * (-score.float().mean() + 4 * matching)

    def train_critic(self, decoded: torch.Tensor, pictures: torch.Tensor, losses: dict) -> None:
        with torch.autocast(self.device.type, dtype=torch.bfloat16):
            score, _ = self.discriminator(torch.cat([pictures, decoded]))
        real, fake = score.float().chunk(2)
        hinge = F.relu(1 - real).mean() + F.relu(1 + fake).mean()
        self.critic.zero_grad(set_to_none=True)
        hinge.backward()
        self.synchronize(self.discriminator)
        self.critic.step()
        losses["critic"] = hinge

    def record(self, rate: float) -> None:
        entry = {"seen": self.seen, "rate": round(rate, 1), **{k: round(float(np.mean(v)), 4) for k, v in self.running.items()}}
        self.running = {}
        self.log.append(entry)
        if self.rank == 0:
            print(json.dumps(entry), flush=True)

    def run(self) -> None:
        saved = last = time.monotonic()
        while self.seen < self.options.pictures:
            self.step(self.seen / self.options.pictures)
            now = time.monotonic()
            if self.iteration % 100 == 0:
                self.record(100 * self.options.batch * self.world / (now - last))
                last = now
            if now - saved > 60 * self.options.checkpoint_minutes:
                self.save()
                saved = time.monotonic()
        self.save()


if __name__ == "__main__":
    Trainer(arguments()).run()
