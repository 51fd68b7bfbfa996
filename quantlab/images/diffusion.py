"""Error diffusion: each pixel's error goes to its neighbours, all levels and channels side by side (``loops/diffusion.py``).

    v = clip(u + strength · sum of the shares received, 0, N - 1)      q = table[rint(v)]      error = v - q

In serpentine order every other row runs back, with the kernel turned over.
"""

from __future__ import annotations

import numpy as np

from quantlab.images.kernels import Kernel


def diffuse(u: np.ndarray, tables: np.ndarray, kernel: Kernel, strength: float = 1.0, serpentine: bool = False) -> np.ndarray:
    """Every level of u through error diffusion, rows from the top, each from left to right.

    Parameters
    ----------
    u : (H, W, C), a picture in units of the table's index, 0 to N - 1.
    tables : (L, N, C), what index i becomes at each level, in the same unit (whole numbers for a screen).
    strength : share of the error that is passed on, 0 (none) to 1. serpentine : whether the odd rows run from right to left.

    Returns
    -------
    (L, H, W, C), uint8 where N is 256 and the table holds whole numbers, else float32.

    >>> black_or_white = np.where(np.arange(256) < 128, 0.0, 255.0)[None, :, None]
    >>> from quantlab.images.kernels import KERNELS
    >>> diffuse(np.full((1, 6, 1), 100.0), black_or_white, KERNELS["floyd-steinberg"])[0, 0, :, 0]
    array([  0, 255,   0,   0, 255,   0], dtype=uint8)
    """
    from quantlab.loops.diffusion import through_tables

    out = np.empty((len(tables), *u.shape), shown_type(tables))
    by_channel = np.ascontiguousarray(tables.transpose(0, 2, 1), np.float32)  # (L, C, N)
    through_tables(np.ascontiguousarray(u, np.float32), by_channel, *kernel.given(strength, serpentine), serpentine, out)
    return out


def shown_type(tables: np.ndarray) -> type:
    """uint8 where that holds every entry, else float32."""
    whole = tables.shape[1] == 256 and tables.min() >= 0 and tables.max() <= 255 and bool((tables == np.rint(tables)).all())
    return np.uint8 if whole else np.float32
