"""Makes tiny diffusion-model folders in diffusers' layout, with ONNX files and random weights, and writes what
diffusers' own pipelines draw from them: reference numbers for the tests.

    python3 models/training/make_tiny_models.py --diffusers DIFFUSERS/src --tokenizer FOLDER --out FOLDER

Needs PyTorch 1.13 or newer, onnx, numpy and Pillow, the source of diffusers (`--diffusers`: the folder that holds
the package), and the files of a CLIP tokenizer (`--tokenizer`: vocab.json, merges.txt, tokenizer.json and its
configurations). What else diffusers imports is replaced by tiny/stubs.py where it is missing. Everything runs on the
CPU in float32 on one thread; the same versions give the same bytes.

For each model it writes a folder to `--out`: model_index.json, the parts' configurations and graphs (opset 17), and
for each case `<case>.json` (and PNG files of what it starts from). Names of inputs and outputs are those of Optimum's
exports. test/golden/pipelines/README.md explains a case's fields.
"""

import argparse
import copy
import json
import shutil
import sys
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable

import numpy as np
import torch
from torch import nn

from tiny import cases as tiny_cases
from tiny import graphs as tiny_graphs
from tiny import stubs as tiny_stubs

COMMIT = "58eb52c0803ea9af3abec60841c2a093bdf1f951"
PROMPT, NEGATIVE = "a bowl of green apples on the table", "blurry, low quality"
DEFAULT_TOKENIZER_FILES = ("vocab.json", "merges.txt")

# Axes that stay open.
BATCH = {0: "batch_size"}
PICTURES = {0: "batch_size", 2: "height", 3: "width"}
LATENTS = {0: "batch_size", 2: "height_latent", 3: "width_latent"}
SEQUENCE = {0: "batch_size", 1: "sequence_length"}

STABLE_DIFFUSION = {"beta_start": 0.00085, "beta_end": 0.012, "beta_schedule": "scaled_linear"}
LEADING = {**STABLE_DIFFUSION, "steps_offset": 1, "timestep_spacing": "leading"}
TRAILING = {**STABLE_DIFFUSION, "steps_offset": 1, "timestep_spacing": "trailing"}


# --- Random weights ------------------------------------------------------------------------------------------------


def randomize(module: nn.Module, seed: int) -> nn.Module:
    """Normal weights by fan-in, so that values keep about unit size from layer to layer; norms near the identity."""
    generator = torch.Generator().manual_seed(seed)
    norms = (nn.GroupNorm, nn.LayerNorm)
    with torch.no_grad():
        for part in module.modules():
            for name, weights in part.named_parameters(recurse=False):
                values = torch.randn(weights.shape, generator=generator)
                if isinstance(part, norms):
                    weights.copy_(0.1 * values + (name == "weight"))
                elif isinstance(part, nn.Embedding):
                    weights.copy_(values)
                elif weights.ndim > 1:
                    weights.copy_(values / weights[0].numel() ** 0.5)
                else:
                    weights.copy_(0.1 * values)
    return module.eval()


def rescale(layer: nn.Module, spread: float, mean: float, run) -> None:
    """Scales the last layer of what `run()` computes: its result gets this spread and mean."""
    with torch.no_grad():
        result = run()
        layer.weight.mul_(spread / result.std())
        layer.bias.mul_(0).add_(mean)


def noise(*shape: int) -> torch.Tensor:
    return torch.randn(shape, generator=torch.Generator().manual_seed(7))


# --- Parts ---------------------------------------------------------------------------------------------------------


def make_text_encoder(
    seed: int, width: int = 4, projection: int | None = None, activation: str = "quick_gelu", layers: int = 1
):
    import transformers

    config = transformers.PretrainedConfig(
        _name_or_path="tiny",
        architectures=["CLIPTextModelWithProjection" if projection else "CLIPTextModel"],
        attention_dropout=0.0, bos_token_id=732, dropout=0.0, eos_token_id=733, hidden_act=activation,
        hidden_size=width, initializer_factor=1.0, initializer_range=0.02, intermediate_size=2 * width,
        layer_norm_eps=1e-05, max_position_embeddings=77, model_type="clip_text_model", num_attention_heads=2,
        num_hidden_layers=layers, pad_token_id=1, projection_dim=projection or width, torch_dtype="float32",
        transformers_version="4.35.0", vocab_size=734,
    )
    kind = transformers.CLIPTextModelWithProjection if projection else transformers.CLIPTextModel
    return randomize(kind(config), seed)


def make_unet(seed: int, **options):
    """A conditional U-Net of two levels, with attention to the text in one of them."""
    import diffusers

    settings = dict(
        sample_size=8, in_channels=4, out_channels=4, block_out_channels=(4, 8), layers_per_block=1, norm_num_groups=2,
        down_block_types=("CrossAttnDownBlock2D", "DownBlock2D"), up_block_types=("UpBlock2D", "UpBlock2D"),
        mid_block_type=None, cross_attention_dim=4, attention_head_dim=2,
    )
    unet = randomize(diffusers.UNet2DConditionModel(**settings | options), seed)
    sample = noise(4, unet.config.in_channels, unet.config.sample_size, unet.config.sample_size)
    inputs = [sample, torch.tensor([500]), noise(4, 77, unet.config.cross_attention_dim)]
    rescale(unet.conv_out, 1.0, 0.0, lambda: unet(*inputs, **extra_inputs(unet, 4)).sample)
    return unet


