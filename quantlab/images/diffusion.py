"""Error diffusion along a wavefront: each pixel's error goes to its neighbours without a loop over the pixels.

    v = clip(u + strength · sum of the shares received, 0, N - 1)      q = table[rint(v)]      error = v - q

A pixel needs those to its left and above. All pixels with one t = x + s y (``kernels.py`` derives s) need only smaller
t, so a step takes the whole front, and with it all levels (bit widths) and channels: W + s (H - 1) steps of numpy on
H · levels · channels numbers, where a loop takes W · H steps. The errors live in a ring of the last few fronts.

Serpentine order (every other row runs back) is one chain through all pixels: the first pixel of a row needs the last
one of the row above, so there is no front. See ``serpentine.py`` for what is done instead.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from quantlab.images.kernels import Kernel

# (values (n, K) float32, within [0, N - 1]; the first and the last row; out (n, K) float32): what they become
Decide = Callable[[np.ndarray, int, int, np.ndarray], None]


def diffuse(u: np.ndarray, tables: np.ndarray, kernel: Kernel, strength: float = 1.0) -> np.ndarray:
    """Every level of u through error diffusion, rows from the top, each from left to right.

    Parameters
    ----------
    u : (H, W, C), a picture in units of the table's index, 0 to N - 1.
    tables : (L, N, C), what index i becomes at each level, in the same unit (whole numbers for a screen).
    strength : share of the error that is passed on, 0 (none) to 1.

    Returns
    -------
    (L, H, W, C), uint8 where N is 256 and the table holds whole numbers, else float32.

    >>> black_or_white = np.where(np.arange(256) < 128, 0.0, 255.0)[None, :, None]
    >>> from quantlab.images.kernels import KERNELS
    >>> diffuse(np.full((1, 6, 1), 100.0), black_or_white, KERNELS["floyd-steinberg"])[0, 0, :, 0]
    array([  0, 255,   0,   0, 255,   0], dtype=uint8)
    """
    levels, size, channels = tables.shape
    look_up = LookUp(tables, u.shape[0])
    out = wavefront(u, look_up, kernel, strength, levels, size - 1, shown_type(tables))
    return np.ascontiguousarray(out.reshape(*u.shape[:2], levels, channels).transpose(2, 0, 1, 3))


def shown_type(tables: np.ndarray) -> type:
    """uint8 where that holds every entry, else float32."""
    whole = tables.shape[1] == 256 and tables.min() >= 0 and tables.max() <= 255 and bool((tables == np.rint(tables)).all())
    return np.uint8 if whole else np.float32


class LookUp:
    """Decides by the table: (n, L · C) values at once, each through the table of its level and channel."""

    def __init__(self, tables: np.ndarray, most: int):
        levels, size, channels = tables.shape
        count = levels * channels
        self.flat = np.ascontiguousarray(tables.transpose(0, 2, 1), np.float32).ravel()  # (L, C, N)
        self.offset = np.tile((np.arange(count) * size).astype(np.int32), (most, 1))  # (most, K)
        self.index = np.empty((most, count), np.int32)
        self.place = np.empty((most, count), np.intp)
        self.rounded = np.empty((most, count), np.float32)

    def __call__(self, v: np.ndarray, first: int, last: int, out: np.ndarray) -> None:
        n = len(v)
        np.rint(v, out=self.rounded[:n])
        np.copyto(self.index[:n], self.rounded[:n], casting="unsafe")
        np.add(self.index[:n], self.offset[:n], out=self.place[:n])
        self.flat.take(self.place[:n], out=out, mode="wrap")


def wavefront(u: np.ndarray, decide: Decide, kernel: Kernel, strength: float, copies: int, top: float, dtype: type) -> np.ndarray:
    """The fronts: u (H, W, C) diffused ``copies`` times at once by ``decide``; (H * W, copies * C) of ``dtype``."""
    s, ring, above = kernel.slope, kernel.reach + 1, kernel.rows
    height, width = u.shape[:2]
    values = np.tile(u.reshape(height * width, -1).astype(np.float32), copies)  # (H * W, K)
    count = values.shape[1]
    out = np.empty((height * width, count), dtype)
    errors = np.zeros((ring, height + above, count), np.float32)  # row y lies at y + above; what is above is zero
    v, q, share = (np.empty((height, count), np.float32) for _ in range(3))
    weights = [(dx + s * dy, above - dy, np.float32(strength * weight)) for dx, dy, weight in kernel.shares]
    for t in range(width + s * (height - 1)):
        first, last = max(0, -(-(t - width + 1) // s)), min(height - 1, t // s)  # the rows whose x = t - s y lies in the picture
        n = last - first + 1
        if n <= 0:  # in a picture narrower than s a row ends before the next begins
            errors[t % ring] = 0
            continue
        step = width - s  # from a pixel of the front to the next one, in the order of memory
        front = slice(t + first * step, t + last * step + 1, step) if step > 0 else t + step * np.arange(first, last + 1)
        now, part = v[:n], share[:n]
        now[...] = values[front]
        for back, row, weight in weights:
            np.multiply(errors[(t - back) % ring, first + row : last + row + 1], weight, out=part)
            np.add(now, part, out=now)
        np.maximum(now, np.float32(0), out=now)
        np.minimum(now, np.float32(top), out=now)
        decide(now, first, last, q[:n])
        slot = errors[t % ring]
        slot[max(0, first - ring) + above : first + above] = 0  # rows that ended since this slot was last written
        np.subtract(now, q[:n], out=slot[first + above : last + above + 1])
        out[front] = q[:n]
    return out
