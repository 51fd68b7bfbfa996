"""A quantizer's description, its parameters and its result.

``QuantSpec`` says what to do, ``QParams`` holds the numbers chosen for one tensor (scales, zero points,
codebooks), ``Quantized`` is the result: integer codes plus what is needed to turn them into values again.

Schemes and range rules stand above these types. What is asked of them from below is a protocol each, ``SchemeRules`` and
``CalibratorRules``; ``SCHEMES`` and ``CALIBRATORS`` find them by their slugs.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Protocol

import numpy as np

from quantlab.grouping import Granularity
from quantlab.registry import Entry, Registry, lookup
from quantlab.values.rows import Rows

KnobValue = Any  # a number, a word, a truth: each knob's own type, checked by the scheme that has the knob


@dataclass(frozen=True)
class Checked:
    """What of a spec's arguments a scheme settles."""

    bits: int
    granularity: Granularity
    calibrator: str
    rounding: str
    knobs: dict[str, KnobValue]


class SchemeRules(Entry, Protocol):
    """What a spec and its result ask of their scheme: the part of ``schemes.base.Scheme`` that lies below it."""

    def check(
        self,
        bits: int | None,
        granularity: Granularity | None,
        calibrator: str | None,
        rounding: str | None,
        knobs: Mapping[str, KnobValue],
    ) -> Checked:
        """The arguments, completed; ValueError where they do not go together."""

    def defaults(self, knobs: Mapping[str, KnobValue]) -> dict[str, KnobValue]:
        """The arguments that a spec with these knobs has when nothing else is said."""

    def bits_per_value(self, shape: Sequence[int], spec: QuantSpec) -> float:
        """Bits per value of a tensor of this shape."""

    def levels(self, qparams: QParams, spec: QuantSpec) -> np.ndarray:
        """The values of all codes, float32 (G, L), ascending."""

    @property
    def choose_qparams(self) -> ChooseQParams:
        """The parameters of groups whose range is known."""


class CalibratorRules(Entry, Protocol):
    """What a scheme asks of range rules, which lie above it: see ``ranges.base.Calibrator``."""

    @property
    def affine_only(self) -> bool:
        """Whether only schemes of equal steps can use it."""


SCHEMES: Registry[SchemeRules] = Registry("quantlab.schemes", "SCHEME")
CALIBRATORS: Registry[CalibratorRules] = Registry("quantlab.ranges", "CALIBRATOR")