def extra_inputs(unet, batch: int) -> dict:
    """Stand-ins for what some U-Nets are given besides, under their own arguments' names."""
    extra = {}
    if unet.config.time_cond_proj_dim:
        extra["timestep_cond"] = noise(batch, unet.config.time_cond_proj_dim)
    if unet.config.addition_embed_type == "text_time":
        pooled = unet.config.projection_class_embeddings_input_dim - 6 * unet.config.addition_time_embed_dim
        sizes = torch.tensor([[16.0, 16, 0, 0, 16, 16]]).repeat(batch, 1)
        extra["added_cond_kwargs"] = {"text_embeds": noise(batch, pooled), "time_ids": sizes}
    return extra


def make_autoencoder(seed: int, channels: tuple = (4, 4), scaling: float = 0.18215):
    import diffusers

    levels = len(channels)
    vae = diffusers.AutoencoderKL(
        block_out_channels=channels, layers_per_block=1, latent_channels=4, norm_num_groups=2, scaling_factor=scaling,
        down_block_types=("DownEncoderBlock2D",) * levels, up_block_types=("UpDecoderBlock2D",) * levels,
        sample_size=8 * 2 ** (levels - 1), mid_block_add_attention=False,
    )
    randomize(vae, seed)
    picture = noise(4, 3, 16, 16).clamp(-1, 1)
    # Means of the latents about 1 / scaling_factor wide, their deviations about 1.
    rescale(vae.quant_conv, 1.0, 0.0, lambda: vae.encode(picture).latent_dist.parameters)
    with torch.no_grad():
        vae.quant_conv.weight[:4] /= scaling
    rescale(vae.decoder.conv_out, 0.4, 0.0, lambda: vae.decode(noise(4, 4, 8, 8) / scaling).sample)
    return vae


def make_tiny_autoencoder(seed: int):
    import diffusers

    vae = diffusers.AutoencoderTiny(
        encoder_block_out_channels=(4, 4), decoder_block_out_channels=(4, 4), num_encoder_blocks=(1, 1),
        num_decoder_blocks=(1, 1), latent_channels=4,
    )
    randomize(vae, seed)
    rescale(vae.encoder.layers[-1], 1.0, 0.0, lambda: vae.encode(noise(4, 3, 16, 16).clamp(-1, 1)).latents)
    # The decoder's own layers fill 0..1; its result is twice that, less one.
    rescale(vae.decoder.layers[-1], 0.4, 0.5, lambda: vae.decode(noise(4, 4, 8, 8)).sample)
    with torch.no_grad():
        vae.decoder.layers[-1].bias.sub_(vae.decode(noise(4, 4, 8, 8)).sample.mean(dim=(0, 2, 3)) / 2)
    return vae


def make_scheduler(kind: str, **settings):
    import diffusers

    return getattr(diffusers, kind)(**settings)


# --- Graphs --------------------------------------------------------------------------------------------------------


@dataclass
class Shapes:
    """How graphs are exported: open axes, or for a fixed batch and size."""

    batch: int = 2
    is_fixed: bool = False

    def axes(self, named: dict) -> dict:
        return {} if self.is_fixed else named


def text_encoder_graph(encoder, shapes: Shapes, dtype: torch.dtype = torch.int64, with_hidden: bool = False):
    """Of one with a projection the first output is `text_embeds`."""
    is_projected = hasattr(encoder, "text_projection")
    names = ["text_embeds", "last_hidden_state"] if is_projected else ["last_hidden_state", "pooler_output"]
    count = encoder.config.num_hidden_layers + 1

    def run(module, ids):
        result = module(ids.to(torch.int64), output_hidden_states=True)
        return tuple(getattr(result, name) for name in names) + (result.hidden_states if with_hidden else ())

    axes = {"last_hidden_state": SEQUENCE}
    outputs = names + [f"hidden_states.{index}" for index in range(count if with_hidden else 0)]
    ids = torch.arange(shapes.batch * 77).view(shapes.batch, 77).remainder(700).to(dtype)
    return tiny_graphs.export(
        encoder, run, {"input_ids": (ids, shapes.axes(SEQUENCE))},
        {name: shapes.axes(axes.get(name, SEQUENCE if "hidden" in name else BATCH)) for name in outputs},
    )


def unet_graph(unet, shapes: Shapes, timestep: str = "int64 [1]"):
    """`timestep` is the type and shape of that input: [1], [N] (one for each picture) or [] (a scalar)."""
    size, batch = unet.config.sample_size, shapes.batch
    inputs = {
        "sample": (noise(batch, unet.config.in_channels, size, size), shapes.axes(PICTURES)),
        "timestep": timestep_input(timestep, batch, shapes),
        "encoder_hidden_states": (noise(batch, 77, unet.config.cross_attention_dim), shapes.axes(SEQUENCE)),
    }
    extra = extra_inputs(unet, batch)
    if "timestep_cond" in extra:
        inputs["timestep_cond"] = (extra["timestep_cond"], shapes.axes(BATCH))
    for name, value in extra.get("added_cond_kwargs", {}).items():
        inputs[name] = (value, shapes.axes(BATCH))
    order = list(inputs)[3:]

    def run(module, sample, t, states, *others):
        named = dict(zip(order, others))
        condition = named.pop("timestep_cond", None)
        return module(sample, t, states, timestep_cond=condition, added_cond_kwargs=named or None).sample

    return tiny_graphs.export(unet, run, inputs, {"out_sample": shapes.axes(PICTURES)})


