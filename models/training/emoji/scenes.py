"""Pictures with captions, composed while training: single emoji in many phrasings, and scenes with counts, relations,
sizes, colours and backgrounds, so that words have to be understood and not only names remembered."""

import re
import zlib
from dataclasses import dataclass, field

import numpy as np

from .colours import BACKGROUNDS, RECOLOURINGS, background, colourfulness, recolour
from .pictures import Picture, Pictures

SIDE = 64
STYLES = {
    "noto": ("noto style", "google style", "soft"),
    "fluent-emoji": ("3d", "3d style", "glossy 3d"),
    "fluent-emoji-flat": ("flat", "flat style"),
    "twemoji": ("cartoon", "twitter style", "simple"),
}
NUMBERS = {1: ("one", "1"), 2: ("two", "2"), 3: ("three", "3"), 4: ("four", "4")}
# How often a picture is shown alone, by its set and its group: the sets of one design teach each other, people ask for animals
# and food more than for signs, and of people there are many that differ little.
SET_WEIGHTS = {"fluent-emoji": 1.0, "fluent-emoji-flat": 1.0, "noto": 0.6, "twemoji": 0.6}
GROUP_WEIGHTS = {"animals-nature": 1.5, "food-drink": 1.5, "people-body": 0.5, "symbols": 0.6}
# Where sprites of a scene go: centres in units of the side.
PLACES = {
    2: (((0.27, 0.5), (0.73, 0.5)), ((0.3, 0.3), (0.7, 0.7)), ((0.7, 0.3), (0.3, 0.7))),
    3: (((0.2, 0.5), (0.5, 0.5), (0.8, 0.5)), ((0.5, 0.27), (0.27, 0.73), (0.73, 0.73))),
    4: (((0.27, 0.27), (0.73, 0.27), (0.27, 0.73), (0.73, 0.73)),),
}
COUNT_SIZES = {2: (26, 32), 3: (22,), 4: (26, 22)}
# Things that one can count, colour and set beside each other.
SCENE_GROUPS = ("animals-nature", "food-drink", "travel-places", "activities", "objects")
NO_SCENES = ("sky-weather", "place-geographic", "place-map", "time")
COLOURED_GROUPS = ("animals-nature", "food-drink", "objects", "activities", "travel-places")
COLOUR_WORDS = set(RECOLOURINGS) | {"grey", "gold", "golden", "silver", "rainbow"}
HELD_OUT_TENTH = 10


@dataclass
class Scene:
    """A picture, [64, 64, 3] in 0..1, its caption, and what was composed, for measuring."""

    picture: np.ndarray
    caption: str
    facts: dict = field(default_factory=dict)


def held_out(*words: str) -> bool:
    """Whether a combination belongs to the tenth that training never shows; the same on every machine."""
    return zlib.crc32(" ".join(words).encode()) % HELD_OUT_TENTH == 0


def article(phrase: str) -> str:
    return ("an " if phrase[0] in "aeiou" else "a ") + phrase


def plural(noun: str) -> str:
    if re.search(r"(s|x|z|ch|sh)$", noun):
        return noun + "es"
    if re.search(r"[^aeiou]y$", noun):
        return noun[:-1] + "ies"
    return noun + "s"


def paste(canvas: np.ndarray, sprite: np.ndarray, x: int, y: int) -> None:
    """Blends a premultiplied sprite over the canvas, its upper left corner at (x, y); what sticks out is cut."""
    size = len(sprite)
    left, top = max(x, 0), max(y, 0)
    right, bottom = min(x + size, SIDE), min(y + size, SIDE)
    part = sprite[top - y:bottom - y, left - x:right - x].astype(np.float32)
    region = canvas[top:bottom, left:right]
    region *= 1 - part[..., 3:]
    region += part[..., :3]


