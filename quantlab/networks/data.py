"""Data sets of labelled images in three parts that share no pixel: training, calibration, test.

Photo patches: each photograph is cut into eight upright stripes that serve in turn for training (T), test (E) and
calibration (C); a patch lies wholly inside a stripe of its part. The class of a patch is its photograph. Neighbouring
test patches overlap one another, so intervals that count them as independent are somewhat too narrow.
Digits: scikit-learn's handwritten ones (Alpaydin and Kaynak 1998, doi:10.24432/C50P49), dealt by a fixed draw.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

import numpy as np
from PIL import Image
from skimage import data

from quantlab.caching import cached_property, lru_cache
from quantlab.sources.pictures import fit

SIDE = 32  # pixels of a patch
STRIPES = "TETCTETE"
PATCHES = {"T": 300, "E": 100, "C": 25}  # of each photograph
LONGEST = 640  # pixels; larger photographs are scaled down


@dataclass(frozen=True, eq=False)
class Images:
    """pixels : uint8 (N, H, W, C), C 1 or 3. labels : int64 (N,)."""

    pixels: np.ndarray
    labels: np.ndarray

    def __len__(self) -> int:
        return len(self.labels)

    def first(self, n: int) -> Images:
        """The first n of them: as many of each class as of every other, as near as may be."""
        return Images(self.pixels[:n], self.labels[:n])


@dataclass(frozen=True, eq=False)
class DataSet:
    """Labelled images in three parts. ``classes`` : names, the label being the place among them.

    truth : whether the labels say what the images show; otherwise they are a float network's answers.
    """

    slug: str
    title: str
    classes: tuple[str, ...]
    training: Images
    calibration: Images
    test: Images
    truth: bool = True

    @cached_property
    def digest(self) -> str:
        """A name for exactly these pixels and labels."""
        parts = (self.training, self.calibration, self.test)
        return hashlib.sha256(b"".join(a.tobytes() for p in parts for a in (p.pixels, p.labels))).hexdigest()[:20]


def photographs() -> dict[str, np.ndarray]:
    """Twenty photographs that come with scikit-image and scikit-learn: class -> uint8 (H, W, 3), grey ones repeated."""
    names = "astronaut brick camera cell chelsea clock coffee coins grass gravel hubble_deep_field immunohistochemistry moon page retina rocket text"
    photos = {name: getattr(data, name)() for name in names.split()}
    photos["motorcycle"] = data.stereo_motorcycle()[0]
    photos |= {name: np.asarray(Image.open(_scikit_learn("images", f"{name}.jpg"))) for name in ("china", "flower")}
    colour = {name: x if x.ndim == 3 else np.repeat(x[:, :, None], 3, axis=2) for name, x in sorted(photos.items())}
    return {name.replace("_", " "): fit(np.ascontiguousarray(x), LONGEST) for name, x in colour.items()}


def places(shape: tuple[int, ...], part: str, count: int, rng: np.random.Generator) -> np.ndarray:
    """Corners (top, left) of ``count`` patches inside the stripes of one part, int (count, 2)."""
    edges = np.linspace(0, shape[1], len(STRIPES) + 1).astype(int)
    left = np.concatenate([np.arange(edges[i], edges[i + 1] - SIDE + 1) for i, p in enumerate(STRIPES) if p == part])
    return np.stack([rng.integers(0, shape[0] - SIDE + 1, count), rng.choice(left, count)], axis=1)


def _scikit_learn(*place: str) -> Path:
    """A file of scikit-learn's data sets, found without the second that importing the package takes."""
    package = find_spec("sklearn")
    if package is None or package.origin is None:
        raise ImportError(
            "scikit-learn is not installed; python -m pip install -r requirements.txt brings it in a checkout, and quantlab doctor names the command elsewhere"
        )
    return Path(package.origin).parent.joinpath("datasets", *place)


@lru_cache(maxsize=1)
def patches() -> DataSet:
    """Patches of 32 x 32 pixels of 20 photographs, the photograph being the class: 6000 to train, 500 to calibrate, 2000 to test."""
    photos = photographs()

    def part(letter: str) -> Images:
        rng = np.random.default_rng(ord(letter))
        cut = []
        for photo in photos.values():
            corners = places(photo.shape, letter, PATCHES[letter], rng)
            cut.append(np.stack([photo[y : y + SIDE, x : x + SIDE] for y, x in corners]))
        dealt = np.stack(cut, axis=1).reshape(-1, SIDE, SIDE, 3)  # one of each class in turn
        return Images(dealt, np.tile(np.arange(len(photos)), PATCHES[letter]))

    return DataSet("patches", "Photo patches", tuple(photos), part("T"), part("C"), part("E"))


@lru_cache(maxsize=1)
def digits() -> DataSet:
    """Handwritten digits of 8 x 8 pixels: 997 to train, 200 to calibrate, 600 to test."""
    table = np.loadtxt(_scikit_learn("data", "digits.csv.gz"), delimiter=",")  # 64 pixels from 0 to 16, and the digit
    table = table[np.random.default_rng(0).permutation(len(table))]
    pixels = np.rint(table[:, :-1] * (255 / 16)).astype(np.uint8).reshape(-1, 8, 8, 1)
    labels = table[:, -1].astype(np.int64)

    def part(rows: slice) -> Images:
        return Images(pixels[rows], labels[rows])

    return DataSet("digits", "Handwritten digits", tuple("0123456789"), part(slice(800, None)), part(slice(600, 800)), part(slice(600)))


DATA: dict[str, Callable[[], DataSet]] = {"patches": patches, "digits": digits}
