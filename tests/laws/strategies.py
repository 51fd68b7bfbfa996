"""Which tensors and which specs do the laws run over? All that the registry offers, on inputs chosen to hurt."""

from __future__ import annotations

import functools
from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

import quantlab as ql

RANDOM = {slug for slug, rounding in ql.ROUNDINGS.items() if rounding.random}
NEAREST = {slug for slug, rounding in ql.ROUNDINGS.items() if rounding.nearest}

# The search for the least error counts the values below every border of every clip. At 13 to 16 bits it took a third of
# the time of all laws; ``test_calibrators`` asks for it there, once a scheme.
SEARCHED = 12

KINDS = ("tensor", "channel", "token", "group", "block")
COMBINATIONS = [(slug, rounding) for slug, scheme in ql.SCHEMES.items() for rounding in scheme.roundings]


def allowed_bits(slug, variant) -> list[int]:
    """The bits that the scheme takes in this variant, its other knobs at their defaults."""
    return [int(b) for b in ql.SCHEMES[slug].bits_allowed(dict(ql.QuantSpec(slug, **variant).knobs))]


@functools.cache
def fixed_granularity(slug, variant: tuple):
    """The granularity of a block format, which takes no other; None where there is a choice."""
    try:
        ql.QuantSpec(slug, granularity=ql.per_group(7), **dict(variant))
    except ValueError:
        return ql.QuantSpec(slug, **dict(variant)).granularity
    return None


def nearest_level(slug) -> bool:
    """Whether borders lie half way between levels, so that a rounding to nearest makes the smallest error of a value."""
    return ql.SCHEMES[slug].borders_lie == "half-way"


def combinations(wanted=lambda slug, rounding: True):
    """(scheme, rounding) of the whole registry as pytest parameters; the granularity and all else is drawn."""
    return [pytest.param(*c, id=" ".join(c)) for c in COMBINATIONS if wanted(*c)]


@dataclass(frozen=True)
class Case:
    x: np.ndarray
    spec: ql.QuantSpec

    def __repr__(self) -> str:
        x = self.x
        return f"Case({self.spec!r}, {x.dtype} {x.shape} strides {x.strides}: {x.tolist() if x.size < 65 else x!r})"


# ---------------------------------------------------------------- values


FLOATS = (np.float32, np.float16, np.float64)
INTEGERS = (np.int8, np.uint8, np.int16, np.int32, np.int64)
CONTENTS = ("zeros", "constant", "subnormal", "huge", "mixed", "integers", "ties", "normal", "outlier", "signed", "any")


def fill(content: str, n: int, dtype, rng: np.random.Generator) -> np.ndarray:
    """n values, float64, of which every one is representable in `dtype` (64-bit floats stay inside float32's range)."""
    info = np.finfo(np.float16 if dtype is np.float16 else np.float32)
    sign = rng.choice([-1.0, 1.0], n)
    if content == "zeros":
        x = np.zeros(n)
    elif content == "constant":
        x = np.full(n, rng.choice([1.0, -1.0, 0.1, -3.7, 1e-3, 127.0, float(info.max), float(info.tiny)]))
    elif content == "subnormal":
        x = sign * rng.integers(0, 40, n) * float(info.smallest_subnormal)
    elif content == "huge":
        x = sign * float(info.max) * rng.choice([1.0, 0.999, 0.75, 0.5, 0.1], n)
    elif content == "mixed":
        low, high = (-7, 4.8) if dtype is np.float16 else (-44, 38.5)
        x = sign * 10.0 ** rng.uniform(low, high, n)
    elif content == "integers":
        x = rng.integers(-20, 21, n).astype(float)
    elif content == "ties":  # (k + 1/2) * step below n * step, for the step of some symmetric code
        top = float(rng.choice([1, 3, 7, 15, 127]))
        x = np.minimum(rng.integers(0, int(top) + 1, n) + 0.5, top) * sign * 2.0 ** int(rng.integers(-6, 7))
        x[:1] = np.abs(x).max(initial=0.0) if rng.random() < 0.3 else top
    elif content == "outlier":
        x = rng.normal(0, 1e-3, n)
        x[rng.integers(0, n, 1 if n else 0)] = 50.0
    elif content == "signed":  # one sign only, far from zero
        x = float(rng.choice([-1.0, 1.0])) * rng.uniform(0.9, 1.1, n)
    else:
        x = rng.normal(size=n) * float(rng.choice([1.0, 0.02, 30.0]))
        x[rng.random(n) < 0.1] = 0.0
    return np.clip(x, -float(info.max), float(info.max))


