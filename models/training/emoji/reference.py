"""What the exported emoji model draws in PyTorch: numbers for the package's tests.

    cd models/training && python3 -m emoji.reference --out ../../test/golden/emoji.json

Token ids, the latents after each of four DDIM steps (Song et al. 2021, eq. 12), and the picture, for one seed.
"""

import argparse
import json
from pathlib import Path

import torch

from diffusion import Diffusion
from .denoiser import Denoiser
from .export import load_autoencoder, load_part
from .text_encoder import TextConfig, TextEncoder
from .tokenizer import Tokenizer
from .train_denoiser import zero_snr

PROMPT, NEGATIVE, SEED, STEPS, GUIDANCE = "a red fox beside 🍄, 3d", "blue", 7, 4, 3.0


@torch.no_grad()
def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--model", type=Path, default=Path("../emoji"))
    parser.add_argument("--out", type=Path, default=Path("../../test/golden/emoji.json"))
    options = parser.parse_args()
    tokenizer = Tokenizer(options.model / "tokenizer")
    text = load_part(TextEncoder(TextConfig(vocab_size=tokenizer.size)), options.model / "text_encoder" / "model_quantized.onnx")
    unet = load_part(Denoiser(), options.model / "unet" / "model_quantized.onnx").eval()
    autoencoder = load_autoencoder(options.model).eval()
    scale = json.loads((options.model / "vae_decoder" / "config.json").read_text())["scaling_factor"]
    diffusion, stride = zero_snr(Diffusion()), 1000 // STEPS
    ids = [tokenizer.encode(PROMPT), tokenizer.encode(NEGATIVE)]
    states = text.eval()(torch.tensor(ids[::-1]))
    x = torch.randn((1, 16, 8, 8), generator=torch.Generator().manual_seed(SEED))
    latents = []
    for t in range(999, -1, -stride):
        negative, positive = unet(x.expand(2, -1, -1, -1), torch.tensor([t, t]), states).chunk(2)
        v = negative + GUIDANCE * (positive - negative)
        alpha, earlier = diffusion.alphas_cumprod[t], diffusion.previous(t, stride)
        x0, noise = alpha.sqrt() * x - (1 - alpha).sqrt() * v, alpha.sqrt() * v + (1 - alpha).sqrt() * x
        x = (earlier.sqrt() * x0 + (1 - earlier).sqrt() * noise).float()
        latents.append([round(float(value), 5) for value in x.flatten()])
    picture = ((autoencoder.decoder(x / scale)[0].clamp(-1, 1) + 1) * 127.5).round().byte()
    options.out.write_text(json.dumps({
        "prompt": PROMPT, "negativePrompt": NEGATIVE, "seed": SEED, "steps": STEPS, "guidanceScale": GUIDANCE,
        "ids": ids[0], "latents": latents, "picture": picture.permute(1, 2, 0).flatten().tolist(),
    }) + "\n")


if __name__ == "__main__":
    main()
