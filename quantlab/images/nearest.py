"""Pictures drawn in a palette: each pixel gets the nearest colour in RGB, with or without dither.

Distances are Euclidean in sRGB, as in Pillow, and exact for bytes (whole numbers below 2^24 in float32).
"""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import numpy as np

from quantlab.images.dither import Dither
from quantlab.images.kernels import Kernel


def nearest_colours(pixels: np.ndarray, palette: np.ndarray) -> np.ndarray:
    """Index of the colour nearest to each pixel, (n, 3) -> int64 (n,); exact for bytes, of equals the first.

    >>> nearest_colours(np.array([[10, 0, 0], [0, 200, 9]]), np.array([[0, 0, 0], [0, 255, 0]]))
    array([0, 1])
    """
    from quantlab.loops.colours import cells_of, nearest_indices

    points = np.ascontiguousarray(pixels, np.float32)
    out = np.empty(len(points), np.int64)
    nearest_indices(points, *cells_of(palette, float(points.min()), float(points.max())), out)
    return out


def nearest_sums(points: np.ndarray, weights: np.ndarray, palette: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Of the points (n, 3), float32, that are nearest to each colour: their weights (P,), and their weighted sums (P, 3), float64."""
    from quantlab.loops.colours import cells_of, sums_of_nearest

    mass, sums = np.zeros(len(palette)), np.zeros((len(palette), 3))
    sums_of_nearest(points, *cells_of(palette, float(points.min()), float(points.max())), weights, mass, sums)
    return mass, sums


def draw(picture: np.ndarray, palettes: Sequence[np.ndarray], dither: Dither, strength: float = 1.0, seed: int = 0) -> np.ndarray:
    """The picture in each palette, uint8 (levels, H, W, 3).

    Thresholds are noise before the nearest colour is taken, as wide in each channel as the palette's colours are apart;
    diffusion hands on what the nearest colour left.
    """
    if dither.kernel is not None:
        one = partial(_diffused, np.ascontiguousarray(picture), dither.kernel, strength)
    else:
        flat, noise = picture.reshape(-1, 3).astype(np.float32), None
        if dither.thresholds is not None:
            height, width, channels = picture.shape
            noise = strength * (0.5 - np.broadcast_to(dither.thresholds(height, width, channels, seed), picture.shape)).reshape(-1, 3)
        one = partial(_plain, flat, noise, picture.shape)
    with ThreadPoolExecutor(2) as pool:
        return np.stack(list(pool.map(one, palettes)))


def _plain(flat: np.ndarray, noise: np.ndarray | None, shape: tuple[int, ...], palette: np.ndarray) -> np.ndarray:
    moved = flat if noise is None else flat + noise * _spacing(palette)
    return palette[nearest_colours(moved, palette)].reshape(shape)


def _diffused(picture: np.ndarray, kernel: Kernel, strength: float, palette: np.ndarray) -> np.ndarray:
    from quantlab.loops.colours import cells_of
    from quantlab.loops.diffusion import to_nearest

    out = np.empty_like(picture)
    to_nearest(picture, *cells_of(palette, 0.0, 255.0), *kernel.given(strength), False, out)
    return out


def _spacing(palette: np.ndarray) -> float:
    """The mean distance from a colour to the next one, divided among three channels."""
    if len(palette) < 2:
        return 0.0
    from scipy.spatial import cKDTree

    return float(cKDTree(palette).query(palette, k=2)[0][:, 1].mean() / 3**0.5)
