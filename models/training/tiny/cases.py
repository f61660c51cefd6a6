"""Runs a pipeline of diffusers and writes down what it drew, in the form of the golden cases."""

import base64
import contextlib
import functools
import inspect
import json
import re
from pathlib import Path

import numpy as np
import torch
from PIL import Image


# --- Arrays as JSON ------------------------------------------------------------------------------------------------


def numpy_of(values) -> np.ndarray:
    return values.detach().cpu().numpy() if torch.is_tensor(values) else np.asarray(values)


def whole(values) -> dict:
    array = np.ascontiguousarray(numpy_of(values), dtype="<f4")
    return {"shape": list(array.shape), "f32": base64.b64encode(array.tobytes()).decode()}


def octets(values) -> dict:
    array = np.ascontiguousarray(values, dtype=np.uint8)
    return {"shape": list(array.shape), "u8": base64.b64encode(array.tobytes()).decode()}


def brief(values) -> dict:
    array = numpy_of(values).astype(np.float64)
    return {
        "shape": list(array.shape),
        "first16": array.ravel()[:16].tolist(),
        "sum": float(array.sum()),
        "sum_squares": float((array**2).sum()),
    }


def finite(value):
    """JSON has no infinity."""
    return str(value).replace("inf", "Infinity") if isinstance(value, float) and np.isinf(value) else value


def write_json(path: Path, value: object) -> None:
    """Indented, but lists of numbers on a line."""
    text = json.dumps(value, indent=1, ensure_ascii=False)
    numbers = r"\[\s*(-?[\d.eE+-]+(?:,\s*-?[\d.eE+-]+)*)\s*\]"
    text = re.sub(numbers, lambda found: "[" + "".join(found[1].split()) + "]", text)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text + "\n")


# --- What happens in a pipeline ------------------------------------------------------------------------------------


class Record:
    """While it is entered, the parts of a pipeline and PyTorch's random numbers note what goes through them."""

    def __init__(self, parts: dict):
        self.parts = parts
        self.token_ids, self.encoded, self.draws, self.calls, self.steps = [], [], [], [], []
        self.embeds = self.decoder = None

    @contextlib.contextmanager
    def watch(self, pipeline=None):
        with contextlib.ExitStack() as stack:
            for name in ("text_encoder", "text_encoder_2"):
                if self.parts.get(name) is not None:
                    self.wrap(stack, self.parts[name], "forward", functools.partial(self.on_text, name))
            for name in ("unet", "transformer"):
                if name in self.parts:
                    self.wrap(stack, self.parts[name], "forward", self.on_denoiser)
            if "vae" in self.parts:
                self.wrap(stack, self.parts["vae"], "encode", self.on_encode)
                self.wrap(stack, self.parts["vae"], "decode", self.on_decode)
            if hasattr(pipeline, "encode_prompt"):
                self.wrap(stack, pipeline, "encode_prompt", self.on_prompt)
            self.wrap(stack, self.parts["scheduler"], "step", self.on_step)
            self.wrap(stack, torch, "randn", self.on_draw)
            yield self

    def wrap(self, stack, owner, name: str, note) -> None:
        original = getattr(owner, name)
        was_own = name in vars(owner)

        @functools.wraps(original)
        def wrapper(*values, **named):
            result = original(*values, **named)
            note(result, *values, **named)
            return result

        # A module's own `__call__` finds it; `inspect.signature` sees the original one's arguments.
        owner.__dict__[name] = wrapper
        stack.callback(lambda: owner.__dict__.__setitem__(name, original) if was_own else owner.__dict__.pop(name))

    def on_text(self, name, _, input_ids, *__, **___):
        self.token_ids.append({"encoder": name, "ids": input_ids.tolist()})

    def on_prompt(self, result, *_, **__):
        names = ("prompt_embeds", "negative_prompt_embeds", "pooled_prompt_embeds", "negative_pooled_prompt_embeds")
        both = [None if value is None else brief(value) | whole(value) for value in result]
        self.embeds = dict(zip(names, both))

    def on_denoiser(self, result, sample, timestep=None, *_, **named):
        output = result[0]
        time = float(torch.as_tensor(timestep).ravel()[0])
        first = {"sample": whole(sample), "timestep": time, "out_sample": whole(output)}
        extra = {**named, **(named.get("added_cond_kwargs") or {})}
        for name in ("timestep_cond", "text_embeds", "time_ids", "class_labels"):
            if extra.get(name) is not None:
                first[name] = whole(extra[name])
        self.calls.append(first)

    def on_encode(self, result, picture, *_, **__):
        if hasattr(result, "latent_dist"):
            kept = {"parameters": whole(result.latent_dist.parameters)}
        else:
            kept = {"latents": whole(result.latents)}
        self.encoded.append({"input": brief(picture)} | kept)

    def on_decode(self, result, latents, *_, **__):
        self.decoder = latents.clone(), result[0].clone()

    def on_step(self, result, output, timestep, sample, *_, **__):
        values = list(result.values()) if hasattr(result, "values") else list(result)
        results = [value.clone() for value in values if value is not None]
        self.steps.append({"timestep": float(timestep), "sample": sample.clone(), "results": results})

    def on_draw(self, result, *_, **__):
        self.draws.append({"shape": list(result.shape), "first4": result.ravel()[:4].tolist()})