def timestep_input(kind: str, batch: int, shapes: Shapes) -> tuple:
    dtype, shape = kind.split()
    example = torch.tensor(501, dtype=getattr(torch, dtype))
    if shape == "[N]":
        return example.repeat(batch), shapes.axes(BATCH)
    return (example, {}) if shape == "[]" else (example.view(1), shapes.axes({0: "steps"}))


def decoder_graph(vae, shapes: Shapes):
    latents = noise(shapes.batch, 4, 8, 8)
    return tiny_graphs.export(
        vae, lambda module, sample: module.decode(sample).sample,
        {"latent_sample": (latents, shapes.axes(LATENTS))}, {"sample": shapes.axes(PICTURES)},
    )


def encoder_graph(vae, shapes: Shapes):
    """The parameters of the latents' distribution, or where there is none the latents."""
    size = 8 * 2 ** (len(vae.config.block_out_channels) - 1)
    has_distribution = hasattr(vae, "quant_conv")

    def run(module, sample):
        result = module.encode(sample)
        return result.latent_dist.parameters if has_distribution else result.latents

    output = "latent_parameters" if has_distribution else "latents"
    return tiny_graphs.export(
        vae, run, {"sample": (noise(shapes.batch, 3, size, size).clamp(-1, 1), shapes.axes(PICTURES))},
        {output: shapes.axes(LATENTS)},
    )


# --- Folders -------------------------------------------------------------------------------------------------------


@dataclass
class Model:
    """A folder in the making: the pipeline's class, its parts under diffusers' names, and where it lies."""

    folder: Path
    kind: str
    parts: dict
    more: dict = field(default_factory=dict)
    make: Callable | None = None

    def pipeline(self, kind: str | None = None, scheduler=None):
        import diffusers

        options = {**self.parts, **self.more}
        if scheduler is not None:
            options["scheduler"] = scheduler
        kind = kind or self.kind
        if self.make is not None:
            return self.make(**options)
        if kind.startswith("StableDiffusionXL"):
            options["add_watermarker"] = False
        return getattr(diffusers, kind)(**options)

    def write_index(self, **labels) -> None:
        """model_index.json, from what the pipeline itself holds."""
        config = {"_class_name": self.kind, "_diffusers_version": diffusers_version(), **labels}
        if self.kind != "DiffusionPipeline":
            held = {name: value for name, value in self.pipeline().config.items() if not name.startswith("_")}
            config |= {name: list(value) if isinstance(value, tuple) else value for name, value in held.items()}
        else:
            config |= {name: ["diffusers", type(part).__name__] for name, part in self.parts.items()}
        tiny_cases.write_json(self.folder / "model_index.json", dict(sorted(config.items())))

    def write_config(self, name: str, part, file: str = "config.json") -> None:
        config = part.config.to_dict() if isinstance(part, nn.Module) and hasattr(part.config, "to_dict") else None
        if config is None:
            hidden = {"_use_default_values", "_name_or_path"}
            config = {"_class_name": type(part).__name__, "_diffusers_version": diffusers_version()}
            config |= {key: value for key, value in part.config.items() if key not in hidden}
        tiny_cases.write_json(self.folder / name / file, {k: tiny_cases.finite(v) for k, v in sorted(config.items())})

    def write_scheduler(self) -> None:
        config = tiny_cases.scheduler_config_of(self.parts["scheduler"])
        tiny_cases.write_json(self.folder / "scheduler" / "scheduler_config.json", config)

    def write_graph(self, name: str, graph, part, file: str = "model.onnx") -> None:
        tiny_graphs.save(graph, self.folder / name / file)
        self.write_config(name, part)

    def write_autoencoder(self, shapes: Shapes, with_encoder: bool = True) -> None:
        self.write_graph("vae_decoder", decoder_graph(self.parts["vae"], shapes), self.parts["vae"])
        if with_encoder:
            self.write_graph("vae_encoder", encoder_graph(self.parts["vae"], shapes), self.parts["vae"])

    def write_tokenizer(self, name: str = "tokenizer") -> None:
        """What a tokenizer makes of some texts; `make_tokenizer` has written the tokenizer itself."""
        texts = [PROMPT, NEGATIVE, "", "the quiet village in the morning, " * 12, "an astronaut's 2 cats!!"]
        tokenizer = self.parts[name]
        rows = []
        for text in texts:
            ids = tokenizer(text, padding="max_length", max_length=77, truncation=True).input_ids[0].tolist()
            whole = tokenizer.encode(text)
            rows.append({"text": text, "input_ids": ids, "untruncated_length": len(whole), "untruncated_ids": whole})
        tiny_cases.write_json(
            self.folder / f"{name}.tokens.json",
            {"model_max_length": tokenizer.model_max_length, "pad_token": tokenizer.pad_token, "rows": rows},
        )

    def write_case(
        self, name: str, call: dict, pictures: dict | None = None, kind: str | None = None,
        scheduler: str | None = None, **overrides,
    ) -> None:
        """Runs a pipeline and writes what it drew. `scheduler` and `overrides`: what differs from the folder's own."""
        import diffusers

        own = json.loads((self.folder / "scheduler" / "scheduler_config.json").read_text())
        chosen = getattr(diffusers, scheduler or own["_class_name"]).from_config(own, **overrides)
        pipeline = self.pipeline(kind, chosen)
        chosen = pipeline.scheduler  # some pipelines make one of their own kind of it
        parts = {**self.parts, "scheduler": chosen}
        record, latents, images = tiny_cases.run_case(pipeline, parts, call, pictures or {})
        about = {
            "diffusers": diffusers_version(),
            "commit": COMMIT,
            "pipeline": kind or self.kind,
            "call": call,
            "scheduler": type(chosen).__name__,
            "scheduler_overrides": ({"_class_name": scheduler} if scheduler else {}) | overrides,
            "scheduler_config": tiny_cases.scheduler_config_of(chosen),
        }
        numbers = tiny_cases.case_fields(record, latents, images, type(chosen).__name__ == "LCMScheduler")
        check_numbers(f"{self.folder.name}/{name}", latents, images)
        tiny_cases.write_case(self.folder, name, about, numbers, pictures or {})
        if any(isinstance(value, float) and np.isinf(value) for value in chosen.config.values()):
            # As diffusers saves it: with a bare -Infinity, which is no JSON.
            config = json.dumps(tiny_cases.scheduler_config_of(chosen, plain=False), indent=2)
            (self.folder / f"{name}.scheduler_config.json").write_text(config + "\n")


