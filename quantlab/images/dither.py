"""The dithers, a registry: to add one, add an entry.

A dither turns ``u`` (H, W, C), in units of the tables' index, into every level at once, (L, H, W, C). Three kinds:

    none         q = table[rint(u)]
    thresholds   with a <= u <= b the levels around u:  b where (u - a) / (b - a) > t,  else a
                 for equal steps D this is rounding after noise: D rint((u + D (½ - t')) / D), t' the mask turned over
    diffusion    the error goes to the neighbours: ``diffusion.py``

Strength s draws the thresholds to the middle, t = ½ + s (t - ½), or passes on that share of the error.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import numpy as np

from quantlab.images import masks
from quantlab.images.diffusion import diffuse, shown_type
from quantlab.images.kernels import KERNELS, Kernel

Thresholds = Callable[[int, int, int, int], np.ndarray]  # (H, W, C, seed) -> (H, W, C) or (H, W, 1), in (0, 1)


class _Apply(Protocol):
    def __call__(self, u: np.ndarray, tables: np.ndarray, strength: float, serpentine: bool, seed: int) -> np.ndarray: ...


@dataclass(frozen=True)
class Dither:
    """thresholds : the mask, where it has one. kernel : where the error goes, where it goes anywhere."""

    slug: str
    title: str
    blurb: str
    source: str
    apply: _Apply
    thresholds: Thresholds | None = None
    kernel: Kernel | None = None


def plain(u: np.ndarray, tables: np.ndarray, strength: float = 1.0, serpentine: bool = False, seed: int = 0) -> np.ndarray:
    """Every value through the tables (L, N, C), without dither; (L, H, W, C)."""
    place = _places(u, tables)
    shown: np.ndarray = tables.astype(shown_type(tables))
    return np.stack([table.ravel().take(place) for table in shown])


def _places(u: np.ndarray, tables: np.ndarray) -> np.ndarray:
    """The place of each value in a flat table (N * C), intp (H, W, C)."""
    size, channels = tables.shape[1:]
    return np.clip(np.rint(u).astype(np.intp), 0, size - 1) * channels + np.arange(channels)


def _with(thresholds: Thresholds) -> _Apply:
    def apply(u: np.ndarray, tables: np.ndarray, strength: float, serpentine: bool, seed: int) -> np.ndarray:
        return against_thresholds(u, tables, thresholds(u.shape[0], u.shape[1], u.shape[2], seed), strength)

    return apply


def against_thresholds(u: np.ndarray, tables: np.ndarray, t: np.ndarray, strength: float = 1.0) -> np.ndarray:
    """u between two neighbouring levels goes to the upper one where it is above the threshold; (L, H, W, C)."""
    t = np.broadcast_to((0.5 + strength * (t - 0.5)).astype(np.float32), u.shape)
    place = _places(u, tables)
    out = np.empty((len(tables), *u.shape), shown_type(tables))
    for table, to in zip(tables, out, strict=True):
        low, high = _neighbours(table)  # (N, C) each
        grid = np.arange(len(table), dtype=np.float32)[:, None]
        part = np.clip((grid - low) / np.maximum(high - low, 1e-6), 0, 1).astype(np.float32)
        upper = part.ravel().take(place) > t
        both = np.stack((low.ravel(), high.ravel()), axis=1).astype(out.dtype).ravel()  # low and high side by side
        both.take(2 * place + upper, out=to, mode="clip")
    return out


def _neighbours(table: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The levels below and above every index, float32 (N, C) each; beyond the last level that level twice."""
    low, high = np.empty_like(table, np.float32), np.empty_like(table, np.float32)
    grid = np.arange(len(table))
    for c in range(table.shape[1]):
        levels = np.unique(table[:, c])
        upper = np.searchsorted(levels, grid, side="left").clip(0, len(levels) - 1)
        lower = (np.searchsorted(levels, grid, side="right") - 1).clip(0, len(levels) - 1)
        low[:, c], high[:, c] = levels[lower], levels[upper]
    return low, high


def _along(kernel: Kernel) -> _Apply:
    def apply(u: np.ndarray, tables: np.ndarray, strength: float, serpentine: bool, seed: int) -> np.ndarray:
        return diffuse(u, tables, kernel, strength, serpentine)

    return apply


def _bayer(n: int) -> Thresholds:
    return lambda height, width, channels, seed: masks.tiled(masks.bayer(n), height, width)[:, :, None]


def _blue(height: int, width: int, channels: int, seed: int) -> np.ndarray:
    moved = [np.roll(masks.blue(), (23 * c, 41 * c), (0, 1)) for c in range(channels)]  # or the channels' grains would coincide
    return np.stack([masks.tiled(mask, height, width) for mask in moved], axis=2)


def _diffusion(slug: str, blurb: str, source: str) -> Dither:
    return Dither(slug, KERNELS[slug].title, blurb, source, _along(KERNELS[slug]), kernel=KERNELS[slug])


def _threshold(slug: str, title: str, blurb: str, source: str, thresholds: Thresholds) -> Dither:
    return Dither(slug, title, blurb, source, _with(thresholds), thresholds)


_BAYER = "A fixed pattern of {} thresholds: cheap, the same for every frame of a film, and seen as a cross-hatch."
_ENTRIES = (
    Dither("none", "None", "Every pixel to its nearest level: the smallest error, and bands where the picture is smooth.", "", plain),
    _threshold("white-noise", "White noise", "A random threshold a pixel: no bands, but grain of all sizes.", "Roberts 1962", masks.white),
    *(_threshold(f"bayer-{n}", f"Bayer {n}×{n}", _BAYER.format(n * n), "Bayer 1973", _bayer(n)) for n in (2, 4, 8, 16)),
    _threshold("blue-noise", "Blue noise", "Thresholds without coarse grain: what is left is too fine to see.", "Ulichney 1993", _blue),
    _diffusion("floyd-steinberg", "The whole error goes to four neighbours; averages are kept to a hair.", "Floyd and Steinberg 1976"),
    _diffusion("atkinson", "Six eighths of the error go on: crisper, but light and dark are washed out.", "Atkinson, MacPaint 1984"),
    _diffusion("jarvis-judice-ninke", "Twelve neighbours: smoother than four, and edges sharpened.", "Jarvis, Judice and Ninke 1976"),
)
DITHERS: dict[str, Dither] = {entry.slug: entry for entry in _ENTRIES}
