"""What must a file say to be a scheme?

Three functions and some words. With G groups of N values, ``qparams`` one row a group:

    choose_qparams(rows, low, high, spec) -> QParams     the range [low, high] comes from the calibrator
    place(x, qparams, spec) -> float (G, N)               the position of each value on the axis of codes, 0.0 -> 0
    value(codes, qparams, spec) -> float (G, N)           the value at a place on that axis, zero point included

``place`` and ``value`` are monotone and undo each other; codes are the whole numbers on the axis. Everything
else follows here: codes = clip(round(place) + zero_point), levels = value(whole codes), borders = value(codes + ½).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from quantlab.grouping import Granularity, PerTensor
from quantlab.rounding import ROUNDINGS, Noise
from quantlab.schemes._stored import SCALE, Storage
from quantlab.types import QParams, QuantSpec
from quantlab.values.rows import Rows


@dataclass(frozen=True)
class Knob:
    """A scheme's own setting: its default and either the choices or the range (low, high) it may have.

    parse : where others than the choices may be named: the value that a word stands for, ValueError where for none.
    """

    default: Any
    doc: str
    choices: tuple[Any, ...] = ()
    low: float = -np.inf
    high: float = np.inf
    parse: Callable[[Any], Any] | None = None

    def check(self, name: str, value: Any) -> Any:
        if self.parse and value not in self.choices:
            return self.parse(value)
        if self.choices:
            if value not in self.choices:
                raise ValueError(f"{name}={value!r} is unknown; choose one of {', '.join(map(str, self.choices))}")
            return value
        if isinstance(value, bool) or not isinstance(value, int | float | np.number) or not self.low <= value <= self.high:
            raise ValueError(f"{name}={value!r} is out of range; choose a number from {self.low:g} to {self.high:g}")
        return type(self.default)(value)


RANGE_KNOBS = {
    "clip": Knob(1.0, "the calibrated range is multiplied by this", low=1e-3, high=1.0),
    "percentile": Knob(99.9, "the share of values, in per cent, that the percentile calibrator keeps", low=50.0, high=100.0),
}


@dataclass(frozen=True)
class Checked:
    """What of a spec's arguments a scheme settles."""

    bits: int
    granularity: Granularity
    calibrator: str
    rounding: str
    knobs: dict[str, Any]