def check_numbers(name: str, latents: list, images: np.ndarray) -> None:
    clipped = ((images <= 0) | (images >= 1)).mean()
    largest = max(float(values.abs().max()) for values in latents)
    print(f"{name}: {len(latents)} steps, latents to {largest:.3g}, spread {images.std():.3f}, clipped {clipped:.1%}")
    if not np.isfinite(largest) or not np.isfinite(images).all():
        raise RuntimeError(f"{name} has numbers that are not finite")


def diffusers_version() -> str:
    import diffusers

    return diffusers.__version__


def make_tokenizer(
    source: Path, folder: Path, pad_token: str = "<|endoftext|>", files: tuple = DEFAULT_TOKENIZER_FILES
):
    """Copies a tokenizer's files, with another padding token in its configurations, and reads it."""
    import transformers

    folder.mkdir(parents=True, exist_ok=True)
    for name in files:
        shutil.copyfile(source / name, folder / name)
    for name in ("tokenizer_config.json", "special_tokens_map.json"):
        config = json.loads((source / name).read_text())
        tiny_cases.write_json(folder / name, {**config, "pad_token": pad_token})
    tokenizer = transformers.CLIPTokenizer(source)
    tokenizer.pad_token, tokenizer.pad_token_id = pad_token, tokenizer.vocabulary[pad_token]
    return tokenizer


def stable_diffusion(
    options, name: str, seed: int, scheduler, unet: dict | None = None, encoder: dict | None = None,
    channels: tuple = (4, 4), kind: str = "StableDiffusionPipeline", **tokenizer,
) -> Model:
    """A model with one text encoder, all parts made but only the tokenizer written."""
    folder = options.out / name
    shutil.rmtree(folder, ignore_errors=True)
    parts = {
        "tokenizer": make_tokenizer(options.tokenizer, folder / "tokenizer", **tokenizer),
        "text_encoder": make_text_encoder(seed, **encoder or {}),
        "unet": make_unet(seed + 1, **unet or {}),
        "vae": make_autoencoder(seed + 2, channels),
        "scheduler": scheduler,
    }
    more = {"safety_checker": None, "feature_extractor": None, "requires_safety_checker": False}
    return Model(folder, kind, parts, more)


def write_stable_diffusion(model: Model, shapes: Shapes = Shapes(), with_encoder: bool = True) -> None:
    encoder, unet = model.parts["text_encoder"], model.parts["unet"]
    model.write_index()
    model.write_scheduler()
    model.write_tokenizer()
    model.write_graph("text_encoder", text_encoder_graph(encoder, shapes), encoder)
    model.write_graph("unet", unet_graph(unet, shapes), unet)
    model.write_autoencoder(shapes, with_encoder)


def lcm_like(options) -> None:
    """A latent consistency model: the U-Net is told the guidance, the scheduler draws noise between its steps."""
    scheduler = make_scheduler(
        "LCMScheduler", **STABLE_DIFFUSION, steps_offset=1, set_alpha_to_one=True, clip_sample=False
    )
    model = stable_diffusion(
        options, "lcm-like", 100, scheduler, {"time_cond_proj_dim": 8}, kind="LatentConsistencyModelPipeline",
        files=("tokenizer.json",),
    )
    write_stable_diffusion(model)
    call = {"prompt": PROMPT, "seed": 11, "num_inference_steps": 4, "guidance_scale": 8.5}
    model.write_case("text-to-image", call)
    model.write_case("two-pictures", {**call, "seed": 12, "num_images_per_prompt": 2})
    model.write_case(
        "image-to-image", {**call, "seed": 13, "strength": 0.6}, {"image": tiny_cases.make_picture(16, 16)},
        "LatentConsistencyModelImg2ImgPipeline",
    )



