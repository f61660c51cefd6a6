"""Exports a model of diffusers to a folder with ONNX files, which diffusers' own layout otherwise stays.

    python3 models/training/export_folder.py MODEL OUT [--half] [--pipeline CLASS]

MODEL is a folder or a name on the Hugging Face Hub, as `DiffusionPipeline.from_pretrained` takes it. Needs torch,
diffusers, transformers and onnx. Parts: text encoders, U-Net or transformer, autoencoder (encoder and decoder), each
with batch, size and length open; weights above 2 GB are written beside their file. `--half` writes float16 weights as
`model_fp16.onnx`, for the parts that stand it: the autoencoder stays in float32.
"""

import argparse
import json
import shutil
from pathlib import Path

import torch

OPSET = 17
BATCH, SEQUENCE = {0: "batch"}, {0: "batch", 1: "sequence"}
PICTURES = {0: "batch", 2: "height", 3: "width"}
TOKENS = 77


class Call(torch.nn.Module):
    """A module whose forward is any function of it."""

    def __init__(self, module, function):
        super().__init__()
        self.module, self.function = module, function

    def forward(self, *inputs):
        return self.function(self.module, *inputs)


def write(path: Path, module, function, inputs: dict, outputs: dict, half: bool = False) -> None:
    """`inputs` holds name: (example, open axes), `outputs` name: open axes."""
    examples = [example for example, _ in inputs.values()]
    if half:
        module = module.half()
        examples = [each.half() if each.is_floating_point() else each for each in examples]
        path = path.with_name("model_fp16.onnx")
    path.parent.mkdir(parents=True, exist_ok=True)
    axes = {name: named for name, (_, named) in inputs.items()} | outputs
    torch.onnx.export(
        Call(module.eval(), function), tuple(examples), str(path), opset_version=OPSET,
        input_names=list(inputs), output_names=list(outputs),
        dynamic_axes={name: named for name, named in axes.items() if named},
    )
    print(path)


def write_text_encoder(encoder, folder: Path, half: bool) -> None:
    """SDXL reads the layers' outputs, and the second encoder's projection."""
    pooled = "text_embeds" if hasattr(encoder, "text_projection") else "pooler_output"
    layers = encoder.config.num_hidden_layers + 1

    def run(module, ids):
        result = module(ids, output_hidden_states=True)
        return (result.last_hidden_state, getattr(result, pooled), *result.hidden_states)

    names = [f"hidden_states.{index}" for index in range(layers)]
    outputs = {"last_hidden_state": SEQUENCE, pooled: BATCH} | {name: SEQUENCE for name in names}
    ids = torch.arange(2 * TOKENS).view(2, TOKENS) % encoder.config.vocab_size
    write(folder / "model.onnx", encoder, run, {"input_ids": (ids, SEQUENCE)}, outputs, half)


def write_unet(unet, folder: Path, half: bool) -> None:
    config = unet.config
    size = config.sample_size if isinstance(config.sample_size, int) else config.sample_size[0]
    inputs = {
        "sample": (torch.randn(2, config.in_channels, size, size), PICTURES),
        "timestep": (torch.tensor([501.0, 501.0]), BATCH),
    }
    width = config.get("cross_attention_dim")
    if width:
        inputs["encoder_hidden_states"] = (torch.randn(2, TOKENS, width), SEQUENCE)
    if config.get("time_cond_proj_dim"):
        inputs["timestep_cond"] = (torch.randn(2, config.time_cond_proj_dim), BATCH)
    if config.get("addition_embed_type") == "text_time":
        pooled = config.projection_class_embeddings_input_dim - 6 * config.addition_time_embed_dim
        inputs["text_embeds"] = (torch.randn(2, pooled), BATCH)
        inputs["time_ids"] = (torch.full((2, 6), float(size)), BATCH)
    if config.get("num_class_embeds"):
        inputs["class_labels"] = (torch.tensor([0, 1]), BATCH)
    names = list(inputs)

    def run(module, *values):
        given = dict(zip(names, values))
        added = {name: given.pop(name) for name in ("text_embeds", "time_ids") if name in given}
        if added:
            given["added_cond_kwargs"] = added
        return module(**given).sample

    write(folder / "model.onnx", unet, run, inputs, {"out_sample": PICTURES}, half)