def lay_out(values: np.ndarray, shape: tuple[int, ...], layout: str) -> np.ndarray:
    """The same values in the same shape, but in memory as `layout` says."""
    x = values.reshape(shape)
    if layout == "transposed":
        return np.ascontiguousarray(x.T).T
    if layout == "strided":
        wide = np.repeat(x, 3, axis=-1)
        return wide[..., ::3]
    if layout == "negative":
        return np.ascontiguousarray(x[..., ::-1])[..., ::-1]
    if layout == "read-only":
        x = x.copy()
        x.flags.writeable = False
        return x
    if layout == "broadcast":
        return np.broadcast_to(x[:1], shape)
    if layout == "big-endian":
        return x.astype(x.dtype.newbyteorder(">"))
    return x


LAYOUTS = ("contiguous", "contiguous", "transposed", "strided", "negative", "read-only", "broadcast", "big-endian")


@st.composite
def tensors(draw, *, ndim=(1, 3), most=400, contents=CONTENTS, empty=True, dtypes=(*FLOATS, np.int32)):
    rank = draw(st.integers(*ndim))
    longest = max(1, int(most ** (1 / rank)))
    shape = draw(st.tuples(*[st.integers(1, longest)] * rank))
    if empty and draw(st.integers(0, 14)) == 0:
        shape = draw(st.sampled_from([(0,) * rank, (0, *shape[1:]), (*shape[:-1], 0)]))
    elif draw(st.integers(0, 14)) == 0:
        shape = (1,) * rank
    dtype = draw(st.sampled_from(dtypes))
    content = draw(st.sampled_from(contents))
    n = int(np.prod(shape))
    if np.issubdtype(dtype, np.integer):
        dtype = draw(st.sampled_from(INTEGERS)) if dtype is np.int32 else dtype
        info = np.iinfo(dtype)
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        low, high = draw(st.sampled_from([(max(-20, info.min), 20), (info.min, info.max), (0, 0)]))
        values = rng.integers(low, high, n, dtype=dtype, endpoint=True)
    elif content == "any":
        width = 16 if dtype is np.float16 else 32
        elements = st.floats(width=width, allow_nan=False, allow_infinity=False)
        values = draw(hnp.arrays(dtype, min(n, 8), elements=elements))
        values = np.resize(values, n) if n else values
    else:
        rng = np.random.default_rng(draw(st.integers(0, 2**32 - 1)))
        values = fill(content, n, dtype, rng).astype(dtype)
    layout = draw(st.sampled_from(LAYOUTS))
    return lay_out(values, shape, "contiguous" if 0 in shape else layout)


# ---------------------------------------------------------------- specs


@st.composite
def specs(draw, slug, kind, rounding, ndim, *, calibrators=None, plain=False):
    """A spec of that scheme, granularity and rounding; variant, bits, calibrator, clip and arithmetic are drawn."""
    scheme = ql.SCHEMES[slug]
    variant = dict(draw(st.sampled_from(list(scheme.variants))))
    allowed = allowed_bits(slug, variant)
    arguments = dict(variant)
    if allowed:
        arguments["bits"] = draw(st.sampled_from(allowed))
    searched = arguments.get("bits", 0) <= SEARCHED
    keep = [c for c in scheme.calibrators if (c in calibrators if calibrators is not None else searched or c != "mse")]
    if keep:
        arguments["calibrator"] = draw(st.sampled_from(keep))
    if rounding in RANDOM:
        arguments["seed"] = draw(st.integers(0, 5))
    axis = st.integers(-ndim, ndim - 1)
    fixed = fixed_granularity(slug, tuple(sorted(variant.items()))) if kind == "group" else None
    if fixed is not None:
        arguments["granularity"] = fixed
    elif kind == "channel":
        arguments["granularity"] = ql.per_channel(axis=draw(axis))
    elif kind == "group":
        arguments["granularity"] = ql.per_group(draw(st.integers(1, 9)), axis=draw(axis))
    elif kind == "block":
        arguments["granularity"] = ql.per_block(draw(st.tuples(st.integers(1, 5), st.integers(1, 5))))
    else:
        arguments["granularity"] = ql.per_token() if kind == "token" else ql.per_tensor()
    spec = ql.QuantSpec(slug, rounding=rounding, **arguments)
    extra = {}
    if not plain and "clip" in spec.knobs and "clip" not in variant:
        extra["clip"] = draw(st.sampled_from([1.0, 1.0, 0.5, 0.8]))
    if not plain and "arithmetic" in spec.knobs and "arithmetic" not in variant:
        extra["arithmetic"] = draw(st.sampled_from(["onnx", "torch_fake", "torch_quant"]))
    return spec.replace(**extra) if extra else spec


