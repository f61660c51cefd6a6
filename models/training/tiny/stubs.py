"""What diffusers needs and a plain Debian lacks: `install()` puts small stand-ins for transformers, huggingface_hub,
safetensors, scipy and the like into the import system, and adds to PyTorch 1.13 the few names newer ones have.

CLIPTextModel, CLIPTextModelWithProjection and CLIPTokenizer follow transformers' behaviour; every other name of a
stand-in is an empty class, enough to be imported and asked about with `isinstance`.
"""

import importlib.machinery
import importlib.metadata
import json
import sys
import types
import unicodedata
from dataclasses import dataclass, fields
from pathlib import Path

import numpy as np
import torch
from torch import nn

VERSIONS = {
    "transformers": "4.56.0",
    "huggingface_hub": "0.34.0",
    "safetensors": "0.6.0",
    "tokenizers": "0.22.0",
    "filelock": "3.16.0",
    "regex": "2024.11.6",
    "packaging": "24.0",
    "tqdm": "4.67.0",
    "httpx": "0.28.0",
    "requests": "2.32.0",
    "scipy": "1.14.0",
}

# Modules of newer PyTorch; found here only where the installed one has none.
TORCH_MODULES = ("torch.distributed.device_mesh", "torch.distributed._functional_collectives", "torch.nn.attention")


# --- The import system -------------------------------------------------------------------------------------------


class StandIn(types.ModuleType):
    """A module whose unknown names are empty classes."""

    __path__: list = []

    def __getattr__(self, name: str):
        if name.startswith("__"):
            raise AttributeError(name)
        value = type(name, (), {"__module__": self.__name__})
        setattr(self, name, value)
        return value


class Finder:
    """Finds stand-ins for the packages that are missing, and for whatever lies inside them."""

    def __init__(self, packages: set):
        self.packages = packages

    def find_spec(self, name: str, path=None, target=None):
        if name.split(".")[0] not in self.packages and not name.startswith(TORCH_MODULES):
            return None
        return importlib.machinery.ModuleSpec(name, self, is_package=True)

    def create_module(self, spec):
        return StandIn(spec.name)

    def exec_module(self, module) -> None:
        for name, value in CONTENTS.get(module.__name__, dict)().items():
            setattr(module, name, value)


def is_missing(package: str) -> bool:
    try:
        return importlib.util.find_spec(package) is None
    except (ImportError, ValueError):
        return True


def install() -> None:
    """After it, `import diffusers` works, its folder being on sys.path."""
    missing = {package for package in VERSIONS if is_missing(package)}
    sys.meta_path.append(Finder(missing))
    actual = importlib.metadata.version

    def version(package: str) -> str:
        return VERSIONS[package] if package in missing or package == "requests" else actual(package)

    importlib.metadata.version = version
    add_torch_names()


def add_torch_names() -> None:
    """Names of newer PyTorch that diffusers reads while it is imported or runs."""
    for name in ("xpu", "mps"):
        if not hasattr(torch, name):
            setattr(torch, name, NoBackend())
    if not hasattr(torch, "compiler"):
        torch.compiler = types.SimpleNamespace(is_compiling=lambda: False, disable=keep)
    for name in ("float8_e4m3fn", "float8_e5m2"):
        if not hasattr(torch, name):
            setattr(torch, name, torch.uint8)
    for name in TORCH_MODULES:
        importlib.import_module(name)
    if not hasattr(nn, "RMSNorm"):
        nn.RMSNorm = type("RMSNorm", (nn.Module,), {})


def keep(function=None, **_):
    """A decorator, with or without arguments, that changes nothing."""
    return function or keep


class NoBackend:
    """A backend that is not there."""

    def __getattr__(self, name: str):
        return lambda *_, **__: False


# --- huggingface_hub, packaging, tqdm, scipy -----------------------------------------------------------------------


