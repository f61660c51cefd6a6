"""Named colours: of backgrounds, and of things that were recoloured."""

import numpy as np

# sRGB in 0..255, several shades a name; a background takes one and varies it a little.
BACKGROUNDS = {
    "white": [(255, 255, 255)],
    "black": [(0, 0, 0), (24, 24, 26)],
    "grey": [(128, 128, 128), (160, 162, 166)],
    "red": [(214, 48, 49), (230, 80, 75)],
    "orange": [(243, 146, 55), (255, 165, 80)],
    "yellow": [(250, 214, 70), (255, 234, 130)],
    "green": [(76, 175, 80), (130, 200, 120)],
    "blue": [(52, 120, 220), (110, 165, 235)],
    "purple": [(130, 80, 190), (170, 130, 215)],
    "pink": [(244, 143, 177), (255, 190, 210)],
    "brown": [(130, 90, 60), (165, 125, 90)],
    "cyan": [(80, 200, 215), (150, 225, 235)],
}

# Hue in degrees of a thing's new colour, the lightness that goes with the name, and its saturation.
RECOLOURINGS = {
    "red": (355, 0.50, 0.80),
    "orange": (28, 0.55, 0.90),
    "yellow": (50, 0.60, 0.90),
    "green": (125, 0.42, 0.60),
    "blue": (215, 0.52, 0.80),
    "purple": (275, 0.50, 0.60),
    "pink": (335, 0.72, 0.80),
    "brown": (25, 0.34, 0.45),
    "black": (0, 0.15, 0.00),
    "white": (0, 0.88, 0.00),
}


def background(name: str, random: np.random.Generator) -> np.ndarray:
    """A colour of that name in 0..1."""
    shades = BACKGROUNDS[name]
    shade = np.array(shades[random.integers(len(shades))], np.float32) / 255
    spread = 0 if name in ("white", "black") else 0.02
    return np.clip(shade + random.normal(0, 1, 3) * spread, 0, 1).astype(np.float32)


def hue_to_rgb(hue: float, saturation: float) -> np.ndarray:
    """The colour of that hue at lightness 1/2."""
    offsets = np.array([0.0, 8.0, 4.0])
    k = (offsets + hue / 30) % 12
    return 0.5 - saturation * 0.5 * np.clip(np.minimum(k - 3, 9 - k), -1, 1)


def recolour(sprite: np.ndarray, name: str) -> np.ndarray:
    """A premultiplied sprite in another colour: its coloured part takes the new hue and keeps its light and shade;
    greys, whites and blacks (eyes, outlines, shines) stay as they are."""
    hue, lightness, saturation = RECOLOURINGS[name]
    rgb, alpha = sprite[..., :3].astype(np.float32), sprite[..., 3:].astype(np.float32)
    straight = np.divide(rgb, alpha, out=np.zeros_like(rgb), where=alpha > 0)
    high, low = straight.max(-1, keepdims=True), straight.min(-1, keepdims=True)
    coloured = np.clip((high - low - 0.12) / 0.2, 0, 1)
    luminance = straight @ np.array([0.299, 0.587, 0.114], np.float32)[:, None]
    weight = (coloured * alpha).sum()
    mean = (luminance * coloured * alpha).sum() / weight if weight > 0 else 0.5
    light = np.clip(lightness + 0.8 * (luminance - mean), 0.03, 0.97)
    pure = hue_to_rgb(hue, saturation).astype(np.float32)
    new = np.where(light < 0.5, pure * 2 * light, 1 - (1 - pure) * 2 * (1 - light))
    mixed = straight + coloured * (new - straight)
    return np.concatenate([mixed * alpha, alpha], -1)


def colourfulness(sprite: np.ndarray) -> float:
    """The share of a sprite's area that `recolour` would change."""
    rgb, alpha = sprite[..., :3].astype(np.float32), sprite[..., 3].astype(np.float32)
    spread = rgb.max(-1) - rgb.min(-1)
    return float((spread > 0.22 * np.maximum(alpha, 1e-3)).sum() / max((alpha > 0.5).sum(), 1))
