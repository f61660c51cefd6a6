"""Measures drawn pictures: whether they are what their prompts name, by the judge, and whether colour, count, background and
relation are as asked, by plain arithmetic on the plain background. Beside each stands what composed scenes and real
pictures reach.

    cd models/training && python3 -m emoji.evaluate --write ../../runs/emoji-eval/prompts.json
    node models/training/emoji/sample.mjs --prompts runs/emoji-eval/prompts.json --out runs/emoji-eval/default.bin
    cd models/training && python3 -m emoji.evaluate --samples ../../runs/emoji-eval/*.bin --out ../emoji/metrics.json
"""

import argparse
import json
from pathlib import Path

import numpy as np
import torch
from torch.nn import functional as F

from evaluate import frechet_distance
from export import write_json
from .colours import BACKGROUNDS, RECOLOURINGS, hue_to_rgb
from .export import load_autoencoder
from .judge import Judge, apply, load_judge, names_of, on_background, ranks, sprites
from .pictures import Pictures
from .scenes import PLACES, STYLES, Scene, Scenes, article, held_out, plural

WORDS = {1: "one", 2: "two", 3: "three", 4: "four"}
RELATIONS = {"left of": (0, 1), "right of": (0, -1), "above": (1, 1), "below": (1, -1)}
# Pixels of a thing's smallest part, and how far a colour is from the background's where a thing is.
SMALLEST, DIFFERENT = 24, 0.16


