"""The chain from microphone to file: fewer samples, added noise, rounding, with or without feedback of the error.

    low = every k-th sample     code = Q(low + d·step), the error shaped or not     heard = level[code] (- d·step), back at the old rate

>>> x = np.full((4, 1), 0.3, np.float32)
>>> Chain(QuantSpec("int-symmetric", bits=3)).convert(x, 8000).heard.ravel()  # 0.3 of 1/3 is 0.9: code 1
array([0.33333334, 0.33333334, 0.33333334, 0.33333334], dtype=float32)
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from quantlab.audio import rates
from quantlab.audio.dependence import step_at_zero
from quantlab.audio.dithers import DITHERS
from quantlab.audio.feedback import STRETCH, shaped_codes
from quantlab.audio.grids import Grid
from quantlab.audio.shaping import SHAPERS
from quantlab.registry import lookup
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec


@dataclass(frozen=True)
class Chain:
    """All choices but the sound; frozen and hashable, so it serves as a cache key.

    spec : scheme and bits; its rounding ``nearest-even`` or ``floor`` (truncation), never a random one: that is ``dither``.
    rise : mid-rise levels. dither, shaping : slugs of ``DITHERS`` and ``SHAPERS``. factor : of the sample rate.
    Raises ValueError for what does not go together.
    """

    spec: QuantSpec
    rise: bool = False
    dither: str = "none"
    shaping: str = "none"
    factor: int = 1
    antialias: bool = True

    def __post_init__(self) -> None:
        lookup(DITHERS, self.dither, "dither")
        lookup(SHAPERS, self.shaping, "shaping")
        if ROUNDINGS[self.spec.rounding].random:
            raise ValueError(f"rounding {self.spec.rounding!r} draws its own noise; choose nearest-even or floor and set dither")
        if self.factor not in rates.FACTORS:
            raise ValueError(f"factor={self.factor!r}; choose one of {', '.join(map(str, rates.FACTORS))}")
        if self.rise:
            Grid.of(self.spec, rise=True)  # refuses what has no mid-rise
        if (self.dither != "none" or self.shaping != "none") and not SCHEMES[self.spec.scheme].affine:
            what = "dither" if self.dither != "none" else "shaping"
            raise ValueError(f"{self.spec.scheme} has steps of different size, which no {what} fits; use int-symmetric")
        if DITHERS[self.dither].subtractive and self.shaping != "none":
            raise ValueError("subtractive dither already leaves white noise of the least power; set shaping='none' with it")

    def at(self, bits: int) -> Chain:
        """The chain at another bit width."""
        return replace(self, spec=self.spec.replace(bits=bits))

    def convert(self, x: np.ndarray, rate: int) -> Conversion:
        """The sound x (N, C), float32, through the chain."""
        return convert_all(x, rate, [self])[0]


@dataclass(frozen=True, eq=False)
class Conversion:
    """A sound after the chain: the codes in the file, and the samples that are heard.

    codes : (M, C) integers at the reduced rate. heard : float32 (N, C) at the old rate.
    noise : the subtractive dither in steps, float32 (M, C), or None.
    """

    chain: Chain
    grid: Grid
    codes: np.ndarray
    heard: np.ndarray
    noise: np.ndarray | None

    @property
    def step_near_zero(self) -> float | None:
        """The step around zero in which the error can be told; None where blocks or a lower rate leave no single one."""
        if len(self.grid.qparams.scale) != 1 or self.chain.factor != 1:
            return None
        return self.grid.step or step_at_zero(self.grid.levels)


def convert_all(x: np.ndarray, rate: int, chains: Sequence[Chain], stretch: int = STRETCH) -> list[Conversion]:
    """One sound (N, C) through chains that differ in their specs only: noise, filter and shaping are done once for all."""
    first = common(chains)
    low = prepare(x, first)
    dither = DITHERS[first.dither]
    noise = None if first.dither == "none" else dither.noise(low.shape, first.spec.seed)
    grids = [Grid.of(chain.spec, chain.rise, low) for chain in chains]
    if first.shaping == "none":
        codes = [plain_codes(low, grid, noise) for grid in grids]
    else:
        noise = np.zeros(low.shape) if noise is None else noise
        codes = shaped_codes(low.astype(np.float64), grids, SHAPERS[first.shaping], rate / first.factor, noise, stretch)
    taken_off = noise.astype(np.float32) if noise is not None and dither.subtractive else None
    return [finish(*each, taken_off, len(x)) for each in zip(chains, grids, codes, strict=True)]


def common(chains: Sequence[Chain]) -> Chain:
    """The first of chains that differ in their specs only; ValueError where they differ in more."""
    first = chains[0]
    if any(replace(chain, spec=first.spec) != first for chain in chains):
        raise ValueError("the chains differ in more than the spec; convert them one by one")
    return first


def prepare(x: np.ndarray, chain: Chain) -> np.ndarray:
    """The sound at the chain's rate, float32 (M, C)."""
    if x.ndim != 2 or not x.size:
        raise ValueError(f"a sound has the shape (samples, channels) and at least one sample, not {x.shape}; use x[:, None] for mono")
    return rates.down(np.asarray(x, np.float32), chain.factor, chain.antialias)


def plain_codes(low: np.ndarray, grid: Grid, noise: np.ndarray | None) -> np.ndarray:
    """Codes without feedback: the core's quantizer on the samples, with the noise (in steps) added."""
    return grid.quantize(low if noise is None else low + noise * grid.step)


def finish(chain: Chain, grid: Grid, codes: np.ndarray, taken_off: np.ndarray | None, length: int) -> Conversion:
    """The sound that is heard, from its codes."""
    y = grid.values(codes)
    if taken_off is not None:
        y = y - taken_off * np.float32(grid.step)
    return Conversion(chain, grid, codes, rates.up(y, chain.factor, length), taken_off)