def sdxl_like(options) -> None:
    """Stable Diffusion XL: two text encoders, pooled embeddings and sizes, zeros for no negative prompt."""
    folder = options.out / "sdxl-like"
    shutil.rmtree(folder, ignore_errors=True)
    unet = make_unet(
        201, cross_attention_dim=10, addition_embed_type="text_time", addition_time_embed_dim=4,
        projection_class_embeddings_input_dim=5 + 6 * 4, use_linear_projection=True,
    )
    parts = {
        "tokenizer": make_tokenizer(options.tokenizer, folder / "tokenizer"),
        "tokenizer_2": make_tokenizer(options.tokenizer, folder / "tokenizer_2", "!"),
        "text_encoder": make_text_encoder(202, layers=2),
        "text_encoder_2": make_text_encoder(203, width=6, projection=5, activation="gelu", layers=2),
        "unet": unet,
        "vae": make_autoencoder(204, scaling=0.13025),
        "scheduler": make_scheduler("EulerDiscreteScheduler", **LEADING),
    }
    more = {"feature_extractor": None, "image_encoder": None, "force_zeros_for_empty_prompt": True}
    model = Model(folder, "StableDiffusionXLPipeline", parts, more)
    model.write_index()
    model.write_scheduler()
    model.write_tokenizer()
    model.write_tokenizer("tokenizer_2")
    for name in ("text_encoder", "text_encoder_2"):
        model.write_graph(name, text_encoder_graph(parts[name], Shapes(), with_hidden=True), parts[name])
    model.write_graph("unet", unet_graph(unet, Shapes(), "float32 [N]"), unet)
    model.write_autoencoder(Shapes())
    call = {"prompt": PROMPT, "seed": 21, "num_inference_steps": 4, "guidance_scale": 5.0}
    sizes = {"original_size": [24, 20], "crops_coords_top_left": [2, 3], "target_size": [16, 18]}
    model.write_case("text-to-image", call)
    model.write_case("negative-and-sizes", {**call, "negative_prompt": NEGATIVE, "seed": 22, **sizes})
    model.write_case(
        "image-to-image", {**call, "seed": 23, "num_inference_steps": 5, "strength": 0.6},
        {"image": tiny_cases.make_picture(16, 16, 1.0)}, "StableDiffusionXLImg2ImgPipeline",
    )
    empty = {"negative_prompt": "", "num_inference_steps": 3, "height": 8, "width": 8}
    model.write_case("empty-negative", {**call, "seed": 25, **empty})
    model.write_case(
        "turbo", {"prompt": PROMPT, "seed": 24, "num_inference_steps": 1, "guidance_scale": 0.0},
        scheduler="EulerAncestralDiscreteScheduler", timestep_spacing="trailing",
    )


def inpaint_like(options) -> None:
    """A U-Net made for inpainting: nine channels hold the latents, the mask and the masked picture's latents."""
    scheduler = make_scheduler("DDIMScheduler", **LEADING, clip_sample=False, set_alpha_to_one=False)
    kind = "StableDiffusionInpaintPipeline"
    model = stable_diffusion(options, "inpaint-like", 300, scheduler, {"in_channels": 9}, kind=kind)
    write_stable_diffusion(model)
    pictures = {"image": tiny_cases.make_picture(16, 16, 2.0), "mask_image": tiny_cases.make_mask(16, 16)}
    call = {"prompt": PROMPT, "seed": 31, "num_inference_steps": 4, "guidance_scale": 5.0, "height": 16, "width": 16}
    model.write_case("strength-1", {**call, "strength": 1.0}, pictures)
    model.write_case("strength-0.7", {**call, "seed": 32, "strength": 0.7}, pictures)
    pndm = {"scheduler": "PNDMScheduler", "skip_prk_steps": True}
    model.write_case("pndm", {**call, "seed": 33, "strength": 1.0}, pictures, **pndm)


def sd_inpaint_4(options) -> None:
    """Inpainting with an ordinary U-Net: what is kept is put back after each step."""
    scheduler = make_scheduler("DDIMScheduler", **LEADING, clip_sample=False, set_alpha_to_one=False)
    model = stable_diffusion(options, "sd-inpaint-4", 320, scheduler)
    write_stable_diffusion(model)
    pictures = {"image": tiny_cases.make_picture(16, 16, 3.0), "mask_image": tiny_cases.make_mask(16, 16)}
    call = {"prompt": PROMPT, "seed": 34, "num_inference_steps": 4, "guidance_scale": 5.0, "height": 16, "width": 16}
    kind = "StableDiffusionInpaintPipeline"
    model.write_case("ddim-eta", {**call, "strength": 0.7, "eta": 0.5}, pictures, kind)
    model.write_case(
        "euler-ancestral", {**call, "seed": 35, "strength": 0.7}, pictures, kind, "EulerAncestralDiscreteScheduler"
    )
    model.write_case("strength-1", {**call, "seed": 36, "strength": 1.0, "eta": 0.5}, pictures, kind)


