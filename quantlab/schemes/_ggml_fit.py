"""What a block of ggml's is given, what a format of such blocks says of itself, and the float32 arithmetic that all of them share.

Adding a block format is one ``Format`` in a table of ``_ggml.py``. What its blocks are given is a ``Fit``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, NamedTuple

import numpy as np

Array = np.ndarray
F16_MAX = np.float32(65504)
HALF = np.float32(0.5)
LEAST = np.float32(1e-15)  # blocks whose largest magnitude is below get no step (K-quants of one sign rule, IQ4)


class Fit(NamedTuple):
    """What each block (G,) is given: x_hat = step·(code - zero_point) + offset, or ± step·table[code].

    inverse : 1 / step as the encoder has it, with its sign (in K-quants the step itself); 0 where the step vanishes in float16.
    base : what the encoder subtracts first.
    """

    step: Array
    zero_point: Array
    inverse: Array
    base: Array
    offset: Array


@dataclass(frozen=True)
class Format:
    """``fit`` chooses for float32 (G, N); ``codes`` makes of (x, inverse, base) what is added to the zero point.

    bits : of a code. qmin, qmax : the ends of the codes. block : values of one block.
    block_bits : what a block holds beside its codes. run, shared_bits : how many blocks share numbers, and of how many bits.
    keeps : those numbers: "d", "d and min", "multiples", "signed multiples" or "e8m0". parts : the bits of a multiple.
    table : the levels where they are not even, ascending, times the step.
    """

    bits: int
    qmin: int
    qmax: int
    fit: Callable[[Array], Fit]
    codes: Callable[[Array, Array, Array], Array]
    block: int = 32
    block_bits: float = 16.0
    run: int = 1
    shared_bits: float = 0.0
    keeps: str = "d"
    parts: int = 0
    table: tuple[float, ...] = ()

    @property
    def zero_exact(self) -> bool:
        """Whether 0 comes back as 0: there is no lowest level of its own, and zero is in the table."""
        return self.keeps not in ("d and min", "multiples") and (not self.table or 0 in self.table)

    @property
    def middle(self) -> int:
        """The code of zero where the step is above zero."""
        return 0 if self.qmin < 0 or self.table else 1 << (self.bits - 1)


def float16(x: Array) -> Array:
    """The nearest float16 number, in float32, held to the largest one."""
    return np.clip(x, -F16_MAX, F16_MAX).astype(np.float16).astype(np.float32)


def over(a: Array | np.floating[Any] | float, b: Array) -> Array:
    """a / b in float32, 0 where b is 0."""
    largest = np.finfo(np.float32).max
    with np.errstate(over="ignore"):  # a subnormal number has no reciprocal in float32
        return np.divide(np.float32(a), b, out=np.zeros_like(b), where=b != 0).clip(-largest, largest)


def extreme(x: Array) -> Array:
    """The value of largest magnitude of each row, the first of several, with its sign; (G,)."""
    return np.take_along_axis(x, np.abs(x).argmax(axis=1)[:, None], axis=1)[:, 0]


def half_away(p: Array) -> Array:
    """To the nearest whole number, ties away from zero."""
    whole = np.trunc(p)
    return whole + np.copysign(np.abs(p - whole) >= HALF, p)


def scaled_down(x: Array) -> tuple[Array, Array]:
    """Rows (G, N) times a power of two that keeps their cubes within float32, and its exponent; most rows stay as they are."""
    power = np.maximum(np.frexp(np.abs(x).max(axis=1, initial=0))[1] - 30, 0)
    return np.ldexp(x, -power[:, None]), power


def in_runs(numbers: Array, run: int) -> Array:
    """Numbers of blocks (G,) as runs that share something, (R, run), the last one filled with zeros."""
    return np.append(numbers, np.zeros(-len(numbers) % run, np.float32)).reshape(-1, run)


def by_pieces(search: Callable[[Array], tuple[Array, ...]], x: Array, size: int = 512) -> tuple[Array, ...]:
    """``search`` on pieces of the rows that fit the cache, its answers put together."""
    pieces = [search(x[i : i + size]) for i in range(0, len(x), size)]
    return tuple(np.concatenate(part) for part in zip(*pieces, strict=True))