class Scenes:
    def __init__(self, pictures: Pictures, seed: int = 0, training: bool = True):
        self.pictures = pictures
        self.random = np.random.default_rng(seed)
        self.training = training
        self.things = [i for i, p in enumerate(pictures.entries) if is_thing(p)]
        small = pictures.sprites[32]
        self.recolourable = {
            i for i in self.things
            if pictures.entries[i].group in COLOURED_GROUPS
            and not COLOUR_WORDS & set(pictures.entries[i].label.split())
            and colourfulness(small[i]) > 0.45
        }
        self.coloured = sorted(self.recolourable)
        weights = [SET_WEIGHTS.get(p.set, 1.0) * GROUP_WEIGHTS.get(p.group, 1.0) for p in pictures.entries]
        self.shares = np.cumsum(weights) / np.sum(weights)

    def choose(self, options):
        return options[self.random.integers(len(options))]

    def chance(self, probability: float) -> bool:
        return self.random.random() < probability

    def sample(self) -> Scene:
        kind = self.random.random()
        if kind < 0.6:
            return self.single()
        if kind < 0.74:
            return self.coloured_single()
        if kind < 0.82:
            return self.counted()
        return self.related()

    def canvas(self) -> tuple[np.ndarray, str]:
        name = "white" if self.chance(0.6) else self.choose(list(BACKGROUNDS))
        colour = background(name, self.random)
        return np.broadcast_to(colour, (SIDE, SIDE, 3)).copy(), name

    def sprite(self, index: int, size: int, colour: str | None = None) -> np.ndarray:
        sprite = self.pictures.sprites[size][index]
        return recolour(sprite, colour) if colour else sprite

    def place(self, canvas: np.ndarray, sprite: np.ndarray, centre: tuple, jitter: float) -> None:
        x, y = (np.array(centre) * SIDE + self.random.normal(0, jitter, 2) - len(sprite) / 2).round().astype(int)
        limit = SIDE - len(sprite)
        paste(canvas, sprite, int(np.clip(x, min(limit, 0), max(limit, 0))), int(np.clip(y, min(limit, 0), max(limit, 0))))

    def finish(self, subject: str, style: str | None, ground: str, facts: dict, canvas: np.ndarray) -> Scene:
        if style and self.chance(0.75):
            phrase = self.choose(STYLES[style])
            subject = f"{subject}, {phrase}" if self.chance(0.6) else f"{phrase} {subject}"
        if self.chance(0.6 if ground != "white" else 0.25):
            form = self.choose((" on a {} background", ", {} background", " on {}"))
            subject += form.format(ground)
        return Scene(canvas, subject, {**facts, "background": ground})

    def name(self, picture: Picture) -> str:
        """What one would call it: mostly its label, at times a keyword with it, or the emoji itself."""
        roll = self.random.random()
        if roll < 0.76 or not picture.tags:
            return picture.label
        if roll < 0.84:
            return picture.emoji
        tag = self.choose(picture.tags)
        if roll < 0.94:
            return f"{picture.label} {tag}" if tag not in picture.label else picture.label
        return tag

    def style_of(self, picture: Picture) -> str | None:
        return picture.set if picture.set in STYLES else None

    def single(self) -> Scene:
        index = int(np.searchsorted(self.shares, self.random.random()))
        picture = self.pictures.entries[index]
        canvas, ground = self.canvas()
        size = int(self.choose((64, 64, 64, 64, 56, 48)))
        self.place(canvas, self.sprite(index, size), (0.5, 0.5), 0 if size == 64 else 2)
        name = self.name(picture)
        plain = self.chance(0.5) or not name[0].isascii()
        subject = name if plain else self.choose((article(name), f"a picture of {article(name)}", f"the {name}", f"emoji of {article(name)}"))
        return self.finish(subject, self.style_of(picture), ground, {"things": [picture.label], "count": 1}, canvas)

    def coloured_single(self) -> Scene:
        index, colour = self.coloured_thing()
        picture = self.pictures.entries[index]
        canvas, ground = self.canvas()
        if ground == colour:
            canvas, ground = np.ones((SIDE, SIDE, 3), np.float32), "white"
        size = int(self.choose((64, 56, 48)))
        self.place(canvas, self.sprite(index, size, colour), (0.5, 0.5), 0 if size == 64 else 2)
        name = f"{colour} {picture.label}"
        subject = name if self.chance(0.4) else article(name)
        facts = {"things": [picture.label], "colours": [colour], "count": 1}
        return self.finish(subject, self.style_of(picture), ground, facts, canvas)

    def coloured_thing(self) -> tuple[int, str]:
        while True:
            index, colour = int(self.choose(self.coloured)), self.choose(list(RECOLOURINGS))
            if not self.training or not held_out(self.pictures.entries[index].label, colour):
                return index, colour

    def counted(self) -> Scene:
        index = int(self.choose(self.things))
        colour = None
        if index in self.recolourable and self.chance(0.25):
            index, colour = self.coloured_thing()
        picture = self.pictures.entries[index]
        count = int(self.random.integers(1, 5))
        canvas, ground = self.canvas()
        if ground == colour:
            canvas, ground = np.ones((SIDE, SIDE, 3), np.float32), "white"
        noun = f"{colour} {picture.label}" if colour else picture.label
        facts = {"things": [picture.label], "count": count, **({"colours": [colour]} if colour else {})}
        if count == 1:
            size, word = self.choose(((64, "big"), (56, "big"), (22, "small"), (26, "small"), (40, None)))
            self.place(canvas, self.sprite(index, size, colour), (0.5, 0.5), 0 if size == 64 else 4)
            subject = article(f"{word} {noun}") if word else f"{self.choose(NUMBERS[1])} {noun}"
            return self.finish(subject, self.style_of(picture), ground, {**facts, "size": word}, canvas)
        size = int(self.choose(COUNT_SIZES[count]))
        sprite = self.sprite(index, size, colour)
        for centre in self.choose(PLACES[count]):
            self.place(canvas, sprite, centre, 1)
        subject = f"{self.choose(NUMBERS[count])} {plural(noun)}"
        return self.finish(subject, self.style_of(picture), ground, facts, canvas)

    def pair(self) -> tuple[int, int]:
        """Two things of one set, a pair that is not held out."""
        while True:
            a, b = int(self.choose(self.things)), int(self.choose(self.things))
            first, second = self.pictures.entries[a], self.pictures.entries[b]
            if first.set != second.set or first.label == second.label:
                continue
            if not self.training or not held_out(*sorted((first.label, second.label))):
                return a, b

    def related(self) -> Scene:
        pair = self.pair()
        names, colours = [], []
        for index in pair:
            label = self.pictures.entries[index].label
            colour = self.choose(list(RECOLOURINGS)) if index in self.recolourable and self.chance(0.3) else None
            if colour and self.training and held_out(label, colour):
                colour = None
            colours.append(colour)
            names.append(article(f"{colour} {label}" if colour else label))
        canvas, ground = self.canvas()
        if ground in colours:
            canvas, ground = np.ones((SIDE, SIDE, 3), np.float32), "white"
        relation = self.choose(("left of", "right of", "above", "below", "beside", "and"))
        places = {
            "left of": ((0.26, 0.5), (0.74, 0.5)), "right of": ((0.74, 0.5), (0.26, 0.5)),
            "above": ((0.5, 0.26), (0.5, 0.74)), "below": ((0.5, 0.74), (0.5, 0.26)),
        }.get(relation) or self.choose((((0.26, 0.5), (0.74, 0.5)), ((0.74, 0.5), (0.26, 0.5))))
        size = int(self.choose((32, 26)))
        for index, colour, centre in zip(pair, colours, places):
            self.place(canvas, self.sprite(index, size, colour), centre, 1)
        words = {"left of": ("to the left of", "left of"), "right of": ("to the right of", "right of"),
                 "above": ("above", "over"), "below": ("below", "under"), "beside": ("beside", "next to"),
                 "and": ("and", "with")}[relation]
        subject = f"{names[0]} {self.choose(words)} {names[1]}"
        facts = {"things": [self.pictures.entries[i].label for i in pair], "relation": relation, "colours": colours, "count": 2}
        return self.finish(subject, self.style_of(self.pictures.entries[pair[0]]), ground, facts, canvas)


def is_thing(picture: Picture) -> bool:
    return picture.group in SCENE_GROUPS and picture.subgroup not in NO_SCENES