@dataclass(frozen=True)
class Scheme:
    """One way to choose levels. See the module's docstring for the three functions."""

    slug: str
    title: str
    formula: str
    blurb: str
    source: str
    choose_qparams: Callable[[Rows, np.ndarray, np.ndarray, QuantSpec], QParams]
    place: Callable[[np.ndarray, QParams, QuantSpec], np.ndarray]
    value: Callable[[np.ndarray, QParams, QuantSpec], np.ndarray]
    bits: Callable[[Mapping[str, Any]], Sequence[int]]
    default_bits: int = 4
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    calibrators: tuple[str, ...] = ("absmax", "minmax", "percentile", "mse")
    roundings: tuple[str, ...] = tuple(slug for slug, rounding in ROUNDINGS.items() if not rounding.needs_equal_steps)
    granularities: tuple[str, ...] = ("tensor", "channel", "group", "block")
    block: Callable[[Mapping[str, Any]], Granularity | None] = lambda knobs: None  # the one it is defined on: the default
    block_only: bool = False  # whether any other granularity is refused
    symmetric: bool = True
    zero_exact: Callable[[QuantSpec], bool] = lambda spec: True
    place_has_zero_point: Callable[[QuantSpec], bool] = lambda spec: False
    group_bits: Callable[[QParams, QuantSpec], float] = lambda qparams, spec: 32.0
    storage: Storage = SCALE  # what of each group a file keeps, as ``group_bits`` counts it
    variants: tuple[dict[str, Any], ...] = ({},)
    takes_out: bool = False  # whether place and value take a fourth argument, an array to write into
    codes: Callable[[np.ndarray, QParams, QuantSpec], np.ndarray | None] = lambda x, qparams, spec: None  # a faster encode
    rank: int = 100  # its place in lists

    def bits_allowed(self, knobs: Mapping[str, Any]) -> Sequence[int]:
        """The bit widths that mean something with these knobs (the others at their defaults), ascending."""
        return self.bits({name: knob.default for name, knob in self.all_knobs().items()} | dict(knobs))

    def all_knobs(self) -> dict[str, Knob]:
        return (RANGE_KNOBS if len(self.calibrators) > 1 else {}) | dict(self.knobs)

    def check(
        self,
        bits: int | None,
        granularity: Granularity | None,
        calibrator: str | None,
        rounding: str | None,
        knobs: Mapping[str, Any],
    ) -> Checked:
        """Refuse what means nothing, with the remedy; fill in what was left out."""
        known = self.all_knobs()
        if strange := set(knobs) - set(known):
            raise ValueError(f"{self.slug} has no knob {sorted(strange)[0]!r}; it has {', '.join(known) or 'none'}")
        filled = {name: knob.check(name, knobs.get(name, knob.default)) for name, knob in known.items()}
        allowed = self.bits_allowed(filled)
        if bits is None:
            bits = self.default_bits if self.default_bits in allowed else allowed[0]
        if isinstance(bits, bool) or bits not in allowed:
            span = str(allowed[0]) if len(allowed) == 1 else f"{allowed[0]} to {allowed[-1]}"
            raise ValueError(f"{self.slug} cannot use {bits!r} bits here; it takes {span}")
        calibrator, rounding = calibrator or self.calibrators[0], rounding or self.roundings[0]
        _one_of("calibrator", calibrator, self.calibrators, self.slug)
        _one_of("rounding", rounding, self.roundings, self.slug)
        block = self.block(filled)
        granularity = granularity or block or PerTensor()
        if not isinstance(granularity, Granularity):
            raise TypeError(f"granularity is {granularity!r}; use per_tensor(), per_channel(axis), per_group(size) or per_block(shape)")
        if self.block_only and granularity != block:
            raise ValueError(f"{granularity!r} means nothing for {self.slug}, whose format fixes its blocks; use {block!r}")
        _one_of("granularity", granularity.kind, self.granularities, self.slug)
        return Checked(int(bits), granularity, calibrator, rounding, filled)

    def encode(self, x: np.ndarray, qparams: QParams, spec: QuantSpec, noise: Noise, scratch: np.ndarray | None = None) -> np.ndarray:
        """Codes as whole numbers, clipped to [qmin, qmax]; (G, N). May be ``scratch`` (float32, of x's shape)."""
        x = x.astype(np.float32, copy=False)  # as all libraries compare: a double's ties are those of its float32
        if (codes := self.codes(x, qparams, spec)) is not None:
            return codes
        out = (scratch,) if self.takes_out and x.dtype == np.float32 else ()
        rounding = ROUNDINGS[spec.rounding]
        codes = rounding.apply(
            self.place(x, qparams, spec, *out), _none_in_silence(noise, qparams) if rounding.needs_equal_steps else noise
        )
        codes += 0 if self.place_has_zero_point(spec) else zero_column(qparams, codes.dtype)  # also turns -0 into 0
        return codes.clip(codes.dtype.type(qparams.qmin), codes.dtype.type(qparams.qmax), out=codes)

    def decode(self, codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """The values of whole codes, (G, N); float32 codes may be overwritten by them."""
        codes = codes.astype(np.float32) if codes.dtype == np.float64 else codes
        return self.value(codes, qparams, spec, *((codes,) if self.takes_out and codes.dtype == np.float32 else ()))

    def levels(self, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """The values of all codes, float32 (G, L), ascending."""
        codes = np.arange(qparams.qmin, qparams.qmax + 1, dtype=np.float32)
        return self.value(np.broadcast_to(codes, (len(qparams.scale), len(codes))), qparams, spec).astype(np.float32)

    def ends(self, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """The first and the last level of every group, float64 (G, 2)."""
        codes = np.array([[qparams.qmin, qparams.qmax]], np.float32)
        return self.value(np.repeat(codes, len(qparams.scale), axis=0), qparams, spec).astype(np.float32).astype(np.float64)

    def borders(self, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """The values at which one code gives way to the next, float64 (G, L - 1); ValueError for random roundings."""
        rule = ROUNDINGS[spec.rounding].border
        if rule is None:
            raise ValueError(f"{spec.rounding} has no borders: a value goes to either neighbour by chance")
        zero = column(qparams.zero_point, np.float64)
        codes = np.arange(qparams.qmin, qparams.qmax, dtype=np.float64)[None] - zero  # (G, L - 1), 0 stands for 0.0
        return self.value(rule(codes) + zero, qparams, spec)

    def crossings(self, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """For one group the smallest float32 value that gets each code or a higher one, float64 (L - 1,).

        These are ``borders`` as the arithmetic of ``encode`` draws them: x / s may round to either side of one.
        """
        largest = np.finfo(np.float32).max
        around = [np.clip(self.borders(qparams, spec)[0], -largest, largest).astype(np.float32)]
        for _ in range(2):
            around = [np.nextafter(around[0], -largest), *around, np.nextafter(around[-1], largest)]
        tried = np.stack(around)  # (5, L - 1), ascending
        codes = self.encode(tried.reshape(1, -1), qparams, spec, no_noise).reshape(tried.shape)
        up = codes >= np.arange(qparams.qmin + 1, qparams.qmax + 1)
        first = np.where(up.any(axis=0), up.argmax(axis=0), len(around) - 1)
        found = np.take_along_axis(tried, first[None], 0)[0].astype(np.float64)
        return np.maximum.accumulate(np.where((found == largest) & ~up.any(axis=0), 2.0**128, found))  # no float32 gets that code

    def bits_per_value(self, size: int, qparams: QParams, spec: QuantSpec) -> float:
        return spec.bits + len(qparams.scale) * self.group_bits(qparams, spec) / size if size else 0.0


def _none_in_silence(noise: Noise, qparams: QParams) -> Noise:
    """Groups of the least step there is hold nothing but zeros: 1/2 there, which is no dither."""
    silent = qparams.scale <= np.finfo(np.float32).tiny
    return (lambda: np.where(silent[:, None], 0.5, noise())) if silent.any() else noise


def no_noise() -> np.ndarray:
    raise AssertionError("a rounding with borders draws no noise")


def column(row: np.ndarray, dtype: Any) -> np.ndarray:
    """(G,) as (G, 1), or as a plain number where there is one group: numpy is fastest with that."""
    return row.astype(dtype)[0] if len(row) == 1 else row.astype(dtype)[:, None]


def zero_column(qparams: QParams, dtype: Any) -> np.ndarray:
    """The zero points as a column; a plain number where all are the same."""
    zero = qparams.zero_point
    return column(zero[:1] if (zero == zero[0]).all() else zero, dtype)


def spread(row: np.ndarray, x: np.ndarray) -> np.ndarray:
    """``column`` for arithmetic with x (G, N); for short groups repeated to x's shape: a loop a group costs more."""
    short = len(row) > 1 and x.shape[1] <= 256 and x.flags.c_contiguous
    return np.repeat(row.astype(x.dtype), x.shape[1]).reshape(x.shape) if short else column(row, x.dtype)


def _one_of(what: str, value: str, allowed: Sequence[str], slug: str) -> None:
    if value not in allowed:
        raise ValueError(f"{what} {value!r} means nothing for {slug}; choose one of {', '.join(allowed)}")
