"""The built-in pictures, a registry: photographs that come with scikit-image and scikit-learn, and two formulas.

Every picture is ``make(max_side) -> uint8 (H, W, 3)``, scaled down where its longer side is more than that and never up.
To add one: an entry in ``PICTURES``. Uploads are read by ``load_picture`` (``picture_files.py``).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from importlib.util import find_spec

import numpy as np

from quantlab.sources.picture_files import Picture, fit, load_picture, square

__all__ = ["PICTURES", "Picture", "PictureSource", "fit", "load_picture", "square"]

SIDE = 512  # of the formulas, and of what is shown


@dataclass(frozen=True)
class PictureSource:
    """One picture to pick; ``origin`` says who made it and under which licence."""

    slug: str
    title: str
    blurb: str
    origin: str
    draw: Callable[[int], np.ndarray]

    def make(self, max_side: int = SIDE) -> np.ndarray:
        """uint8 (H, W, 3), its longer side at most ``max_side`` pixels (8 or more)."""
        if max_side < 8:
            raise ValueError(f"max_side={max_side} is too small; choose 8 pixels or more")
        return fit(self.draw(max_side), max_side)


def _photo(name: str, max_side: int) -> np.ndarray:
    from skimage import data

    image = getattr(data, name)()
    return np.ascontiguousarray(np.repeat(image[:, :, None], 3, axis=2) if image.ndim == 2 else image)


def _learn(name: str, max_side: int) -> np.ndarray:
    from sklearn.datasets import load_sample_image

    return np.ascontiguousarray(load_sample_image(name))


def gradient(side: int) -> np.ndarray:
    """Four ramps, black to grey, red, green and blue, in bands: every value of a byte where side is 256 or more.

    >>> gradient(256)[[0, 100], 255].tolist()
    [[255, 255, 255], [255, 0, 0]]
    """
    ramp = np.rint(np.linspace(0, 255, side))
    band = np.minimum(np.arange(side) * 4 // side, 3)
    colours = np.array([[1, 1, 1], [1, 0, 0], [0, 1, 0], [0, 0, 1]])[band]
    return (colours[:, None] * ramp[None, :, None]).astype(np.uint8)


def zone_plate(side: int) -> np.ndarray:
    """127.5 (1 + cos(pi r^2 / side)): rings whose frequency grows with r to half a cycle a pixel at the edges' middle.

    >>> zone_plate(64)[32, 32].tolist()  # the middle, r = 0
    [255, 255, 255]
    """
    r2 = (np.arange(side) - side // 2) ** 2
    rings = 127.5 * (1 + np.cos(np.pi * (r2[:, None] + r2) / side))
    return np.repeat(np.rint(rings)[:, :, None], 3, axis=2).astype(np.uint8)


_CC0 = "CC0, with scikit-image: "
_NASA = "public domain (NASA), with scikit-image: "
_PHOTOS: dict[str, tuple[str, str, str]] = {
    "astronaut": ("Astronaut", "A face, flags and a smooth suit: bands show on the cheeks first.", _NASA + "Eileen Collins"),
    "coffee": ("Coffee", "Smooth porcelain on coarse wood.", _CC0 + "Rachel Michetti"),
    "chelsea": ("Chelsea the cat", "Fur, whiskers and two wet eyes.", _CC0 + "Stefan van der Walt"),
    "rocket": ("Rocket at dawn", "A dark sky that fades: the hardest thing for few bits.", "public domain (SpaceX), with scikit-image"),
    "hubble_deep_field": ("Hubble deep field", "Faint light on black: linear light spends its levels elsewhere.", _NASA + "HubbleSite"),
    "retina": ("Retina", "Nearly one hue: a palette of few colours is enough.", _CC0 + "Mikael Häggström"),
    "immunohistochemistry": ("Stained tissue", "Two dyes on white, a cloud of colours with two arms.",
     "no known copyright restrictions (CMMI), with scikit-image"),
    "camera": ("Camera", "Grey, sharp edges before a plain sky.", _CC0 + "Lav Varshney"),
    "coins": ("Coins", "Grey, uneven light from corner to corner.", "no known copyright restrictions (Brooklyn Museum), with scikit-image"),
    "moon": ("Moon", "Grey, of so little contrast that two bits leave nothing.", "public domain, with scikit-image"),
    "page": ("Printed page", "Text in a shadow: one bit needs a threshold that moves.", "with scikit-image"),
    "grass": ("Grass", "Texture everywhere: it hides noise.", _CC0 + "linolafett"),
    "gravel": ("Gravel", "Coarse texture in grey.", "CC0 (CC0Textures), with scikit-image"),
}  # fmt: skip
_LEARN: dict[str, tuple[str, str, str]] = {
    "china": ("Summer palace", "Roofs, leaves and a hazy sky.", "CC BY 2.0, with scikit-learn: flickr.com/photos/danielbuechele"),
    "flower": ("Flower", "Saturated petals before a soft green.", "CC BY 2.0, with scikit-learn: flickr.com/photos/vultilion"),
}
_FORMULAS = (
    ("gradient", "Ramps", "Every value side by side: count the steps.", gradient),
    ("zone-plate", "Zone plate", "Every frequency at once: patterns of the dither beat with it.", zone_plate),
)


def _entries() -> list[PictureSource]:
    photos = [PictureSource(slug.replace("_", "-"), *words, partial(_photo, slug)) for slug, words in _PHOTOS.items()]
    if find_spec("sklearn") is not None:
        photos += [PictureSource(slug, *words, partial(_learn, f"{slug}.jpg")) for slug, words in _LEARN.items()]
    return photos + [PictureSource(slug, title, blurb, "made by formula", draw) for slug, title, blurb, draw in _FORMULAS]


PICTURES: dict[str, PictureSource] = {source.slug: source for source in _entries()}