def give_norms_weights(module) -> None:
    """Graphs of opset 17 need a scale, which norms without weights do not have."""
    for norm in module.modules():
        if isinstance(norm, torch.nn.LayerNorm) and norm.weight is None:
            norm.weight = torch.nn.Parameter(torch.ones(norm.normalized_shape))
            norm.bias = torch.nn.Parameter(torch.zeros(norm.normalized_shape))


def write_transformer(transformer, folder: Path, half: bool) -> None:
    give_norms_weights(transformer)
    size = transformer.config.sample_size
    inputs = {
        "hidden_states": (torch.randn(2, transformer.config.in_channels, size, size), BATCH),
        "timestep": (torch.tensor([501, 501]), BATCH),
        "class_labels": (torch.tensor([0, 1]), BATCH),
    }

    def run(module, sample, timestep, labels):
        return module(sample, timestep=timestep, class_labels=labels).sample

    write(folder / "model.onnx", transformer, run, inputs, {"out_sample": BATCH}, half)


def write_autoencoder(vae, out: Path) -> None:
    config = vae.config
    factor = 2 ** (len(config.block_out_channels) - 1)
    latents = torch.randn(1, config.latent_channels, 8, 8)
    write(
        out / "vae_decoder" / "model.onnx", vae, lambda module, sample: module.decode(sample).sample,
        {"latent_sample": (latents, PICTURES)}, {"sample": PICTURES},
    )

    def encode(module, sample):
        result = module.encode(sample)
        return result.latent_dist.parameters if hasattr(result, "latent_dist") else result.latents

    if hasattr(vae, "encode") and type(vae).__name__ != "VQModel":
        write(
            out / "vae_encoder" / "model.onnx", vae, encode,
            {"sample": (torch.randn(1, 3, 8 * factor, 8 * factor), PICTURES)}, {"latent_parameters": PICTURES},
        )


def write_json(path: Path, value: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(value, indent=2) + "\n")


def config_of(part) -> dict:
    config = part.config.to_dict() if hasattr(part.config, "to_dict") else dict(part.config)
    return {"_class_name": type(part).__name__} | {key: value for key, value in config.items() if key != "_use_default_values"}


def export_pipeline(pipeline, out: Path, half: bool = False) -> None:
    """Writes each of the pipeline's parts; tokenizers save themselves."""
    parts = pipeline.components
    index = {"_class_name": type(pipeline).__name__}
    for name, part in parts.items():
        if part is not None:
            index[name] = [type(part).__module__.split(".")[0], type(part).__name__]
    if "force_zeros_for_empty_prompt" in pipeline.config:
        index["force_zeros_for_empty_prompt"] = pipeline.config["force_zeros_for_empty_prompt"]
    if getattr(pipeline, "labels", None):
        names = {}
        for name, number in pipeline.labels.items():
            names[number] = f"{names[number]}, {name}" if number in names else name
        index["id2label"] = {str(number): names[number] for number in sorted(names)}
    write_json(out / "model_index.json", index)
    write_json(out / "scheduler" / "scheduler_config.json", config_of(pipeline.scheduler))
    with torch.no_grad():
        for name in ("text_encoder", "text_encoder_2"):
            if parts.get(name) is not None:
                write_json(out / name / "config.json", config_of(parts[name]))
                write_text_encoder(parts[name], out / name, half)
        for name, write_part in (("unet", write_unet), ("transformer", write_transformer)):
            if parts.get(name) is not None:
                write_json(out / name / "config.json", config_of(parts[name]))
                write_part(parts[name], out / name, half)
        vae = parts.get("vae") or parts.get("vqvae")
        if vae is not None:
            for name in ("vae_decoder", "vae_encoder"):
                write_json(out / name / "config.json", config_of(vae))
            write_autoencoder(vae, out)
    for name in ("tokenizer", "tokenizer_2"):
        if parts.get(name) is not None:
            parts[name].save_pretrained(str(out / name))


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("model")
    parser.add_argument("out", type=Path)
    parser.add_argument("--half", action="store_true", help="float16 weights")
    parser.add_argument("--pipeline", default="DiffusionPipeline", help="a class of diffusers")
    options = parser.parse_args()
    import diffusers

    pipeline = getattr(diffusers, options.pipeline).from_pretrained(options.model)
    shutil.rmtree(options.out, ignore_errors=True)
    export_pipeline(pipeline, options.out, options.half)


if __name__ == "__main__":
    main()
