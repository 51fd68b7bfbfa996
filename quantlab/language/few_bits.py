"""Activations and the KV cache in few bits, as hooks of the forward pass.

Activations: symmetric, one scale for each token, or one for the whole layer, fixed on the calibration text (static).
Cache: asymmetric; one scale for a token's head, or one for each channel over groups of 32 tokens. A group that is not whole yet stays as
it was, so that no token's scale knows of a later one (Liu et al. 2024, arXiv:2402.02750, KIVI).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.language.calibration import Calibration
from quantlab.language.model import Hooks

GROUP = 32  # tokens


@dataclass(frozen=True)
class FewBits:
    """activations, keys, values : bits, None for as they are. static : whether activations' ranges are fixed. by : "token" or "channel"."""

    activations: int | None = None
    keys: int | None = None
    values: int | None = None
    static: bool = False
    by: str = "token"

    @property
    def idle(self) -> bool:
        """Whether nothing is quantized."""
        return self.activations is None and self.keys is None and self.values is None


class Rounding(Hooks):
    """The hooks of ``FewBits``. calibration : where ranges are static."""

    def __init__(self, bits: FewBits, calibration: Calibration | None = None) -> None:
        if bits.static and bits.activations is not None and calibration is None:
            raise ValueError("static activations need a calibration; give one, or choose a scale for each token")
        self.bits, self.calibration = bits, calibration
        self.recent = GROUP if bits.by == "channel" and (bits.keys or bits.values) else 0

    def read(self, layer: int, place: str, x: np.ndarray) -> np.ndarray:
        if self.bits.activations is None or place == "head":
            return x
        qmax = 2 ** (self.bits.activations - 1) - 1
        if self.bits.static and self.calibration is not None:
            largest = np.float32(self.calibration[layer, place].largest.max())
        else:
            largest = np.abs(x).max(axis=-1, keepdims=True)
        scale = np.where(largest > 0, largest / np.float32(qmax), np.float32(1))
        return np.clip(np.rint(x / scale), -qmax, qmax) * scale

    def cached(self, layer: int, keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        return tuple(
            x if bits is None else in_groups(x, bits, self.bits.by) for x, bits in ((keys, self.bits.keys), (values, self.bits.values))
        )  # type: ignore[return-value]


def in_groups(x: np.ndarray, bits: int, by: str) -> np.ndarray:
    """(N, heads, T, D) with a range for each token, or for each channel over groups of 32 tokens, rounded to 2**bits even steps."""
    if by == "token":
        return _rounded(x, bits, -1)
    whole = x.shape[2] // GROUP * GROUP
    grouped = x[:, :, :whole].reshape(*x.shape[:2], -1, GROUP, x.shape[3])
    return np.concatenate([_rounded(grouped, bits, 3).reshape(*x.shape[:2], whole, x.shape[3]), x[:, :, whole:]], axis=2) if whole else x


def _rounded(x: np.ndarray, bits: int, axis: int) -> np.ndarray:
    low, high = x.min(axis=axis, keepdims=True), x.max(axis=axis, keepdims=True)
    scale = np.where(high > low, (high - low) / np.float32(2**bits - 1), np.float32(1))
    return np.rint((x - low) / scale) * scale + low


def cache_bytes(layers: int, key_heads: int, head: int, tokens: int, bits: FewBits) -> float:
    """Bytes of the cache of one text: 16 bits where nothing is quantized; a scale and a low end in 16 bits each a group.

    >>> cache_bytes(3, 2, 32, 256, FewBits())  # 2 · 3 · 2 · 32 · 256 numbers of 2 bytes
    196608.0
    >>> cache_bytes(3, 2, 32, 256, FewBits(keys=4, values=4))  # 4 + 32 / 32 bits each
    61440.0
    """
    return sum(cache_parts(layers, key_heads, head, tokens, bits))


def cache_parts(layers: int, key_heads: int, head: int, tokens: int, bits: FewBits) -> tuple[float, float]:
    """The same apart: bytes of the keys, and of the values.

    >>> cache_parts(3, 2, 32, 256, FewBits(keys=4))
    (30720.0, 98304.0)
    """
    group = head if bits.by == "token" else GROUP
    each = (16.0 if b is None else b + 32 / group for b in (bits.keys, bits.values))
    keys, values = (layers * key_heads * head * tokens * b / 8 for b in each)
    return keys, values
