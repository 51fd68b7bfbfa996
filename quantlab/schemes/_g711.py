"""The tables of G.711: which int16 sample becomes which of 256 codes, in both laws, from the standard's rule.

A code is sign, segment e (3 bits) and step m (4 bits). Decoded, in units of int16:

    mu-law  y = ±(((2m + 33) << e) - 33) << 2      255 distinct values, ±0 being one; the largest ±32124
    A-law   y = ±(2m + 1) << 3 where e = 0, else ±(2m + 33) << (e + 2)    256 values, none of them 0; ±32256

An encoder sees 14 bits (mu-law) or 13 (A-law): it shifts the sample to the right, which rounds down, so the negative
borders lie a little nearer to zero than the positive ones. A border here lies half way between the last sample of one
code and the first of the next.

max|x| becomes the largest decoded value, so a tensor of samples is coded as a telephone would where max|x| is that;
``clip`` or parameters chosen beforehand see to it:

>>> import numpy as np, quantlab as ql
>>> spec = ql.QuantSpec("mu-law", variant="g711", clip=32124 / 32768)
>>> ql.fake_quantize(np.array([-32768, 0, 1000, 32767]), spec)
array([-32124.,      0.,    988.,  32124.], dtype=float32)
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from quantlab.caching import cache
from quantlab.schemes import _bordered
from quantlab.types import QParams, QuantSpec


class Table(NamedTuple):
    """Decoded values, ascending, and the borders between them; int16 units, float64."""

    levels: np.ndarray
    borders: np.ndarray


def _mu_decode(code: np.ndarray) -> np.ndarray:
    e, m = code >> 4, code & 15
    return (((2 * m + 33) << e) - 33) << 2


def _mu_encode(magnitude: np.ndarray) -> np.ndarray:
    biased = np.minimum(magnitude >> 2, 8158) + 33
    e = np.frexp(biased.astype(np.float64))[1] - 6  # 33 has 6 binary digits
    return (e << 4) | ((biased >> (e + 1)) & 15)


def _a_decode(code: np.ndarray) -> np.ndarray:
    e, m = code >> 4, code & 15
    return np.where(e == 0, (2 * m + 1) << 3, (2 * m + 33) << (e + 2))


def _a_encode(magnitude: np.ndarray) -> np.ndarray:
    coarse = np.minimum(magnitude >> 3, 4095)
    e = np.maximum(np.frexp(coarse.astype(np.float64))[1] - 5, 0)  # 31 has 5 binary digits
    return (e << 4) | ((coarse >> np.maximum(e, 1)) & 15)


@cache
def table(law: str) -> Table:
    """law : "mu" or "a"."""
    encode, decode, step = (_mu_encode, _mu_decode, 4) if law == "mu" else (_a_encode, _a_decode, 8)
    up = np.arange(32768)
    code_up = encode(up)
    # the shift rounds down: -1 ... -step fall together, as the magnitude `step` in mu-law, as 0 in A-law
    down = np.arange(1, 32769)
    code_down = encode(-(-down // step) * step if law == "mu" else down - 1)
    samples = np.concatenate((-down[::-1], up))
    values = np.concatenate((-decode(code_down)[::-1], decode(code_up)))
    changes = np.flatnonzero(np.diff(values))
    levels = np.append(values[changes], values[-1]).astype(np.float64)
    return Table(levels, samples[changes] + 0.5)


def choose_qparams(law: str, top: np.ndarray) -> QParams:
    levels, borders = table(law)
    full = 2.0**15  # levels and borders are in units of full scale, which float32 holds exactly
    vanishing = 2.0**-149  # for groups of zeros: A-law has no level at zero, but its least one times this is zero
    scale = np.clip(top * (full / levels[-1]), vanishing, np.finfo(np.float32).max).astype(np.float32)
    extra = np.repeat((borders[None] / full).astype(np.float32), len(top), axis=0)  # (G, L - 1)
    zero = np.full(len(top), len(levels) // 2, np.int32)
    return QParams(scale, zero, 0, len(levels) - 1, (levels / full).astype(np.float32), extra)


def place(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    return _bordered.place(x, _one_line(qparams), spec)


def codes(x: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray | None:
    return _bordered.codes(x, _one_line(qparams), spec) if spec.variant == "g711" else None


def value(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    return _bordered.value(codes, _one_line(qparams), spec)


def _one_line(qparams: QParams) -> QParams:
    """All groups have the same borders: one line serves them."""
    assert qparams.extra is not None
    return QParams(qparams.scale, qparams.zero_point, qparams.qmin, qparams.qmax, qparams.codebook, qparams.extra[:1])
