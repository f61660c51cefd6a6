"""A byte-level byte-pair vocabulary (Sennrich et al. 2016; Radford et al. 2019) of the captions' words, written as a
`tokenizer.json` of the Hugging Face tokenizers library, and an encoder that equals it.

    cd models/training && python3 -m emoji.tokenizer --data ../../runs/emoji --out ../emoji/tokenizer

Emoji are words of their own, whatever they are made of; every other text falls into pieces, down to bytes.
"""

import argparse
import json
import re
from collections import Counter
from functools import lru_cache
from pathlib import Path

from .pictures import Pictures
from .scenes import Scenes

LENGTH = 24  # tokens of a prompt, with start and end
PAD, START, END = "<pad>", "<start>", "<end>"
# Words with their space before them, runs of digits, runs of other signs; as the `Split` of tokenizer.json.
PATTERN = r" ?[^\W\d_]+| ?\d| ?[^\s\w]+|_|\s+"


def byte_characters() -> dict[int, str]:
    """GPT-2's printable stand-in for each byte."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    characters = {byte: chr(byte) for byte in printable}
    others = (byte for byte in range(256) if byte not in characters)
    return {**characters, **{byte: chr(256 + i) for i, byte in enumerate(others)}}


BYTES = byte_characters()


def pieces(text: str) -> list[str]:
    """The words of a text, each as a string of byte characters."""
    words = re.findall(PATTERN, " " + text.lower().strip())
    return ["".join(BYTES[byte] for byte in word.encode()) for word in words]


def learn_merges(counts: Counter, merges: int) -> list[tuple[str, str]]:
    words = {word: list(word) for word in counts}
    learned = []
    for _ in range(merges):
        pairs: Counter = Counter()
        for word, parts in words.items():
            for pair in zip(parts, parts[1:]):
                pairs[pair] += counts[word]
        if not pairs:
            break
        best = max(pairs, key=lambda pair: (pairs[pair], pair))
        if pairs[best] < 2:
            break
        learned.append(best)
        for word, parts in words.items():
            words[word] = merge(parts, best)
    return learned


def merge(parts: list[str], pair: tuple[str, str]) -> list[str]:
    result, i = [], 0
    while i < len(parts):
        if i + 1 < len(parts) and (parts[i], parts[i + 1]) == pair:
            result.append(parts[i] + parts[i + 1])
            i += 2
        else:
            result.append(parts[i])
            i += 1
    return result


class Tokenizer:
    def __init__(self, path: Path):
        data = json.loads((path / "tokenizer.json").read_text())
        self.vocabulary = data["model"]["vocab"]
        self.ranks = {tuple(pair): rank for rank, pair in enumerate(data["model"]["merges"])}
        self.added = {token["content"]: token["id"] for token in data["added_tokens"]}
        emoji = sorted((t for t in self.added if t not in (PAD, START, END)), key=len, reverse=True)
        self.emoji = re.compile("|".join(map(re.escape, emoji)))
        self.encode_word = lru_cache(maxsize=100_000)(self._encode_word)

    @property
    def size(self) -> int:
        return max(max(self.vocabulary.values()), max(self.added.values())) + 1

    def _encode_word(self, word: str) -> tuple[int, ...]:
        parts = list(word)
        while len(parts) > 1:
            ranked = [(self.ranks.get(pair, 1 << 30), pair) for pair in zip(parts, parts[1:])]
            rank, pair = min(ranked)
            if rank == 1 << 30:
                break
            parts = merge(parts, pair)
        return tuple(self.vocabulary[part] for part in parts)

    def encode(self, text: str) -> list[int]:
        """`LENGTH` ids: start, the text, end, padding; what is too long is cut before the end."""
        ids, place = [], 0
        for match in [*self.emoji.finditer(text), None]:
            between = text[place:match.start() if match else len(text)]
            ids += [i for word in pieces(between) for i in self.encode_word(word)] if between.strip() else []
            if match:
                ids.append(self.added[match.group()])
                place = match.end()
        ids = [self.added[START], *ids[:LENGTH - 2], self.added[END]]
        return ids + [self.added[PAD]] * (LENGTH - len(ids))


def train(pictures: Pictures, merges: int, captions: int) -> dict:
    scenes = Scenes(pictures, seed=1)
    counts: Counter = Counter()
    for _ in range(captions):
        counts.update(word for word in pieces(scenes.sample().caption) if word.isascii())
    for entry in pictures.entries:
        for text in (entry.label, *entry.tags):
            counts.update(pieces(text))
    learned = learn_merges(counts, merges)
    tokens = [*BYTES.values(), *("".join(pair) for pair in learned)]
    vocabulary = {token: i + 3 for i, token in enumerate(dict.fromkeys(tokens))}
    special = [(PAD, True), (START, True), (END, True)]
    emoji = sorted({entry.emoji for entry in pictures.entries})
    added = [
        {"id": i if is_special else len(vocabulary) + i, "content": content, "single_word": False, "lstrip": False,
         "rstrip": False, "normalized": False, "special": is_special}
        for i, (content, is_special) in enumerate([*special, *((each, False) for each in emoji)])
    ]
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": added,
        "normalizer": {"type": "Sequence", "normalizers": [
            {"type": "Strip", "strip_left": True, "strip_right": True},
            {"type": "Lowercase"},
            {"type": "Prepend", "prepend": " "},
        ]},
        "pre_tokenizer": {"type": "Sequence", "pretokenizers": [
            {"type": "Split", "pattern": {"Regex": r" ?\p{L}+| ?\p{N}| ?[^\s\p{L}\p{N}_]+|_|\s+"},
             "behavior": "Isolated", "invert": False},
            {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False},
        ]},
        "post_processor": {"type": "TemplateProcessing",
                           "single": [{"SpecialToken": {"id": START, "type_id": 0}},
                                      {"Sequence": {"id": "A", "type_id": 0}},
                                      {"SpecialToken": {"id": END, "type_id": 0}}],
                           "pair": [],
                           "special_tokens": {START: {"id": START, "ids": [1], "tokens": [START]},
                                              END: {"id": END, "ids": [2], "tokens": [END]}}},
        "decoder": {"type": "ByteLevel", "add_prefix_space": True, "trim_offsets": True, "use_regex": True},
        "model": {"type": "BPE", "dropout": None, "unk_token": None, "continuing_subword_prefix": None,
                  "end_of_word_suffix": None, "fuse_unk": False, "byte_fallback": False,
                  "vocab": vocabulary, "merges": [list(pair) for pair in learned]},
    }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--out", type=Path, default=Path("../emoji/tokenizer"))
    parser.add_argument("--merges", type=int, default=1500)
    parser.add_argument("--captions", type=int, default=20_000)
    options = parser.parse_args()
    options.out.mkdir(parents=True, exist_ok=True)
    data = train(Pictures(options.data, sizes=(64, 56, 48, 40, 32, 26, 22)), options.merges, options.captions)
    (options.out / "tokenizer.json").write_text(json.dumps(data, ensure_ascii=False, indent=0) + "\n")
    (options.out / "tokenizer_config.json").write_text(json.dumps({
        "tokenizer_class": "PreTrainedTokenizerFast", "model_max_length": LENGTH, "pad_token": PAD,
        "bos_token": START, "eos_token": END,
    }, indent=2) + "\n")
    tokenizer = Tokenizer(options.out)
    print(tokenizer.size, [tokenizer.encode(t)[:12] for t in ("a red fox", "🦊", "zwei Äpfel, 12_x")])


if __name__ == "__main__":
    main()