@dataclass(frozen=True, init=False)
class QuantSpec:
    """One quantizer, completely described; frozen and hashable, so it serves as a cache key.

    Parameters
    ----------
    scheme : a slug of ``quantlab.SCHEMES``.
    bits : bits per code; left out, the scheme's own default (``nf4`` has only 4, ``float`` follows its format).
    granularity : which values share one set of parameters; left out, the block that the scheme is defined on
        (``mx``: 32 values), else the whole tensor.
    calibrator : a slug of ``quantlab.CALIBRATORS``; left out, the first that the scheme lists.
    rounding : a slug of ``quantlab.ROUNDINGS``; left out, to nearest, ties as the scheme does it (nearly all: even).
    seed : makes the random roundings repeatable.
    **knobs : the scheme's own knobs, and those every ranged scheme has: ``clip`` (the calibrated range times
        this factor, 0 < clip <= 1) and ``percentile`` (read by the calibrator of that name).

    Raises
    ------
    ValueError : an unknown slug or knob, or a combination that is not supported; the text names the remedy.

    >>> spec = QuantSpec("int-symmetric", bits=4, calibrator="mse")
    >>> spec.replace(bits=3)
    QuantSpec('int-symmetric', bits=3, calibrator='mse')
    """

    scheme: str
    bits: int
    granularity: Granularity
    calibrator: str
    rounding: str
    seed: int
    knobs: Mapping[str, KnobValue] = field(hash=False, compare=False)
    _key: tuple[tuple[str, KnobValue], ...] = field(repr=False)

    def __init__(
        self,
        scheme: str,
        bits: int | None = None,
        *,
        granularity: Granularity | None = None,
        calibrator: str | None = None,
        rounding: str | None = None,
        seed: int = 0,
        **knobs: KnobValue,
    ):
        checked = lookup(SCHEMES, scheme, "scheme").check(bits, granularity, calibrator, rounding, knobs)
        put = object.__setattr__
        put(self, "scheme", scheme)
        put(self, "bits", checked.bits)
        put(self, "granularity", checked.granularity)
        put(self, "calibrator", checked.calibrator)
        put(self, "rounding", checked.rounding)
        put(self, "seed", int(seed))
        put(self, "knobs", MappingProxyType(checked.knobs))
        put(self, "_key", tuple(sorted(checked.knobs.items())))

    def __getattr__(self, name: str) -> KnobValue:
        """A knob by its name: ``spec.clip``, ``spec.mu``."""
        try:
            return object.__getattribute__(self, "knobs")[name]
        except KeyError:
            raise AttributeError(f"{self.scheme} has no knob {name!r}") from None

    def __reduce__(self) -> tuple[Callable[[dict[str, KnobValue]], QuantSpec], tuple[dict[str, KnobValue]]]:
        return _rebuild, (self._arguments(),)

    def __repr__(self) -> str:
        usual = SCHEMES[self.scheme].defaults(self.knobs)
        shown = {k: v for k, v in self._arguments().items() if k not in usual or usual[k] != v}
        scheme = shown.pop("scheme")
        return f"QuantSpec({', '.join([repr(scheme)] + [f'{k}={v!r}' for k, v in shown.items()])})"

    def _arguments(self) -> dict[str, KnobValue]:
        names = ("scheme", "bits", "granularity", "calibrator", "rounding", "seed")
        return {name: getattr(self, name) for name in names} | dict(self.knobs)

    def replace(self, **changes: KnobValue) -> QuantSpec:
        """The same spec with some fields or knobs changed; a block that the old knobs fixed becomes that of the new ones."""
        own = SCHEMES[self.scheme].defaults(self.knobs)["granularity"] == self.granularity
        follows = {"granularity": None} if own and "scheme" not in changes and not self.knobs.keys().isdisjoint(changes) else {}
        return QuantSpec(**(self._arguments() | follows | changes))


def _rebuild(arguments: dict[str, KnobValue]) -> QuantSpec:
    return QuantSpec(**arguments)


@dataclass(frozen=True)
class QParams:
    """The numbers a scheme chose, one row per group (G of them).

    scale : float32 (G,). For affine schemes the step; for codebooks what a codebook of range [-1, 1] is times.
    zero_point : int32 (G,). The code that stands for 0.
    qmin, qmax : the smallest and the largest code.
    codebook : None, or float32 (L,) shared by all groups or (G, L), ascending; code ``qmin + i`` is entry i.
    extra : None, or float32 (G, K): what only the scheme itself reads, such as borders that are not half way.
    """

    scale: np.ndarray
    zero_point: np.ndarray
    qmin: int
    qmax: int
    codebook: np.ndarray | None = None
    extra: np.ndarray | None = None

    def groups(self, which: slice) -> QParams:
        """The parameters of some groups alone."""
        book = self.codebook if self.codebook is None or self.codebook.ndim == 1 else self.codebook[which]
        extra = None if self.extra is None else self.extra[which]
        return QParams(self.scale[which], self.zero_point[which], self.qmin, self.qmax, book, extra)


@dataclass(frozen=True)
class Quantized:
    """Codes in the shape of the tensor, and all that is needed to read them."""

    codes: np.ndarray
    qparams: QParams
    spec: QuantSpec

    @property
    def shape(self) -> tuple[int, ...]:
        return self.codes.shape

    @property
    def bits_per_value(self) -> float:
        """Bits per value with scales, zero points and codebooks counted in; 0 for an empty tensor."""
        return self._scheme.bits_per_value(self.shape, self.spec)

    @property
    def levels(self) -> np.ndarray:
        """The values the codes stand for, float32 (G, L), ascending along L."""
        return self._scheme.levels(self.qparams, self.spec)

    @property
    def group_index(self) -> np.ndarray:
        """For every value the row of ``qparams`` (and of ``levels``) that it uses, in the tensor's shape."""
        return self.spec.granularity.group_index(self.shape)

    @property
    def _scheme(self) -> SchemeRules:
        return SCHEMES[self.spec.scheme]


ChooseQParams = Callable[[Rows, np.ndarray, np.ndarray, QuantSpec], QParams]  # (rows, low, high, spec)