def make_prompts(pictures: Pictures, held: Pictures, count: int) -> list:
    """Half of them names, half of them compositions, of each kind as many that training has shown as that it has not."""
    random = np.random.default_rng(0)
    scenes = Scenes(pictures, seed=0)
    choose = lambda options: options[random.integers(len(options))]
    known = {entry.label for entry in pictures.entries}
    names = [entry.label for entry in held.entries if entry.label in known]
    random.shuffle(names)
    labels = {kind: sorted({pictures.entries[i].label for i in group})
              for kind, group in (("things", scenes.things), ("coloured", scenes.coloured))}
    prompts = []
    for index in range(count // 2):
        style = choose(list(STYLES.values()))[0]
        name = names[index % len(names)]
        prompts.append({"kind": "name", "prompt": f"{name}, {style}", "name": name})
    for index in range(count // 2):
        kind, is_held = ("colour", "count", "background", "relation")[index % 4], index // 4 % 2 == 1
        if kind == "colour":
            while True:
                name, colour = choose(labels["coloured"]), choose(list(RECOLOURINGS))
                if held_out(name, colour) == is_held and colour != "white":
                    break
            prompts.append({"kind": kind, "held": is_held, "prompt": article(f"{colour} {name}"), "name": name, "colour": colour})
        elif kind == "count":
            name, number = choose(labels["things"]), int(random.integers(1, 5))
            subject = f"{WORDS[number]} {plural(name) if number > 1 else name}"
            prompts.append({"kind": kind, "prompt": f"{subject} on a white background", "name": name, "count": number})
        elif kind == "background":
            name, ground = choose(labels["things"]), choose(list(BACKGROUNDS))
            prompts.append({"kind": kind, "prompt": f"{article(name)} on a {ground} background", "name": name, "background": ground})
        else:
            while True:
                first, second = choose(labels["things"]), choose(labels["things"])
                if first != second and held_out(*sorted((first, second))) == is_held:
                    break
            relation = choose(list(RELATIONS))
            prompts.append({"kind": kind, "held": is_held, "names": [first, second], "relation": relation,
                            "prompt": f"{article(first)} {relation} {article(second)} on a white background"})
    return prompts


def border(picture: np.ndarray) -> np.ndarray:
    edge = np.concatenate([picture[:2].reshape(-1, 3), picture[-2:].reshape(-1, 3), picture[:, :2].reshape(-1, 3), picture[:, -2:].reshape(-1, 3)])
    return np.median(edge, axis=0)


def parts(picture: np.ndarray) -> list:
    """The things on a plain background: lists of their pixels, in reading order of the first."""
    mask = np.abs(picture - border(picture)).max(-1) > DIFFERENT
    mask = F.max_pool2d(torch.from_numpy(mask).float()[None, None], 3, 1, 1)[0, 0].numpy() > 0
    found = []
    for start in zip(*np.nonzero(mask)):
        if not mask[start]:
            continue
        stack, pixels = [start], []
        mask[start] = False
        while stack:
            y, x = stack.pop()
            pixels.append((y, x))
            for near in ((y - 1, x), (y + 1, x), (y, x - 1), (y, x + 1)):
                if 0 <= near[0] < 64 and 0 <= near[1] < 64 and mask[near]:
                    mask[near] = False
                    stack.append(near)
        if len(pixels) >= SMALLEST:
            found.append(np.array(pixels))
    return found


def colour_of(name: str) -> np.ndarray:
    hue, lightness, saturation = RECOLOURINGS[name]
    pure = hue_to_rgb(hue, saturation)
    return pure * 2 * lightness if lightness < 0.5 else 1 - (1 - pure) * 2 * (1 - lightness)


def named_colour(picture: np.ndarray) -> str:
    """The name of the colour that most of the thing has; eyes, outlines and shines, which are grey, count less."""
    pixels = np.concatenate(parts(picture) or [np.argwhere(np.ones((64, 64), bool))])
    colours = picture[pixels[:, 0], pixels[:, 1]]
    spread = colours.max(1) - colours.min(1)
    vivid = colours[spread > 0.2]
    chosen = vivid if len(vivid) > 0.3 * len(colours) else colours
    mean = np.median(chosen, axis=0)
    return min(RECOLOURINGS, key=lambda name: np.square(mean - colour_of(name)).sum())


def named_background(picture: np.ndarray) -> str:
    shade = border(picture)
    return min(BACKGROUNDS, key=lambda name: min(np.square(shade - np.array(c) / 255).sum() for c in BACKGROUNDS[name]))


def holds(judge: Judge, picture: np.ndarray, names: list, relation: str) -> bool:
    """Whether two things stand as asked, and the judge finds each name fits its own place better."""
    found = sorted(parts(picture), key=len)[-2:]
    if len(found) < 2:
        return False
    axis, sign = RELATIONS[relation]
    found.sort(key=lambda pixels: sign * pixels[:, 1 - axis].mean())
    low, high = [pixels[:, 1 - axis].mean() for pixels in found]
    crops = []
    for pixels in found:
        (top, left), (bottom, right) = pixels.min(0), pixels.max(0) + 1
        side = max(bottom - top, right - left, 8)
        crop = np.ones((side, side, 3), np.float32)
        y, x = (side - (bottom - top)) // 2, (side - (right - left)) // 2
        crop[y:y + bottom - top, x:x + right - left] = picture[top:bottom, left:right]
        scaled = F.interpolate(torch.from_numpy(crop).permute(2, 0, 1)[None], size=48, mode="bilinear", align_corners=False)
        crops.append(F.pad(scaled, (8, 8, 8, 8), value=1.0)[0] * 2 - 1)
    with torch.no_grad():
        scores = judge.scores(judge.features(torch.stack(crops)), judge.names(names))
    return abs(high - low) > 10 and bool(scores[0, 0] + scores[1, 1] > scores[0, 1] + scores[1, 0])


def as_asked(judge: Judge, prompt: dict, picture: np.ndarray) -> bool:
    if prompt["kind"] == "colour":
        return named_colour(picture) == prompt["colour"]
    if prompt["kind"] == "count":
        return len(parts(picture)) == prompt["count"]
    if prompt["kind"] == "background":
        return named_background(picture) == prompt["background"]
    return holds(judge, picture, prompt["names"], prompt["relation"])


def compose(prompt: dict, scenes: Scenes) -> np.ndarray:
    """The scene that a prompt asks for, of real pictures: how far these measures themselves can be trusted."""
    by_label: dict = {}
    for index, entry in enumerate(scenes.pictures.entries):
        by_label.setdefault(entry.label, []).append(index)
    white = np.ones((64, 64, 3), np.float32)
    if prompt["kind"] == "colour":
        options = [i for i in by_label[prompt["name"]] if i in scenes.recolourable]
        scenes.place(white, scenes.sprite(scenes.choose(options), 56, prompt["colour"]), (0.5, 0.5), 0)
    elif prompt["kind"] == "count":
        index, count = scenes.choose(by_label[prompt["name"]]), prompt["count"]
        places = PLACES[count][0] if count > 1 else ((0.5, 0.5),)
        for centre in places:
            scenes.place(white, scenes.sprite(index, {1: 40, 2: 26, 3: 22, 4: 26}[count]), centre, 0)
    elif prompt["kind"] == "background":
        shade = np.array(BACKGROUNDS[prompt["background"]][0], np.float32) / 255
        white[:] = shade
        scenes.place(white, scenes.sprite(scenes.choose(by_label[prompt["name"]]), 48), (0.5, 0.5), 0)
    else:
        axis, sign = RELATIONS[prompt["relation"]]
        for name, side in zip(prompt["names"], (-sign, sign)):
            centre = [0.5, 0.5]
            centre[axis] += 0.24 * side
            scenes.place(white, scenes.sprite(scenes.choose(by_label[name]), 26), tuple(centre), 0)
    return white


class Evaluation:
    def __init__(self, data: Path, prompts: list):
        self.prompts, self.judge = prompts, load_judge()
        self.pictures = Pictures(data)
        self.held = Pictures(data, sizes=(64,), evaluation=True)
        self.names = names_of(self.pictures.entries)
        real = on_background(sprites(self.pictures), torch.ones(len(self.pictures), 3))
        order = torch.randperm(len(real), generator=torch.Generator().manual_seed(0))
        count = sum(prompt["kind"] == "name" for prompt in prompts)
        features = apply(self.judge, real[order[:2 * count]])
        self.real, self.other = features[:count], features[count:]

    def composition(self, picture_of) -> dict:
        shares: dict = {}
        for index, prompt in enumerate(self.prompts):
            if prompt["kind"] == "name":
                continue
            name = prompt["kind"] + (" held out" if prompt.get("held") else "")
            picture = picture_of(index, prompt)
            if picture is not None:
                shares.setdefault(name, []).append(as_asked(self.judge, prompt, picture))
        return {name: round(float(np.mean(values)), 3) for name, values in sorted(shares.items())}

    def drawn(self, pictures: np.ndarray) -> dict:
        """[N, 64, 64, 3] bytes, the first N prompts'."""
        floats = pictures.astype(np.float32) / 255
        chosen = [i for i, prompt in enumerate(self.prompts[:len(floats)]) if prompt["kind"] == "name"]
        features = apply(self.judge, torch.from_numpy(floats[chosen]).permute(0, 3, 1, 2) * 2 - 1)
        rank = ranks(self.judge, features, [self.prompts[i]["name"] for i in chosen], self.names)
        return {
            "names": len(chosen),
            "top1": round((rank < 1).float().mean().item(), 3),
            "top5": round((rank < 5).float().mean().item(), 3),
            "frechetDistance": round(frechet_distance(features, self.real[:len(features)]), 2),
            **self.composition(lambda index, _: floats[index] if index < len(floats) else None),
        }

    @torch.no_grad()
    def autoencoder(self, model: Path, count: int = 1000) -> dict:
        """How well the shipped encoder and decoder restore single pictures on white."""
        autoencoder = load_autoencoder(model).eval()
        order = torch.randperm(len(self.pictures), generator=torch.Generator().manual_seed(0))[:count]
        white = on_background(sprites(self.pictures)[order], torch.ones(count, 3))
        restored = torch.cat([autoencoder.decoder(autoencoder.encode(batch)[0]) for batch in white.split(100)]).clamp(-1, 1)
        errors = ((restored - white) / 2).square().mean((1, 2, 3))
        features = apply(self.judge, restored)
        return {"psnr": round(float((-10 * errors.log10()).mean()), 2),
                "frechetDistance": round(frechet_distance(features, apply(self.judge, white)), 3)}

    def reference(self) -> dict:
        known = [index for index, entry in enumerate(self.held.entries) if entry.label in self.names]
        white = on_background(sprites(self.held)[known], torch.ones(len(known), 3))
        features = apply(self.judge, white)
        rank = ranks(self.judge, features, [self.held.entries[i].label for i in known], self.names)
        scenes = Scenes(self.pictures, seed=1, training=False)
        return {
            "emojione": {"top1": round((rank < 1).float().mean().item(), 3), "top5": round((rank < 5).float().mean().item(), 3),
                         "frechetDistance": round(frechet_distance(features, self.real), 2)},
            "chance": {"top1": round(1 / len(self.names), 4), "top5": round(5 / len(self.names), 4)},
            "floor": {"frechetDistance": round(frechet_distance(self.other, self.real), 2)},
            "composed": self.composition(lambda _, prompt: compose(prompt, scenes)),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--data", type=Path, default=Path("../../runs/emoji"))
    parser.add_argument("--write", type=Path, help="writes the prompts, and measures nothing")
    parser.add_argument("--prompts", type=Path, default=Path("../../runs/emoji-eval/prompts.json"))
    parser.add_argument("--count", type=int, default=2000)
    parser.add_argument("--samples", type=Path, nargs="*", default=[])
    parser.add_argument("--model", type=Path, default=Path("../emoji"))
    parser.add_argument("--out", type=Path)
    options = parser.parse_args()
    if options.write:
        prompts = make_prompts(Pictures(options.data, sizes=(32,)), Pictures(options.data, sizes=(64,), evaluation=True), options.count)
        write_json(options.write, prompts)
        return
    evaluation = Evaluation(options.data, json.loads(options.prompts.read_text()))
    result = {"prompts": len(evaluation.prompts), "reference": evaluation.reference(),
              "autoencoder": evaluation.autoencoder(options.model), "drawn": {}}
    for path in options.samples:
        result["drawn"][path.stem] = evaluation.drawn(np.fromfile(path, np.uint8).reshape(-1, 64, 64, 3))
    print(json.dumps(result, indent=2))
    if options.out:
        write_json(options.out, result)


if __name__ == "__main__":
    main()
