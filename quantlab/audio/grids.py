"""Levels of a converter: those of a scheme of the core, laid over full scale and not over the clip.

A recorder does not know how loud the music will be: its levels span -1 ... 1 whatever is played, and a tone at -60 dB
meets few of them. ``Grid.of`` chooses the core's parameters from full scale once; ``quantize`` uses them as static.

    mid-tread  code·s              int-symmetric: 2^b - 1 levels, one of them zero; s = 1 / (2^(b-1) - 1)
    mid-rise   (code + 1/2)·s      the same moved by half a step: 2^b levels, none zero; s = 2^(1-b)

At one bit there is no zero: the levels are ±1 (mid-tread) or ±1/2 (mid-rise). Schemes that fit their levels to data
(k-means and its like, and formats of blocks) are fitted to the clip; a block or group holds samples that follow each other
in one channel, so such schemes are given the sound as (C, N).

>>> [Grid.of(QuantSpec("int-symmetric", bits=2), rise).levels.tolist() for rise in (False, True)]
[[-1.0, 0.0, 1.0], [-0.75, -0.25, 0.25, 0.75]]
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.quantizer import choose_qparams, dequantize, quantize
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, Quantized, QuantSpec

G711_PEAK = {"mu-law": 32124 / 32768, "a-law": 32256 / 32768}  # the largest decoded values, int16 samples over 32768


@dataclass(frozen=True)
class Grid:
    """A quantizer with its parameters fixed.

    shift : what mid-rise adds to every level. step : the distance of all neighbours, or None where they differ.
    """

    spec: QuantSpec
    qparams: QParams
    shift: float = 0.0
    step: float | None = None

    @classmethod
    def of(cls, spec: QuantSpec, rise: bool = False, x: np.ndarray | None = None) -> Grid:
        """The grid over full scale; ``x`` (the clip) is asked only by schemes that fit their levels to data.

        Raises ValueError where there is no mid-rise, or where a clip is needed and missing.
        """
        if rise:
            return _mid_rise(spec)
        if not fits_full_scale(spec):
            if x is None:
                raise ValueError(f"{spec.scheme} with calibrator={spec.calibrator!r} fits its levels to data; give the clip as x")
            return cls(spec, choose_qparams(_in_time(x, spec), spec), 0.0, None)
        top = G711_PEAK[spec.scheme] if spec.knobs.get("variant") == "g711" else 1.0
        qparams = choose_qparams(np.array([-top, top]), spec)
        return cls(spec, qparams, 0.0, _step(spec, qparams))

    @property
    def levels(self) -> np.ndarray:
        """The values of all codes from qmin to qmax, float32 (L,), ascending."""
        q = Quantized(np.zeros(0, np.int32), self.qparams, self.spec)
        return q.levels[0] + np.float32(self.shift)

    @property
    def affine(self) -> tuple[float, float] | None:
        """(scale, shift) where a value is float32(scale·code) + shift and no table is needed; else None."""
        q = self.qparams
        plain = self.step is not None and q.codebook is None and len(q.scale) == 1 and not q.zero_point.any()
        return (float(q.scale[0]), self.shift) if plain else None

    def quantize(self, x: np.ndarray) -> np.ndarray:
        """Codes of x, in its shape."""
        moved = x - x.dtype.type(self.shift) if self.shift else x
        return _in_time(quantize(_in_time(moved, self.spec), self.spec, self.qparams).codes, self.spec)

    def values(self, codes: np.ndarray) -> np.ndarray:
        """Values of codes, float32, in their shape."""
        y = _in_time(dequantize(Quantized(_in_time(codes, self.spec), self.qparams, self.spec)), self.spec)
        return y + np.float32(self.shift) if self.shift else y

    def bits_per_sample(self, codes: np.ndarray) -> float:
        """Bits that a sample takes in a file: its code, and its share of scales and codebooks where these are made for the clip."""
        if fits_full_scale(self.spec):
            return self.spec.bits
        return Quantized(_in_time(codes, self.spec), self.qparams, self.spec).bits_per_value


def fits_full_scale(spec: QuantSpec) -> bool:
    """Whether the levels follow from full scale alone: a scheme that can, per tensor, with its usual calibrator."""
    scheme = SCHEMES[spec.scheme]
    return scheme.full_scale and spec.granularity.kind == "tensor" and spec.calibrator == scheme.calibrator


def _in_time(x: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """(N, C) as (C, N) and back, where neighbours on the last axis share a scale; else as it is."""
    return x if spec.granularity.kind == "tensor" else np.ascontiguousarray(x.T)


def _mid_rise(spec: QuantSpec) -> Grid:
    if spec.scheme != "int-symmetric" or spec.granularity.kind != "tensor":
        reason = f"because the levels of {spec.scheme} per {spec.granularity.kind} cannot be moved by half a step"
        raise ValueError(f"mid-rise is not supported here, {reason}; use int-symmetric per tensor")
    if spec.bits == 1:
        qparams = choose_qparams(np.array([-0.5, 0.5]), spec)
        return Grid(spec, qparams, 0.0, 1.0)
    half = 2 ** (spec.bits - 1)
    full = spec.replace(convention="full", calibrator="minmax")
    qparams = choose_qparams(np.array([-1.0, 1.0 - 1.0 / half]), full)
    step = float(qparams.scale[0])
    return Grid(full, qparams, step / 2, step)


def _step(spec: QuantSpec, qparams: QParams) -> float | None:
    if not SCHEMES[spec.scheme].equal_steps:
        return None
    scale = float(qparams.scale[0])
    return scale if qparams.codebook is None else scale * float(np.diff(np.atleast_2d(qparams.codebook)[0])[0])
