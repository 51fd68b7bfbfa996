"""Sums of products of codes: linear layers and convolutions, exact.

A convolution is a matrix product once the patches under its window stand side by side (im2col). What lies outside of the
picture is the zero point, whose difference from itself is 0. Whole numbers below 2^24 are exact in float32 and below 2^53 in
float64, and so is every partial sum in any order: where the largest sum of magnitudes stays below, the fast product of
matrices of floats *is* the product of integers. ``exact_float`` looks before anything is multiplied.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

_IN_FLOAT32, _IN_FLOAT64 = 1 << 24, 1 << 53


@dataclass(frozen=True)
class Window:
    """The window of a convolution or pooling: kernel, stride, padding (height, width each), and groups of channels."""

    kernel: tuple[int, int]
    stride: tuple[int, int] = (1, 1)
    padding: tuple[int, int] = (0, 0)
    groups: int = 1


def patches(x: np.ndarray, window: Window, outside: int = 0) -> np.ndarray:
    """What lies under the window at every place: (N, C, H, W) -> (N, C, kh, kw, H', W'), outside filled with ``outside``."""
    (ph, pw), (sh, sw) = window.padding, window.stride
    padded = np.pad(x, ((0, 0), (0, 0), (ph, ph), (pw, pw)), constant_values=outside)
    views = sliding_window_view(padded, window.kernel, axis=(2, 3))[:, :, ::sh, ::sw]  # (N, C, H', W', kh, kw)
    return views.transpose(0, 1, 4, 5, 2, 3)


def columns(x: np.ndarray, window: Window) -> np.ndarray:
    """Patches by group, ready to be multiplied: (N, C, H, W) -> (g, C/g·kh·kw, N·H'·W')."""
    cut = patches(x, window).transpose(1, 2, 3, 0, 4, 5)  # (C, kh, kw, N, H', W')
    c, kh, kw, n, h, w = cut.shape
    return cut.reshape(window.groups, c // window.groups * kh * kw, n * h * w)


def bound(weights: np.ndarray, largest: int) -> int:
    """The largest magnitude that a sum of products can have. weights : codes (O, ...). largest : of the magnitudes of x - z."""
    return int(np.abs(weights.astype(np.int64)).reshape(len(weights), -1).sum(axis=1).max()) * largest


def exact_float(most: int) -> type[np.floating]:
    """The float type that counts exactly to ``most``, a bound of the sums of magnitudes; ValueError where int32 may not hold them."""
    if most >= 1 << 31:
        raise ValueError(f"a sum may reach {most}, and int32 holds less than {1 << 31}; use fewer bits or fewer inputs a neuron")
    return np.float32 if most < _IN_FLOAT32 else np.float64


def linear(x: np.ndarray, weights: np.ndarray, largest: int) -> np.ndarray:
    """Accumulators int32 (N, O) of inputs x - z (N, K) and weight codes (O, K)."""
    exact = exact_float(bound(weights, largest))
    return (x.astype(exact) @ weights.T.astype(exact)).astype(np.int32)


def convolve(x: np.ndarray, weights: np.ndarray, window: Window, largest: int) -> np.ndarray:
    """Accumulators int32 (N, O, H', W') of inputs x - z (N, C, H, W) and weight codes (O, C/g, kh, kw)."""
    exact = exact_float(bound(weights, largest))
    by_group = weights.reshape(window.groups, len(weights) // window.groups, -1).astype(exact)  # (g, O/g, K)
    under = columns(x.astype(exact), window)  # (g, K, N·P)
    product = by_group @ under if by_group.shape[1] > 1 else np.einsum("gk,gkp->gp", by_group[:, 0], under)
    return by_images(product.astype(np.int32), len(x), out_size(x.shape[2:], window))


def by_images(product: np.ndarray, images: int, size: tuple[int, int]) -> np.ndarray:
    """(g, O/g, N·P) as (N, O, H', W')."""
    return product.reshape(-1, images, *size).swapaxes(0, 1)


def out_size(size: tuple[int, ...], window: Window) -> tuple[int, int]:
    """Height and width of the result.

    >>> out_size((32, 32), Window((3, 3), (2, 2), (1, 1)))
    (16, 16)
    """
    h, w = ((s + 2 * p - k) // t + 1 for s, p, k, t in zip(size, window.padding, window.kernel, window.stride, strict=True))
    return h, w


def products(x: np.ndarray, weights: np.ndarray, window: Window | None) -> Iterator[np.ndarray]:
    """The products of every output one after another, for accumulators that mind the order: int32 (g, O/g, N·P) each.

    A linear layer is a window of one place: (1, O, N). ``by_images`` brings their sum into the shape of the accumulators.
    """
    under = x.T[None].astype(np.int32) if window is None else columns(x.astype(np.int32), window)  # (g, K, N·P)
    by_group = weights.reshape(len(under), len(weights) // len(under), -1).astype(np.int32)  # (g, O/g, K)
    for k in range(under.shape[1]):
        yield by_group[:, :, k, None] * under[:, None, k]


def in_shape(sums: np.ndarray, x: np.ndarray, window: Window | None) -> np.ndarray:
    """Sums of ``products`` as accumulators, (N, O) or (N, O, H', W')."""
    return sums[0].T if window is None else by_images(sums, len(x), out_size(x.shape[2:], window))
