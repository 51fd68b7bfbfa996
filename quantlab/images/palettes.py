"""Palettes of 2 to 256 colours by four methods.

    median cut   the box of colours with the most pixels is cut at its median (Heckbert 1982)
    octree       colours that share leading bits are merged (Gervautz and Purgathofer 1988), by Pillow
    k-means      Lloyd's iterations from such cuts: each colour the mean of the pixels nearest to it, so that
                 the squared error in RGB falls at every step
    imagequant   libimagequant, where Pillow was built with it

A registry: to add a method, add an entry. ``nearest.py`` draws the picture with a palette.
"""

from __future__ import annotations

import heapq
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np

from quantlab.images.nearest import nearest_sums
from quantlab.images.numbers import packed

Size = Callable[[np.ndarray, np.ndarray], float]  # of a box, from its colours (n, 3) and their weights (n,)

_STEPS = 500  # of Lloyd's iteration, at most
_LAST_STEPS = 12  # and on the colours themselves, after their cells
_STILL = 0.002  # how far a colour may still move when the iteration ends
_EXACT = 1 << 14  # different colours up to which each is its own
_CELL = 2  # bits of a channel that tell no cells apart where there are more: 64 cells a channel


@dataclass(frozen=True)
class PaletteMethod:
    """make : (picture (H, W, 3) uint8, how many colours each) -> a palette uint8 (P, 3) for each, P at most that."""

    slug: str
    title: str
    make: Callable[[np.ndarray, Sequence[int]], list[np.ndarray]]


def _pillow(method: int) -> Callable[[np.ndarray, Sequence[int]], list[np.ndarray]]:
    def make(picture: np.ndarray, colours: Sequence[int]) -> list[np.ndarray]:
        from PIL import Image

        image = Image.fromarray(picture)
        palettes = [image.quantize(n, method=method, dither=Image.Dither.NONE).getpalette() or [0, 0, 0] for n in colours]
        return [np.array(p, np.uint8).reshape(-1, 3)[:n] for p, n in zip(palettes, colours, strict=True)]

    return make


def median_cut(picture: np.ndarray, colours: Sequence[int]) -> list[np.ndarray]:
    """The fullest box cut at the median of its longest side, all sizes on one way; a colour is the mean of its box."""
    points, weights = _cells(picture)
    return [_to_bytes(centres) for centres in _cuts(points, weights, colours, lambda p, w: w.sum())]


def _cuts(points: np.ndarray, weights: np.ndarray, colours: Sequence[int], size: Size) -> list[np.ndarray]:
    """The boxes' means at each number asked for, float32 (P, 3); the box of the largest ``size`` is cut next."""
    boxes: list[tuple[float, int, np.ndarray]] = [(0.0, 0, np.arange(len(points)))]  # a heap, the largest first
    single: list[np.ndarray] = []
    means: dict[int, np.ndarray] = {}
    for n in range(1, max(colours) + 1):
        if n in colours:
            leaves = single + [box for _, _, box in boxes]
            means[n] = np.stack([np.average(points[box], axis=0, weights=weights[box]) for box in leaves]).astype(np.float32)
        while boxes and len(boxes[0][2]) == 1:
            single.append(heapq.heappop(boxes)[2])
        if not boxes:
            break
        _, _, box = heapq.heappop(boxes)
        side = np.ptp(points[box], axis=0).argmax()
        box = box[points[box, side].argsort(kind="stable")]
        filled = weights[box].cumsum()
        at = int(np.clip(np.searchsorted(filled, filled[-1] / 2), 1, len(box) - 1))
        for half in (box[:at], box[at:]):
            heapq.heappush(boxes, (-size(points[half], weights[half]), int(half[0]), half))
    return [means.get(n, points) for n in colours]  # fewer colours in the picture than asked for: all of them


def k_means(picture: np.ndarray, colours: Sequence[int]) -> list[np.ndarray]:
    """Lloyd's iterations on the picture's colours, each weighted by its pixels; the start cuts the box that errs most.

    Of very many colours the means of cells come to rest first, and the colours themselves after that.
    """
    points, weights = _cells(picture)
    palettes = [_lloyd(points, weights, centres) for centres in _cuts(points, weights, colours, _squared_error)]
    every, counts = _colours(picture)
    if len(every) > len(points):
        with ThreadPoolExecutor(2) as pool:
            palettes = list(pool.map(lambda centres: _lloyd(every, counts, centres, _LAST_STEPS), palettes))
    return [_to_bytes(centres) for centres in palettes]


def _squared_error(points: np.ndarray, weights: np.ndarray) -> float:
    return float(weights @ ((points - np.average(points, axis=0, weights=weights)) ** 2).sum(axis=1))


def _lloyd(points: np.ndarray, weights: np.ndarray, centres: np.ndarray, steps: int = _STEPS) -> np.ndarray:
    for _ in range(steps):
        mass, sums = nearest_sums(points, weights, centres)
        moved = np.where(mass[:, None] > 0, sums / np.maximum(mass, 1)[:, None], centres).astype(np.float32)
        still, centres = np.abs(moved - centres).max() < _STILL, moved
        if still:
            break
    return centres


def _cells(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The colours of a picture, or the means of 64³ cells where there are very many: float32 (M, 3), and the pixels of each."""
    colours, counts = _colours(picture)
    if len(colours) <= _EXACT:
        return colours, counts
    flat = picture.reshape(-1, 3)
    r, g, b = (flat >> _CELL).astype(np.intp).T
    side = 8 - _CELL
    cell = (r << 2 * side) | (g << side) | b
    weights = np.bincount(cell)
    sums = np.stack([np.bincount(cell, flat[:, c]) for c in range(3)], axis=1)
    full = weights > 0
    return (sums[full] / weights[full, None]).astype(np.float32), weights[full].astype(np.float64)


def _colours(picture: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The colours that occur, float32 (M, 3), and how many pixels have each, float64 (M,)."""
    colours, counts = np.unique(packed(picture), return_counts=True)
    return np.stack((colours >> 16, colours >> 8 & 255, colours & 255), axis=1).astype(np.float32), counts.astype(np.float64)


def _to_bytes(centres: np.ndarray) -> np.ndarray:
    return np.unique(np.rint(centres).astype(np.uint8), axis=0)


def _entries() -> tuple[PaletteMethod, ...]:
    from PIL import features

    always = (
        PaletteMethod("median-cut", "Median cut", median_cut),
        PaletteMethod("octree", "Octree", _pillow(2)),
        PaletteMethod("k-means", "k-means", k_means),
    )
    return always + ((PaletteMethod("imagequant", "imagequant", _pillow(3)),) if features.check("libimagequant") else ())


PALETTES: dict[str, PaletteMethod] = {entry.slug: entry for entry in _entries()}