# --- A case --------------------------------------------------------------------------------------------------------


def generator_of(seed):
    if isinstance(seed, list):
        return [generator_of(one) for one in seed]
    return torch.Generator("cpu").manual_seed(seed)


def scheduler_config_of(scheduler, plain: bool = True) -> dict:
    """The whole configuration in effect, without what belongs to other schedulers; if `plain`, as JSON can hold it."""
    known = {*inspect.signature(type(scheduler).__init__).parameters, "_class_name", "_diffusers_version"}
    config = {"_class_name": type(scheduler).__name__, **{k: v for k, v in scheduler.config.items() if k in known}}
    return {name: finite(value) if plain else value for name, value in sorted(config.items())}


def run_case(pipeline, parts: dict, call: dict, pictures: dict) -> tuple:
    """The record, the latents after each step and the picture (N, H, W, 3) of a pipeline's own `__call__`."""
    arguments = {**call, **pictures, "output_type": "np"}
    arguments["generator"] = generator_of(arguments.pop("seed"))
    latents = []
    if "callback_on_step_end" in inspect.signature(pipeline.__call__).parameters:

        def note(_, __, ___, values):
            latents.append(values["latents"].clone())
            return {}

        arguments["callback_on_step_end"] = note
    record = Record(parts)
    with record.watch(pipeline), torch.no_grad():
        images = pipeline(**arguments).images
    if not latents:
        latents = [step["results"][0] for step in record.steps]
    return record, latents, images


def case_fields(record: Record, latents: list, images: np.ndarray, is_lcm: bool) -> dict:
    """The numbers of a case. Of the steps only the first, the middle and the last are whole."""
    # DiTPipeline keeps its latents twice, for guidance; the first half goes on.
    latents = [values[: len(images)] for values in latents]
    last = len(latents) - 1
    kept = {0, last // 2, last}
    fields = {"timesteps": [step["timestep"] for step in record.steps]}
    if record.token_ids:
        fields |= {"token_ids": record.token_ids, "embeds": record.embeds}
    if record.encoded:
        fields["encoded"] = record.encoded
    fields |= {
        "draws": record.draws,
        "unet_calls": len(record.calls),
        "unet_first": record.calls[0],
        "initial_latents": whole(record.steps[0]["sample"][: len(images)]),
        "step_latents": [whole(values) if index in kept else brief(values) for index, values in enumerate(latents)],
    }
    if is_lcm:
        fields["denoised"] = whole(record.steps[-1]["results"][1])
    if record.decoder:
        fields |= {"decoder_input": whole(record.decoder[0]), "decoder_output": brief(record.decoder[1])}
    return fields | {"picture": whole(images), "rgb": octets(np.round(images * 255))}


def write_case(folder: Path, name: str, about: dict, numbers: dict, pictures: dict) -> None:
    """`about` comes first, then the input pictures (also written as PNG files), then the numbers."""
    shown = {}
    for key, picture in pictures.items():
        file = f"{name}.{'mask' if key == 'mask_image' else 'image'}.png"
        picture.save(folder / file, optimize=True)
        shown[key] = {"file": file, **octets(np.asarray(picture))}
    write_json(folder / f"{name}.json", {"case": name, "folder": folder.name, **about, **shown, **numbers})


# --- Pictures to start from ----------------------------------------------------------------------------------------


def make_picture(height: int, width: int, phase: float = 0.0) -> Image.Image:
    """Smooth waves of another colour in each corner."""
    y, x = np.mgrid[0:height, 0:width] / max(height, width)
    channels = [np.sin(6 * x + 4 * y + phase + 2 * c) * np.cos(5 * y - 3 * x + c) for c in range(3)]
    return Image.fromarray(np.uint8(np.round(127.5 + 120 * np.stack(channels, axis=-1))), "RGB")


def make_mask(height: int, width: int) -> Image.Image:
    """A slanted patch, its border not along the latents' grid."""
    y, x = np.mgrid[0:height, 0:width]
    inside = (x > width * 0.3 + y * 0.2) & (y > height * 0.2) & (y < height * 0.85)
    return Image.fromarray(np.uint8(inside) * 255, "L")