def sd2_like(options) -> None:
    """Stable Diffusion 2: velocity prediction, no signal left at the last timestep, rescaled guidance."""
    scheduler = make_scheduler(
        "DDIMScheduler", **TRAILING, clip_sample=False, set_alpha_to_one=True, prediction_type="v_prediction",
        rescale_betas_zero_snr=True,
    )
    unet = {"sample_size": 4, "use_linear_projection": True, "attention_head_dim": (2, 4)}
    model = stable_diffusion(
        options, "sd2-like", 400, scheduler, unet, {"activation": "gelu"}, (4, 4, 4), pad_token="!"
    )
    write_stable_diffusion(model)
    prompts = [PROMPT, "an astronaut walks through the forest", "blue boat"]
    call = {"prompt": prompts, "negative_prompt": [NEGATIVE, "", "bad"], "guidance_scale": 7.5, "guidance_rescale": 0.7}
    call |= {"num_inference_steps": 4, "num_images_per_prompt": 2}
    model.write_case("three-prompts", {**call, "seed": [41, 42, 43, 44, 45, 46]})
    model.write_case(
        "seeds-and-eta", {**call, "prompt": prompts[0], "negative_prompt": NEGATIVE, "seed": [47, 48], "eta": 0.8}
    )


def dit_like(options) -> None:
    """A diffusion transformer of classes. The pipeline's class of nothing is number 1000, so there are 1000 others."""
    import diffusers

    folder = options.out / "dit-like"
    shutil.rmtree(folder, ignore_errors=True)
    transformer = diffusers.DiTTransformer2DModel(
        num_attention_heads=2, attention_head_dim=4, in_channels=4, out_channels=8, num_layers=1, norm_num_groups=2,
        sample_size=8, patch_size=2, num_embeds_ada_norm=1000,
    )
    randomize(transformer, 500)
    labels = torch.tensor([0, 1, 2, 1000])
    rescale(
        transformer.proj_out_2, 1.0, 0.0,
        lambda: transformer(noise(4, 4, 8, 8), timestep=torch.tensor([9, 300, 600, 900]), class_labels=labels).sample,
    )
    scheduler = make_scheduler("DDIMScheduler", beta_start=0.0001, beta_end=0.02, clip_sample=False)
    parts = {"transformer": transformer, "vae": make_autoencoder(501), "scheduler": scheduler}
    model = Model(folder, "DiTPipeline", parts)
    model.write_index(id2label={"0": "tench, Tinca tinca", "1": "goldfish", "2": "white shark"})
    model.write_scheduler()
    inputs = {
        "hidden_states": (noise(2, 4, 8, 8), BATCH),
        "timestep": (torch.tensor([501, 501]), BATCH),
        "class_labels": (torch.tensor([1, 1000]), BATCH),
    }

    def run(module, sample, t, classes):
        return module(sample, timestep=t, class_labels=classes).sample

    graph = tiny_graphs.export(with_norm_weights(transformer), run, inputs, {"out_sample": BATCH})
    model.write_graph("transformer", graph, transformer)
    model.write_autoencoder(Shapes(), with_encoder=False)
    call = {"class_labels": [2, 1], "seed": 51, "num_inference_steps": 4, "guidance_scale": 4.0}
    model.write_case("two-classes", call)
    call = {"class_labels": [0], "seed": 52, "num_inference_steps": 3, "guidance_scale": 1.0}
    model.write_case("no-guidance", call)


def with_norm_weights(module: nn.Module) -> nn.Module:
    """A copy whose LayerNorms all have weights, if only of ones: the exporter wants them."""
    module = copy.deepcopy(module)
    for part in module.modules():
        if isinstance(part, nn.LayerNorm) and part.weight is None:
            part.weight = nn.Parameter(torch.ones(part.normalized_shape))
            part.bias = nn.Parameter(torch.zeros(part.normalized_shape))
    return module


class LatentClassPipeline:
    """What diffusers has no pipeline for: a U-Net of classes on an autoencoder's latents, with classifier-free
    guidance. The last class stands for none."""

    def __init__(self, unet, vae, scheduler):
        self.unet, self.vae, self.scheduler = unet, vae, scheduler

    def __call__(self, class_labels, num_inference_steps, guidance_scale, generator, output_type="np", eta=0.0):
        from diffusers.pipelines.pipeline_utils import ImagePipelineOutput

        size, count = self.unet.config.sample_size, len(class_labels)
        is_guided = guidance_scale > 1
        labels = torch.tensor(class_labels)
        nothing = torch.full_like(labels, self.unet.config.num_class_embeds - 1)
        if is_guided:
            labels = torch.cat([nothing, labels])
        latents = torch.randn((count, self.unet.config.in_channels, size, size), generator=generator)
        latents = latents * self.scheduler.init_noise_sigma
        self.scheduler.set_timesteps(num_inference_steps)
        for t in self.scheduler.timesteps:
            sample = self.scheduler.scale_model_input(torch.cat([latents] * 2) if is_guided else latents, t)
            output = self.unet(sample, t, class_labels=labels, return_dict=False)[0]
            if is_guided:
                unconditional, conditional = output.chunk(2)
                output = unconditional + guidance_scale * (conditional - unconditional)
            latents = self.scheduler.step(output, t, latents, eta=eta, generator=generator, return_dict=False)[0]
        pictures = self.vae.decode(latents / self.vae.config.scaling_factor, return_dict=False)[0]
        return ImagePipelineOutput(images=(pictures / 2 + 0.5).clamp(0, 1).permute(0, 2, 3, 1).numpy())


