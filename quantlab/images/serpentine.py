"""Serpentine error diffusion: every other row runs back, so the picture is cut into bands that are done side by side.

In serpentine order a row's first pixel takes the error of the last pixel of the row above: the pixels form one chain,
of which no two can be done at once. What is independent are levels, channels and *bands*: H / 64 bands of 64 rows are
done side by side, each after a run-in of 16 rows above it whose result is thrown away. A band thereby starts with an
error of the right size, though not the one that the band above it ends with: its average is kept, its pattern shifts at
the seam, where the low-passed error is up to twice the usual for two rows or three. ``bands=1`` is the textbook's order,
exactly, and several times slower; a picture of up to 80 rows is one band.

Within a row only the shares with dy = 0 chain; those from the rows above are summed for the whole row at once.
"""

from __future__ import annotations

import numpy as np

from quantlab.images.diffusion import LookUp, shown_type
from quantlab.images.kernels import Kernel

BAND, RUN_IN = 64, 16  # rows


def diffuse_serpentine(u: np.ndarray, tables: np.ndarray, kernel: Kernel, strength: float = 1.0, bands: int | None = None) -> np.ndarray:
    """Like ``diffusion.diffuse``, the odd rows from right to left and with the kernel mirrored; (L, H, W, C).

    bands : how many bands of rows are done side by side; left out, one for every 64 rows.
    """
    levels, size, channels = tables.shape
    height, width = u.shape[:2]
    rows, kept = _rows_of_bands(height, bands)  # (bands, R)
    u = np.ascontiguousarray(u, np.float32)
    count = levels * channels
    many = rows.shape[0] * count
    decide = LookUp(np.tile(tables, (rows.shape[0], 1, 1)), 1)
    pad = max(abs(dx) for dx, _, _ in kernel.shares)
    errors = np.zeros((kernel.rows + 1, width + 2 * pad, many), np.float32)
    out = np.empty((height, width, count), shown_type(tables))
    along = [(dx, np.float32(strength * w)) for dx, dy, w in kernel.shares if dy == 0]
    down = [(dx, dy, np.float32(strength * w)) for dx, dy, w in kernel.shares if dy > 0]
    done = np.empty((width, many), np.float32)
    for step in range(rows.shape[1]):
        way = -1 if step % 2 else 1
        if step and kept[0, step] and not kept[0, step - 1]:
            errors[:, :, :count] = 0  # the first band starts as the textbook does
        row = np.tile(u[rows[:, step], :, None], (1, 1, levels, 1))  # (bands, W, L, C)
        base = row.reshape(len(rows), width, count).swapaxes(0, 1).reshape(width, many)
        for dx, dy, weight in down:
            above = errors[(step - dy) % len(errors)]
            came = dx if (step - dy) % 2 == step % 2 else -dx  # that row ran this row's way, or the other
            start = pad - way * came
            base += weight * above[start : start + width]
        here = errors[step % len(errors)]
        _run(base[::way], here[pad : pad + width][::way], done[::way], along, decide, float(size - 1))
        by_band = done.reshape(width, len(rows), count)
        for band in np.flatnonzero(kept[:, step]):
            out[rows[band, step]] = by_band[:, band]
    return np.ascontiguousarray(out.reshape(height, width, levels, channels).transpose(2, 0, 1, 3))


def _run(base: np.ndarray, errors: np.ndarray, done: np.ndarray, along: list[tuple[int, np.float32]], decide: LookUp, top: float) -> None:
    """One row, pixel after pixel: base (W, K) with what came from above; writes errors and results, both (W, K)."""
    v, share = np.empty((1, base.shape[1]), np.float32), np.empty(base.shape[1], np.float32)
    q = np.empty_like(v)
    for x in range(len(base)):
        v[0] = base[x]
        for dx, weight in along:
            if x >= dx:
                np.multiply(errors[x - dx], weight, out=share)
                np.add(v[0], share, out=v[0])
        np.maximum(v, np.float32(0), out=v)
        np.minimum(v, np.float32(top), out=v)
        decide(v, 0, 0, q)
        np.subtract(v[0], q[0], out=errors[x])
        done[x] = q[0]


def _rows_of_bands(height: int, bands: int | None) -> tuple[np.ndarray, np.ndarray]:
    """The row that each band does at each step, int (bands, R), and whether its result is kept, bool (bands, R).

    All bands and the run-in begin on even rows, so that they run the same way at every step.
    """
    if bands == 1 or (bands is None and height <= BAND + RUN_IN):
        return np.arange(height)[None], np.ones((1, height), bool)
    band = BAND if bands is None else 2 * -(-height // (2 * bands))
    step = np.arange(-RUN_IN, band)
    rows = np.arange(0, height, band)[:, None] + step  # (bands, R)
    return np.clip(rows, 0, height - 1), (step >= 0) & (rows < height)
