"""Pictures drawn in a palette: each pixel gets the nearest colour in RGB, with or without dither.

    |p - c|² = |p|² - 2 p·c + |c|², of which |p|² decides nothing:    nearest = argmax over c of (2 p·c - |c|²)

Distances are Euclidean in sRGB, as in Pillow, and exact for bytes (whole numbers below 2^24 in float32).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantlab.images.diffusion import wavefront
from quantlab.images.dither import Dither
from quantlab.images.numbers import packed

_CHUNK = 256  # pixels at a time: their distances stay in the cache, and BLAS wakes no threads for so small a product


def nearest_colours(pixels: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Index of the colour nearest to each pixel, (n, 3) -> intp (n,); exact for bytes, of equals the first.

    Products of matrices, twice as fast as a k-d tree for so few colours.

    >>> nearest_colours(np.array([[10, 0, 0], [0, 200, 9]]), np.array([[0, 0, 0], [0, 255, 0]]))
    array([0, 1])
    """
    points, colours = pixels.astype(np.float32, copy=False), palette.astype(np.float32, copy=False)
    twice, square = np.ascontiguousarray(2 * colours.T), (colours**2).sum(axis=1)
    out = np.empty(len(points), np.intp)
    for start in range(0, len(points), _CHUNK):
        chunk = slice(start, start + _CHUNK)
        score = points[chunk] @ twice
        score -= square
        score.argmax(axis=1, out=out[chunk])
    return out


def draw(picture: np.ndarray, palettes: Sequence[np.ndarray], dither: Dither, strength: float = 1.0, seed: int = 0) -> np.ndarray:
    """The picture in each palette, uint8 (levels, H, W, 3).

    Thresholds are noise before the nearest colour is taken, as wide in each channel as the palette's colours are apart;
    diffusion hands on what the nearest colour left, all palettes at once.
    """
    if dither.kernel is not None:
        out = wavefront(picture.astype(np.float32), _Nearest(palettes), dither.kernel, strength, len(palettes), 255, np.uint8)
        return np.ascontiguousarray(out.reshape(*picture.shape[:2], len(palettes), 3).transpose(2, 0, 1, 3))
    flat = picture.reshape(-1, 3).astype(np.float32)
    height, width, channels = picture.shape
    if dither.thresholds is not None:
        noise = strength * (0.5 - np.broadcast_to(dither.thresholds(height, width, channels, seed), picture.shape)).reshape(-1, 3)
        moved = (flat + noise * _spacing(p) for p in palettes)
        return np.stack([p[nearest_colours(m, p)].reshape(picture.shape) for m, p in zip(moved, palettes, strict=True)])
    codes, back = np.unique(packed(picture).ravel(), return_inverse=True)
    colours = np.stack((codes >> 16, codes >> 8 & 255, codes & 255), axis=1)
    return np.stack([p[nearest_colours(colours, p)][back].reshape(picture.shape) for p in palettes])


def _spacing(palette: np.ndarray) -> float:
    """The mean distance from a colour to the next one, divided among three channels."""
    if len(palette) < 2:
        return 0.0
    from scipy.spatial import cKDTree

    return float(cKDTree(palette).query(palette, k=2)[0][:, 1].mean() / 3**0.5)


class _Nearest:
    """Decides by the nearest colour of each palette."""

    def __init__(self, palettes: Sequence[np.ndarray]):
        self.colours = [p.astype(np.float32) for p in palettes]
        self.twice = [np.ascontiguousarray(2 * c.T) for c in self.colours]
        self.square = [(c**2).sum(axis=1) for c in self.colours]

    def __call__(self, v: np.ndarray, first: int, last: int, out: np.ndarray) -> None:
        for i, (colours, twice, square) in enumerate(zip(self.colours, self.twice, self.square, strict=True)):
            channels = slice(3 * i, 3 * i + 3)
            score = v[:, channels] @ twice
            score -= square
            out[:, channels] = colours[score.argmax(axis=1)]