def make_plain_unet(seed: int, sample_size: int, channels: int, classes: int | None):
    """An unconditional U-Net, or one of classes."""
    import diffusers

    unet = diffusers.UNet2DModel(
        sample_size=sample_size, in_channels=channels, out_channels=channels, block_out_channels=(4, 8),
        down_block_types=("DownBlock2D", "AttnDownBlock2D"), up_block_types=("UpBlock2D", "UpBlock2D"),
        layers_per_block=1, norm_num_groups=2, attention_head_dim=4, num_class_embeds=classes, add_attention=False,
    )
    randomize(unet, seed)
    labels = None if classes is None else torch.arange(4).remainder(classes)
    rescale(
        unet.conv_out, 1.0, 0.0,
        lambda: unet(noise(4, channels, sample_size, sample_size), torch.tensor(400), class_labels=labels).sample,
    )
    return unet


def plain_unet_graph(unet):
    """Takes a scalar timestep, and class labels where it has classes."""
    size, channels = unet.config.sample_size, unet.config.in_channels
    inputs = {"sample": (noise(2, channels, size, size), PICTURES), "timestep": (torch.tensor(501), {})}
    if unet.config.num_class_embeds:
        inputs["class_labels"] = (torch.tensor([0, 1]), BATCH)
    return tiny_graphs.export(
        unet, lambda module, sample, t, classes=None: module(sample, t, class_labels=classes).sample,
        inputs, {"out_sample": PICTURES},
    )


def latent_class(options) -> None:
    folder = options.out / "latent-class"
    shutil.rmtree(folder, ignore_errors=True)
    scheduler = make_scheduler("DDIMScheduler", **LEADING, clip_sample=False, set_alpha_to_one=False)
    parts = {"unet": make_plain_unet(600, 8, 4, classes=4), "vae": make_autoencoder(601), "scheduler": scheduler}
    model = Model(folder, "DiffusionPipeline", parts, make=LatentClassPipeline)
    model.write_index(id2label={"0": "cat", "1": "dog", "2": "fish"})
    model.write_scheduler()
    model.write_graph("unet", plain_unet_graph(parts["unet"]), parts["unet"])
    model.write_autoencoder(Shapes(), with_encoder=False)
    call = {"class_labels": [2, 0, 1], "seed": 61, "num_inference_steps": 4, "guidance_scale": 3.0}
    model.write_case("three-classes", call)
    model.write_case("eta", {**call, "class_labels": [1], "seed": 62, "eta": 0.5})


def sdxs_like(options) -> None:
    """One step without guidance, AutoencoderTiny; inputs of 32-bit integers, the timestep a scalar."""
    model = stable_diffusion(options, "sdxs-like", 700, make_scheduler("EulerDiscreteScheduler", **TRAILING))
    parts = model.parts
    parts["vae"] = make_tiny_autoencoder(702)
    model.write_index()
    model.write_scheduler()
    model.write_tokenizer()
    encoder = text_encoder_graph(parts["text_encoder"], Shapes(), torch.int32)
    model.write_graph("text_encoder", encoder, parts["text_encoder"])
    model.write_graph("unet", unet_graph(parts["unet"], Shapes(), "int32 []"), parts["unet"])
    model.write_autoencoder(Shapes())
    call = {"prompt": PROMPT, "seed": 71, "num_inference_steps": 1, "guidance_scale": 0.0}
    model.write_case("one-step", call)
    model.write_case(
        "image-to-image", {**call, "seed": 72, "num_inference_steps": 2, "strength": 0.5},
        {"image": tiny_cases.make_picture(16, 16, 4.0)}, "StableDiffusionImg2ImgPipeline",
    )


def pixel(options) -> None:
    """No latents at all."""
    folder = options.out / "pixel"
    shutil.rmtree(folder, ignore_errors=True)
    parts = {"unet": make_plain_unet(800, 16, 3, classes=None), "scheduler": make_scheduler("DDPMScheduler")}
    model = Model(folder, "DDPMPipeline", parts)
    model.write_index()
    model.write_scheduler()
    model.write_graph("unet", plain_unet_graph(parts["unet"]), parts["unet"])
    model.write_case("ddpm", {"seed": 81, "batch_size": 2, "num_inference_steps": 5})
    for name, eta in (("ddim", 0.0), ("ddim-eta", 0.7)):
        call = {"seed": 82, "batch_size": 1, "num_inference_steps": 4, "eta": eta}
        model.write_case(name, call, kind="DDIMPipeline", scheduler="DDIMScheduler")


# --- Stable Diffusion 1 in small, and the same weights in other files ----------------------------------------------


