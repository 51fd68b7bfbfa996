"""What a file says to be a scheme: three functions, some words, and the traits that others read.

With G groups of N values, ``qparams`` one row a group:

    choose_qparams(rows, low, high, spec) -> QParams     the range [low, high] comes from the calibrator
    place(x, qparams, spec) -> float (G, N)               the position of each value on the axis of codes, 0.0 -> 0
    value(codes, qparams, spec) -> float (G, N)           the value at a place on that axis, zero point included

``place`` and ``value`` are monotone and undo each other; codes are the whole numbers on the axis. Everything
else follows here: codes = clip(round(place) + zero_point), levels = value(whole codes), borders = value(codes + ½).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import prod
from typing import Literal

import numpy as np
from numpy.typing import DTypeLike

from quantlab.caching import cached_property
from quantlab.grouping import Granularity, PerTensor
from quantlab.rounding import ROUNDINGS, Noise
from quantlab.schemes import _scales
from quantlab.schemes._stored import SCALE, Storage
from quantlab.storage.bit_packing import TRITS
from quantlab.types import CALIBRATORS, Checked, ChooseQParams, KnobValue, QParams, QuantSpec
from quantlab.values.rows import Rows

Family = Literal["even", "curved", "learned", "floating", "blocks"]
FAMILIES: Mapping[Family, str] = {
    "even": "Even steps",
    "curved": "Curved steps",
    "learned": "Levels where the values are",
    "floating": "Floating point",
    "blocks": "Blocks",
}
Place = Callable[[np.ndarray, QParams, QuantSpec], np.ndarray]


@dataclass(frozen=True)
class Knob:
    """A scheme's own setting: its default and either the choices or the range (low, high) it may have.

    parse : where others than the choices may be named: the value that a word stands for, ValueError where for none.
    titles : of the choices, where their slugs do not serve. in_sight : whether its control is one of the first.
    applies : whether it can be set beside the knobs that stand before it; one of those may fix it.
    """

    default: KnobValue
    doc: str
    choices: tuple[KnobValue, ...] = ()
    low: float = -np.inf
    high: float = np.inf
    parse: Callable[[KnobValue], KnobValue] | None = None
    titles: tuple[str, ...] = ()
    in_sight: bool = False
    applies: Callable[[Mapping[str, KnobValue]], bool] = lambda knobs: True

    def check(self, name: str, value: KnobValue) -> KnobValue:
        """The value, in the default's type; ValueError where it is none of the choices or out of range."""
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
SCALES = Knob(
    "float32",
    "what scales are stored in: 32 or 16 bits, 8 with 3 of fraction, or 8 as powers of two",
    tuple(_scales.BITS),
    titles=("32 bits (FP32)", "16 bits (FP16)", "8 bits (E5M3)", "8 bits (E8M0, powers of two)"),
    in_sight=True,
)