def hub_utils() -> dict:
    errors = ("HfHubHTTPError", "OfflineModeIsEnabled", "RevisionNotFoundError", "EntryNotFoundError",
              "LocalEntryNotFoundError", "RepositoryNotFoundError")
    return {
        "validate_hf_hub_args": lambda function: function,
        "is_jinja_available": lambda: False,
        **{name: type(name, (Exception,), {}) for name in errors},
    }


def packaging_contents() -> dict:
    from setuptools.extern import packaging
    import setuptools.extern.packaging.version as version

    return {"version": version}


def packaging_version() -> dict:
    import setuptools.extern.packaging.version as version

    return {"Version": version.Version, "parse": version.parse, "InvalidVersion": version.InvalidVersion}


class Progress:
    """tqdm without a bar."""

    def __init__(self, iterable=None, **_):
        self.iterable = iterable

    def __iter__(self):
        return iter(self.iterable)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False

    def update(self, *_):
        pass


def quad(function, start: float, end: float, **_) -> tuple:
    """scipy.integrate.quad by Gauss-Legendre: exact for the polynomials of LMSDiscreteScheduler."""
    nodes, weights = np.polynomial.legendre.leggauss(12)
    half = (end - start) / 2
    return half * sum(w * function(half * x + (start + end) / 2) for x, w in zip(nodes, weights)), 0.0


# --- transformers: the text encoders -------------------------------------------------------------------------------


class PretrainedConfig:
    def __init__(self, **values):
        self.__dict__.update(values)

    def to_dict(self) -> dict:
        return dict(self.__dict__)