@st.composite
def cases(draw, slug, rounding, *, kinds=KINDS, contents=CONTENTS, empty=True, plain=False, calibrators=None, **how):
    kind = draw(st.sampled_from([k for k in kinds if k in ql.SCHEMES[slug].granularities]))
    rank = draw(st.integers(2, 3) if kind == "block" else st.integers(1, 3))
    spec = draw(specs(slug, kind, rounding, rank, plain=plain, calibrators=calibrators))
    how.setdefault("most", 400 if spec.bits <= 8 else 24)
    return Case(draw(tensors(ndim=(rank, rank), contents=contents, empty=empty, **how)), spec)


# ---------------------------------------------------------------- what a value may become


def as_float32(x: np.ndarray) -> np.ndarray:
    return np.asarray(x).astype(np.float32)


@dataclass(frozen=True)
class Neighbours:
    """For every value, flat and float64: the levels around it and how exact float32 arithmetic can be asked to be."""

    x: np.ndarray
    x_hat: np.ndarray
    below: np.ndarray  # largest level <= x, the lowest level where there is none
    above: np.ndarray  # smallest level >= x, the highest level where there is none
    lowest: np.ndarray  # ends of the group's range
    highest: np.ndarray
    allowed_low: np.ndarray  # the same as below and above, but for x moved by the tolerance (and `extra` levels)
    allowed_high: np.ndarray
    has_zero: np.ndarray
    tolerance: np.ndarray

    @property
    def inside(self) -> np.ndarray:
        return (self.lowest <= self.x) & (self.x <= self.highest)


def neighbours(x, x_hat, q, extra: int = 0) -> Neighbours:
    """The tolerance: 4 ulp of x; of the range where a zero point is added to x / scale; 32 ulp after a compander.

    2^-10 of the range, or a float16 subnormal for each code, where float16 numbers are decoded with.
    """
    ulp, scheme = 2.0**-23, ql.SCHEMES[q.spec.scheme]
    x32 = as_float32(x).ravel().astype(np.float64)
    index = np.broadcast_to(q.group_index, x.shape).ravel()
    levels = q.levels.astype(np.float64)
    found = {name: np.empty(x32.size) for name in ("below", "above", "lowest", "highest", "low", "high", "zero", "tol")}
    order = np.argsort(index, kind="stable")
    edges = np.searchsorted(index[order], np.arange(len(levels) + 1))
    for g, row in enumerate(levels):
        at = order[edges[g] : edges[g + 1]]
        if not at.size:
            continue
        row = np.unique(row)
        v, last = x32[at], len(row) - 1
        size = np.maximum(np.abs(v), np.abs(row).max()) if scheme.affine else np.abs(v)
        tol = (32 if scheme.borders_lie == "curved" else 4) * ulp * size + 2.0**-148
        tol += 2.0**-126 * np.abs(row).max()  # so small beside the scale that x / scale underflows
        if scheme.float16:
            tol += 2.0**-10 * np.abs(row).max() + 2.0**-24 * len(row)
        found["below"][at] = row[np.maximum(np.searchsorted(row, v, "right") - 1, 0)]
        found["above"][at] = row[np.minimum(np.searchsorted(row, v, "left"), last)]
        found["lowest"][at], found["highest"][at] = row[0], row[-1]
        found["low"][at] = row[np.maximum(np.minimum(np.searchsorted(row, v - tol, "right") - 1, last) - extra, 0)]
        found["high"][at] = row[np.minimum(np.maximum(np.searchsorted(row, v + tol, "left"), 0) + extra, last)]
        found["zero"][at] = 0.0 in row
        found["tol"][at] = tol
    return Neighbours(
        x32,
        np.asarray(x_hat, np.float64).ravel(),
        found["below"],
        found["above"],
        found["lowest"],
        found["highest"],
        found["low"],
        found["high"],
        found["zero"].astype(bool),
        found["tol"],
    )