def small_model(options, name: str) -> Model:
    scheduler = make_scheduler("PNDMScheduler", **LEADING, skip_prk_steps=True, set_alpha_to_one=False)
    return stable_diffusion(options, name, 900, scheduler, {"block_out_channels": (4, 4)})


SMALL_CALL = {"prompt": PROMPT, "seed": 91, "num_inference_steps": 4, "guidance_scale": 6.0}
SMALL_CALL |= {"negative_prompt": NEGATIVE}
THREE_CALL = {"prompt": PROMPT, "seed": 92, "num_inference_steps": 3, "guidance_scale": 1.0, "num_images_per_prompt": 3}


def write_small_cases(model: Model, count: int) -> None:
    """The first few of the cases that every form of these weights shares."""
    image = {"image": tiny_cases.make_picture(16, 16, 5.0)}
    call = {**SMALL_CALL, "seed": 93, "num_inference_steps": 5, "strength": 0.6}
    cases = [
        ("text-to-image", SMALL_CALL, {}, None),
        ("three-pictures", THREE_CALL, {}, None),
        ("image-to-image", call, image, "StableDiffusionImg2ImgPipeline"),
    ]
    for name, call, pictures, kind in cases[:count]:
        model.write_case(name, call, pictures, kind)


def sd_small(options) -> None:
    """Stable Diffusion 1 in small: with many schedulers."""
    model = small_model(options, "sd-small")
    write_stable_diffusion(model)
    write_small_cases(model, 3)
    schedulers = {
        "euler": ("EulerDiscreteScheduler", {}),
        "euler-ancestral": ("EulerAncestralDiscreteScheduler", {}),
        "heun": ("HeunDiscreteScheduler", {}),
        "dpm": ("DPMSolverMultistepScheduler", {"use_karras_sigmas": True}),
        "unipc": ("UniPCMultistepScheduler", {}),
        "ddim-eta": ("DDIMScheduler", {"clip_sample": False}),
        "lms": ("LMSDiscreteScheduler", {}),
    }
    image = {"image": tiny_cases.make_picture(8, 8, 6.0)}
    for index, (name, (kind, overrides)) in enumerate(schedulers.items()):
        call = {**SMALL_CALL, "seed": 910 + index}
        drawn = {**call, "height": 8, "width": 8} | ({"eta": 1.0} if name == "ddim-eta" else {})
        model.write_case(f"text-to-image-{name}", drawn, scheduler=kind, **overrides)
        if name in ("euler", "dpm"):
            call = {**call, "seed": 920 + index, "num_inference_steps": 5, "strength": 0.6}
            model.write_case(
                f"image-to-image-{name}", call, image, "StableDiffusionImg2ImgPipeline", kind, **overrides
            )


def fixed_1(options) -> None:
    """The same weights, their graphs for one picture of one size."""
    model = small_model(options, "fixed-1")
    write_stable_diffusion(model, Shapes(1, is_fixed=True))
    write_small_cases(model, 3)


def fixed_2(options) -> None:
    """The same for two."""
    model = small_model(options, "fixed-2")
    write_stable_diffusion(model, Shapes(2, is_fixed=True))
    write_small_cases(model, 3)


def half(options) -> None:
    """The same weights in float16, but for the autoencoder. The numbers are those of float32."""
    model = small_model(options, "half")
    write_stable_diffusion(model, with_encoder=False)
    for name in ("unet", "text_encoder"):
        path = model.folder / name / "model.onnx"
        tiny_graphs.save(tiny_graphs.to_half(tiny_graphs.load(path)), path.with_name("model_fp16.onnx"))
        path.unlink()
    write_small_cases(model, 2)


def external(options) -> None:
    """The same weights in files beside the graphs."""
    model = small_model(options, "external")
    write_stable_diffusion(model, with_encoder=False)
    for name, files in (("unet", ["model.onnx_data"]), ("vae_decoder", ["model.onnx_data", "model.onnx_data_1"])):
        path = model.folder / name / "model.onnx"
        tiny_graphs.save_external(tiny_graphs.load(path), path, files)
    write_small_cases(model, 1)


FOLDERS = {
    "lcm-like": lcm_like,
    "sdxl-like": sdxl_like,
    "inpaint-like": inpaint_like,
    "sd-inpaint-4": sd_inpaint_4,
    "sd2-like": sd2_like,
    "dit-like": dit_like,
    "latent-class": latent_class,
    "sdxs-like": sdxs_like,
    "sd-small": sd_small,
    "fixed-1": fixed_1,
    "fixed-2": fixed_2,
    "half": half,
    "external": external,
    "pixel": pixel,
}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--diffusers", type=Path, required=True, help="the folder that holds diffusers' package")
    parser.add_argument("--tokenizer", type=Path, required=True, help="a folder with a CLIP tokenizer's files")
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--only", nargs="*", choices=FOLDERS, default=list(FOLDERS), help="these folders alone")
    options = parser.parse_args()
    sys.path.insert(0, str(options.diffusers))
    tiny_stubs.install()
    torch.set_num_threads(1)
    for name in options.only:
        FOLDERS[name](options)


if __name__ == "__main__":
    main()