class PreTrainedModel(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config

    @property
    def dtype(self) -> torch.dtype:
        return next(self.parameters()).dtype

    @property
    def device(self) -> torch.device:
        return next(self.parameters()).device


class ModelOutput:
    """Fields by name, and by position among those that are not None."""

    def to_tuple(self) -> tuple:
        return tuple(v for v in (getattr(self, f.name) for f in fields(self)) if v is not None)

    def __getitem__(self, key):
        return getattr(self, key) if isinstance(key, str) else self.to_tuple()[key]


@dataclass
class BaseModelOutputWithPooling(ModelOutput):
    last_hidden_state: torch.Tensor = None
    pooler_output: torch.Tensor = None
    hidden_states: tuple = None


@dataclass
class CLIPTextModelOutput(ModelOutput):
    text_embeds: torch.Tensor = None
    last_hidden_state: torch.Tensor = None
    hidden_states: tuple = None


ACTIVATIONS = {"quick_gelu": lambda x: x * torch.sigmoid(1.702 * x), "gelu": nn.functional.gelu}


class CLIPAttention(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.heads = config.num_attention_heads
        width = config.hidden_size
        self.k_proj, self.v_proj = nn.Linear(width, width), nn.Linear(width, width)
        self.q_proj, self.out_proj = nn.Linear(width, width), nn.Linear(width, width)

    def forward(self, x, mask):
        batch, length, width = x.shape

        def split(t):
            return t.view(batch, -1, self.heads, width // self.heads).transpose(1, 2)

        q = split(self.q_proj(x) * (width // self.heads) ** -0.5)
        weights = torch.softmax(q @ split(self.k_proj(x)).transpose(-1, -2) + mask, dim=-1)
        joined = (weights @ split(self.v_proj(x))).transpose(1, 2).reshape(batch, length, width)
        return self.out_proj(joined)


class CLIPMLP(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.activation = ACTIVATIONS[config.hidden_act]
        self.fc1 = nn.Linear(config.hidden_size, config.intermediate_size)
        self.fc2 = nn.Linear(config.intermediate_size, config.hidden_size)

    def forward(self, x):
        return self.fc2(self.activation(self.fc1(x)))


class CLIPEncoderLayer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.self_attn = CLIPAttention(config)
        self.layer_norm1 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)
        self.mlp = CLIPMLP(config)
        self.layer_norm2 = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, x, mask):
        x = x + self.self_attn(self.layer_norm1(x), mask)
        return x + self.mlp(self.layer_norm2(x))


class CLIPTextEmbeddings(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.token_embedding = nn.Embedding(config.vocab_size, config.hidden_size)
        self.position_embedding = nn.Embedding(config.max_position_embeddings, config.hidden_size)

    def forward(self, ids):
        return self.token_embedding(ids) + self.position_embedding.weight[: ids.shape[1]].unsqueeze(0)


class CLIPTextTransformer(nn.Module):
    def __init__(self, config):
        super().__init__()
        self.config = config
        self.embeddings = CLIPTextEmbeddings(config)
        self.encoder = nn.Module()
        self.encoder.layers = nn.ModuleList(CLIPEncoderLayer(config) for _ in range(config.num_hidden_layers))
        self.final_layer_norm = nn.LayerNorm(config.hidden_size, eps=config.layer_norm_eps)

    def forward(self, ids):
        x = self.embeddings(ids)
        positions = torch.arange(ids.shape[1])
        mask = (positions.unsqueeze(0) > positions.unsqueeze(1)).to(x.dtype) * -1e9
        hidden = [x]
        for layer in self.encoder.layers:
            hidden.append(layer(hidden[-1], mask))
        last = self.final_layer_norm(hidden[-1])
        # transformers' way: an eos_token_id of 2 stands for old configurations, where the end token has the largest id.
        at_end = ids if self.config.eos_token_id == 2 else (ids == self.config.eos_token_id)
        end = at_end.to(torch.int32).argmax(dim=-1)
        chosen = (positions.unsqueeze(0) == end.unsqueeze(1)).to(x.dtype).unsqueeze(-1)
        return last, (last * chosen).sum(dim=1), tuple(hidden)


class CLIPTextModel(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.text_model = CLIPTextTransformer(config)

    def forward(self, input_ids, attention_mask=None, output_hidden_states=False, return_dict=True):
        last, pooled, hidden = self.text_model(input_ids)
        return BaseModelOutputWithPooling(last, pooled, hidden if output_hidden_states else None)


class CLIPTextModelWithProjection(PreTrainedModel):
    def __init__(self, config):
        super().__init__(config)
        self.text_model = CLIPTextTransformer(config)
        self.text_projection = nn.Linear(config.hidden_size, config.projection_dim, bias=False)

    def forward(self, input_ids, attention_mask=None, output_hidden_states=False, return_dict=True):
        last, pooled, hidden = self.text_model(input_ids)
        return CLIPTextModelOutput(self.text_projection(pooled), last, hidden if output_hidden_states else None)


# --- transformers: the tokenizer -----------------------------------------------------------------------------------


class BatchEncoding(dict):
    def __getattr__(self, name: str):
        return self[name]


def byte_characters() -> list:
    """GPT-2's printable character for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    others = iter(range(256, 512))
    return [chr(byte if byte in printable else next(others)) for byte in range(256)]


def kind_of(character: str) -> str:
    if character.isspace():
        return "space"
    return {"L": "letter", "N": "number"}.get(unicodedata.category(character)[0], "other")


class CLIPTokenizer:
    CONTRACTIONS = ("'s", "'t", "'re", "'ve", "'m", "'ll", "'d")

    def __init__(self, folder: Path):
        config = json.loads((folder / "tokenizer_config.json").read_text())
        self.vocabulary = json.loads((folder / "vocab.json").read_text())
        merges = (folder / "merges.txt").read_text().splitlines()[1:]
        self.ranks = {tuple(line.split()): rank for rank, line in enumerate(merges) if line.strip()}
        self.characters = byte_characters()
        self.model_max_length = config["model_max_length"]
        self.bos_token_id = self.vocabulary["<|startoftext|>"]
        self.eos_token_id = self.vocabulary["<|endoftext|>"]
        self.pad_token = config["pad_token"]
        self.pad_token_id = self.vocabulary[self.pad_token]
        self.added_tokens_encoder = {"<|startoftext|>": self.bos_token_id, "<|endoftext|>": self.eos_token_id}

    def words(self, text: str):
        """The matches of CLIP's pattern: special tokens, contractions, runs of letters, single digits, the rest."""
        text = " ".join(unicodedata.normalize("NFC", text).split()).lower()
        at = 0
        while at < len(text):
            starts = ("<|startoftext|>", "<|endoftext|>", *self.CONTRACTIONS)
            found = next((s for s in starts if text.startswith(s, at)), None)
            if found is None:
                kind, end = kind_of(text[at]), at + 1
                while kind in ("letter", "other") and end < len(text) and kind_of(text[end]) == kind:
                    end += 1
                found = text[at:end]
                if kind == "space":
                    found, at = "", end
            if found:
                yield found
            at += len(found)

    def pair_bytes(self, word: str) -> list:
        parts = [self.characters[byte] for byte in word.encode()]
        parts[-1] += "</w>"
        while len(parts) > 1:
            pairs = list(zip(parts, parts[1:]))
            first, second = min(pairs, key=lambda pair: self.ranks.get(pair, len(self.ranks)))
            if (first, second) not in self.ranks:
                break
            merged, at = [], 0
            while at < len(parts):
                is_pair = parts[at:at + 2] == [first, second]
                merged.append(first + second if is_pair else parts[at])
                at += 2 if is_pair else 1
            parts = merged
        return parts

    def tokenize(self, text: str) -> list:
        return [part for word in self.words(text) for part in self.pair_bytes(word)]

    def encode(self, text: str) -> list:
        ids = [self.bos_token_id]
        for word in self.words(text):
            parts = [word] if word in ("<|startoftext|>", "<|endoftext|>") else self.pair_bytes(word)
            ids += [self.vocabulary.get(part, self.eos_token_id) for part in parts]
        return [*ids, self.eos_token_id]

    def __call__(self, text, padding=False, max_length=None, truncation=False, return_tensors=None, **_):
        rows = [self.encode(t) for t in ([text] if isinstance(text, str) else text)]
        if truncation:
            rows = [row if len(row) <= max_length else [*row[:max_length - 1], self.eos_token_id] for row in rows]
        length = max_length if padding == "max_length" else max(map(len, rows))
        rows = [row + [self.pad_token_id] * (length - len(row)) for row in rows]
        mask = torch.ones(len(rows), length, dtype=torch.long)
        return BatchEncoding(input_ids=torch.tensor(rows), attention_mask=mask)

    def batch_decode(self, ids, **_) -> list:
        return ["" for _ in ids]


def transformers_contents() -> dict:
    classes = (PretrainedConfig, PreTrainedModel, CLIPTextModel, CLIPTextModelWithProjection, CLIPTokenizer)
    for c in classes:
        c.__module__ = "transformers"
    return {c.__name__: c for c in classes} | {"__version__": VERSIONS["transformers"]}


CONTENTS = {
    "huggingface_hub": lambda: {"__version__": VERSIONS["huggingface_hub"]},
    "huggingface_hub.utils": hub_utils,
    "huggingface_hub.errors": lambda: {"CachedRepoTreeNotFoundError": type("MissingTree", (Exception,), {})},
    "huggingface_hub.constants": lambda: {"HF_HOME": "", "HF_HUB_OFFLINE": True, "HF_HUB_DISABLE_TELEMETRY": True},
    "huggingface_hub.file_download": lambda: {"REGEX_COMMIT_HASH": "^[0-9a-f]{40}$"},
    "packaging": packaging_contents,
    "packaging.version": packaging_version,
    "scipy": lambda: {"integrate": types.SimpleNamespace(quad=quad)},
    "tqdm": lambda: {"tqdm": Progress},
    "tqdm.auto": lambda: {"tqdm": Progress},
    "transformers": transformers_contents,
}