@dataclass(frozen=True)
class Scheme:
    """One way to choose levels.

    Words
    -----
    slug, title : its name in code and addresses, its name for people. rank : its place in lists, small ones first.
    formula, blurb, source : LaTeX, one sentence that ends in a full stop, and who described it.
    family : how its levels lie, a key of ``FAMILIES``: what lists of schemes are grouped by.
    used_by : the hardware, format or paper that it stands for.

    Functions (see the module's docstring)
    --------------------------------------
    choose_qparams, place, value : what makes it a scheme.
    codes : a faster way to the codes (G, N) than rounding the place; it gives the same ones, or None where it cannot.
    read_back : a faster way to the values of the codes: it writes them into its fourth argument, float32 (G, N), and says
        whether it did; where it did not, the codes are decoded.
    row_errors : a faster way to the squared errors of each row and to those of what lies beyond its first and last level: sums of a
        block (G, N), float64 (2, G); None where it cannot.
    place_has_zero_point : whether ``place`` already counts the zero point, as an order of arithmetic that adds it before
        rounding must; else it is added to the rounded place.
    trits : whether the codes, three of them, are stored five to a byte, each group in bytes of its own; else each in ``bits``.
    storage, group_bits : what of a group's parameters a file keeps (``_stored.py``), and how many bits that is.
    part_bits, tensor_bits : what so many groups of one part of the tensor share beside that, and what all of them do.

    What a spec may say
    -------------------
    bits : the widths it takes with these knobs, ascending. default_bits : the usual one, where it is allowed.
    knobs : its own settings. roundings, granularities : the slugs it takes, the usual one first.
    calibrator : the usual range rule. ranged : whether the range is read at all; if so, all rules are taken that fit, and the
        scheme has the knobs ``clip`` and ``percentile``.
    block : the granularity it is defined on, the default then. block_only : whether any other is refused.
    variants : knob settings that differ in kind, the defaults first; the laws run over each.

    Traits, read by the laws in ``tests/laws``, by labs and by controls
    -------------------------------------------------------------------
    symmetric : whether the range is read as the larger of -low and high.
    zero_exact : whether 0 comes back as 0.
    affine : whether a value is scale * (code - zero_point), all steps equal.
    borders_lie : where one level gives way to the next: "half-way" between the levels, so that the nearest one is chosen;
        half way on the axis of codes, which is "curved"; or where the scheme has its "own" place for them.
    fitted : whether the levels come from sums over all values, not from their range alone.
    float16 : whether values are decoded with float16 numbers and coded with the numbers before rounding.
    follows_scale : whether x * 2^k comes back as x_hat * 2^k; not where levels are absolute.
    shares : whether groups share numbers, so that one is not quantized as if it were alone.
    returns_range : whether the largest value is a level, so that quantizing the result again changes nothing.
    full_scale : whether a converter can have these levels: laid over full scale once, whatever will be played.
    layers : whether all layers of a network can be kept in it; not one bit, nor blocks that a small layer does not fill.
    """

    slug: str
    title: str
    formula: str
    blurb: str
    source: str
    family: Family
    choose_qparams: ChooseQParams
    place: Place
    value: Place
    bits: Callable[[Mapping[str, KnobValue]], Sequence[int]]
    used_by: str = ""
    default_bits: int = 4
    knobs: Mapping[str, Knob] = field(default_factory=dict)
    calibrator: str = "absmax"
    ranged: bool = True
    roundings: tuple[str, ...] = tuple(slug for slug, rounding in ROUNDINGS.items() if not rounding.needs_equal_steps)
    granularities: tuple[str, ...] = ("tensor", "channel", "token", "group", "block")
    block: Callable[[Mapping[str, KnobValue]], Granularity | None] = lambda knobs: None
    block_only: bool = False
    variants: tuple[dict[str, KnobValue], ...] = ({},)
    codes: Callable[[np.ndarray, QParams, QuantSpec], np.ndarray | None] = lambda x, qparams, spec: None
    read_back: Callable[[np.ndarray, QParams, QuantSpec, np.ndarray], bool] = lambda x, qparams, spec, out: False
    row_errors: Callable[[np.ndarray, QParams, QuantSpec], np.ndarray | None] = lambda x, qparams, spec: None
    place_has_zero_point: Callable[[QuantSpec], bool] = lambda spec: False
    group_bits: Callable[[QuantSpec], float] = lambda spec: 32.0
    part_bits: Callable[[int, QuantSpec], float] = lambda groups, spec: 0.0
    trits: Callable[[QuantSpec], bool] = lambda spec: False
    tensor_bits: Callable[[QuantSpec], float] = lambda spec: 0.0
    storage: Storage = SCALE
    symmetric: bool = True
    zero_exact: Callable[[QuantSpec], bool] = lambda spec: True
    affine: bool = False
    borders_lie: Literal["half-way", "curved", "own"] = "half-way"
    fitted: Callable[[QuantSpec], bool] = lambda spec: False
    float16: bool = False
    follows_scale: Callable[[QuantSpec], bool] = lambda spec: True
    shares: Callable[[QuantSpec], bool] = lambda spec: False
    returns_range: Callable[[QuantSpec], bool] = lambda spec: True
    full_scale: bool = False
    layers: bool = True
    rank: int = 100

    @cached_property
    def calibrators(self) -> tuple[str, ...]:
        """The slugs of the range rules it takes, the usual one first."""
        fitting = (slug for slug, rule in CALIBRATORS.items() if self.ranged and (self.affine or not rule.affine_only))
        return (self.calibrator, *(slug for slug in fitting if slug != self.calibrator))

    @property
    def equal_steps(self) -> bool:
        """Whether noise of one step fits it: then it lists the roundings that dither."""
        return any(ROUNDINGS[slug].needs_equal_steps for slug in self.roundings)

    def bits_allowed(self, knobs: Mapping[str, KnobValue]) -> Sequence[int]:
        """The bit widths that it takes with these knobs (the others at their defaults), ascending."""
        return self.bits({name: knob.default for name, knob in self.all_knobs().items()} | dict(knobs))

    def all_knobs(self) -> dict[str, Knob]:
        """Its own knobs and, where it reads a range, those of the range."""
        return (RANGE_KNOBS if self.ranged else {}) | dict(self.knobs)

    def defaults(self, knobs: Mapping[str, KnobValue]) -> dict[str, KnobValue]:
        """The arguments that a spec with these knobs has when nothing else is said; bits where there is no choice."""
        only = {"bits": bits[0]} if len(bits := self.bits_allowed(knobs)) == 1 else {}
        usual = {"granularity": self.block(knobs) or PerTensor(), "calibrator": self.calibrator, "rounding": self.roundings[0], "seed": 0}
        return only | usual | {name: knob.default for name, knob in self.all_knobs().items()}

    def check(
        self,
        bits: int | None,
        granularity: Granularity | None,
        calibrator: str | None,
        rounding: str | None,
        knobs: Mapping[str, KnobValue],
    ) -> Checked:
        """The arguments, with what was left out filled in; ValueError, with the remedy, where they are not supported."""
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
        calibrator, rounding = calibrator or self.calibrator, rounding or self.roundings[0]
        _one_of("calibrator", calibrator, self.calibrators, self.slug)
        _one_of("rounding", rounding, self.roundings, self.slug)
        block = self.block(filled)
        granularity = granularity or block or PerTensor()
        if not isinstance(granularity, Granularity):
            raise TypeError(
                f"granularity is {granularity!r}; use per_tensor(), per_channel(axis), per_token(), per_group(size) or per_block(shape)"
            )
        if self.block_only and granularity != block:
            raise ValueError(f"{granularity!r} is not supported here, because the format of {self.slug} fixes its blocks; use {block!r}")
        _one_of("granularity", granularity.kind, self.granularities, self.slug)
        return Checked(int(bits), granularity, calibrator, rounding, filled)

    def encode(self, x: np.ndarray, qparams: QParams, spec: QuantSpec, noise: Noise) -> np.ndarray:
        """Codes as whole numbers, clipped to [qmin, qmax]; (G, N)."""
        x = x.astype(np.float32, copy=False)  # as all libraries compare: a double's ties are those of its float32
        if (codes := self.codes(x, qparams, spec)) is not None:
            return codes
        rounding = ROUNDINGS[spec.rounding]
        noise = _none_in_silence(noise, qparams) if rounding.needs_equal_steps else noise
        codes = rounding.apply(self.place(x, qparams, spec), noise)
        codes += 0 if self.place_has_zero_point(spec) else zero_column(qparams, codes.dtype)  # also turns -0 into 0
        return codes.clip(codes.dtype.type(qparams.qmin), codes.dtype.type(qparams.qmax), out=codes)

    def decode(self, codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """The values of whole codes, (G, N)."""
        return self.value(codes.astype(np.float32) if codes.dtype == np.float64 else codes, qparams, spec)

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
        value = np.take_along_axis(tried, first[None], 0)[0].astype(np.float64)
        return np.maximum.accumulate(np.where((value == largest) & ~up.any(axis=0), 2.0**128, value))  # no float32 gets that code

    def stored(self, spec: QuantSpec) -> tuple[str, ...]:
        """Names of what is stored for each group beside the codes, such as ``scale`` and ``zero_point``, or ``codebook``."""
        rows = Rows(np.zeros((1, 32), np.float32))
        zero = np.zeros(1)
        return tuple(self.storage.write(self.choose_qparams(rows, zero, zero, spec), spec, [1]))

    @property
    def clips(self) -> bool:
        """Whether values can lie outside of a range that it covers; a codebook fitted to the values, or signs, cover none."""
        return self.ranged or self.block_only

    def bits_per_value(self, shape: Sequence[int], spec: QuantSpec) -> float:
        """Bits per value of a tensor of this shape: its code and its share of the groups' numbers; 0 without values."""
        size, counts = prod(shape), spec.granularity.counts(tuple(shape))
        if not size:
            return 0.0
        code = spec.bits * size
        if self.trits(spec):
            code = sum(n * 8 * -(-values // TRITS) for n, values in zip(counts, spec.granularity.sizes(tuple(shape)), strict=True))
        return (code + sum(n * self.group_bits(spec) + self.part_bits(n, spec) for n in counts) + self.tensor_bits(spec)) / size


def _none_in_silence(noise: Noise, qparams: QParams) -> Noise:
    """Groups of the least step there is hold nothing but zeros: 1/2 there, which is no dither."""
    silent = qparams.scale <= np.finfo(np.float32).tiny
    return (lambda: np.where(silent[:, None], 0.5, noise())) if silent.any() else noise


def no_noise() -> np.ndarray:
    """The noise of roundings that draw none."""
    raise AssertionError("a rounding with borders draws no noise")


def column(row: np.ndarray, dtype: DTypeLike) -> np.ndarray:
    """(G,) as (G, 1), or as a plain number where there is one group: numpy is fastest with that."""
    return row.astype(dtype)[0] if len(row) == 1 else row.astype(dtype)[:, None]


def zero_column(qparams: QParams, dtype: DTypeLike) -> np.ndarray:
    """The zero points as a column; a plain number where all are the same."""
    zero = qparams.zero_point
    return column(zero[:1] if (zero == zero[0]).all() else zero, dtype)


def spread(row: np.ndarray, x: np.ndarray) -> np.ndarray:
    """``column`` for arithmetic with x (G, N); for short groups repeated to x's shape: a loop a group costs more."""
    short = len(row) > 1 and x.shape[1] <= 256 and x.flags.c_contiguous
    return np.repeat(row.astype(x.dtype), x.shape[1]).reshape(x.shape) if short else column(row, x.dtype)


def _one_of(what: str, value: str, allowed: Sequence[str], slug: str) -> None:
    if value not in allowed:
        raise ValueError(f"{what} {value!r} is not supported here, because {slug} takes only {', '.join(allowed)}; choose one of these")
