"""Scrubs of the tensor lab's slider, a registry: the values of the levels, and what a level does.

A level changes the spec (bits, clip range, group size, percentile) or the data (the size of one outlier).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from quantlab.schemes import SCHEMES
from quantlab.sources import with_outlier
from quantlab.sweep import label, with_knob
from quantlab.transforms import fit
from quantlab.types import QuantSpec

Level = Any  # bits, a format's slug, a share of the range, a size: of each scrub's own type


@dataclass(frozen=True)
class Scrub:
    """One thing the slider can scrub.

    title : what the slider is called for this scheme.
    knob : the name of the knob in ``quantlab.sweep`` for this scheme.
    values : the levels for this spec and a tensor of this shape; fewer than two where it is not supported.
    default : the level to begin with.
    spec_at, tensor_at : the spec and the tensor at a level; python : the line that changes the tensor, if any.
    """

    slug: str
    title: Callable[[QuantSpec], str]
    knob: Callable[[QuantSpec], str]
    values: Callable[[QuantSpec, tuple[int, ...]], Sequence[Level]]
    default: Callable[[QuantSpec, Sequence[Level]], Level]
    spec_at: Callable[[QuantSpec, Level], QuantSpec]
    tensor_at: Callable[[np.ndarray, Level], np.ndarray] = lambda x, value: x
    python: Callable[[Level], str] = lambda value: ""

    def labels(self, spec: QuantSpec, shape: tuple[int, ...]) -> tuple[str, ...]:
        return tuple(label(self.knob(spec), value) for value in self.values(spec, shape))

    def default_label(self, spec: QuantSpec, shape: tuple[int, ...]) -> str:
        return label(self.knob(spec), self.default(spec, self.values(spec, shape)))


def before(scrub: Scrub, original: np.ndarray, word: str) -> Scrub:
    """The scrub of a tensor that was transformed: what changes the data changes the original, and the transform is fitted anew."""

    def tensor_at(x: np.ndarray, value: Level) -> np.ndarray:
        changed = scrub.tensor_at(original, value)
        return x if changed is original else fit(changed, word).forward(changed)

    return replace(scrub, tensor_at=tensor_at)


def scrubs_for(spec: QuantSpec, shape: tuple[int, ...]) -> dict[str, Scrub]:
    """The scrubs that have something to scrub here."""
    return {slug: scrub for slug, scrub in SCRUBS.items() if len(scrub.values(spec, shape)) > 1}


def _bits_knob(spec: QuantSpec) -> str:
    return "format" if "format" in spec.knobs else "bits"


def _bits_values(spec: QuantSpec, shape: tuple[int, ...]) -> Sequence[Level]:
    scheme = SCHEMES[spec.scheme]
    if "format" in spec.knobs:
        formats = dict.fromkeys((*scheme.knobs["format"].choices, spec.format))  # the last may be a person's own
        return tuple(sorted(formats, key=lambda f: scheme.bits_allowed({**spec.knobs, "format": f})[0]))
    return tuple(scheme.bits_allowed(spec.knobs))


def _default_bits(spec: QuantSpec, values: Sequence[Level]) -> Level:
    """4 bits; among formats a person's own, which is in no table, else the scheme's usual one."""
    if "format" not in spec.knobs:
        return 4 if 4 in values else values[0]
    usual = SCHEMES[spec.scheme].knobs["format"]
    return next((value for value in values if value not in usual.choices), usual.default)


def _group_sizes(spec: QuantSpec, shape: tuple[int, ...]) -> Sequence[int]:
    scheme = SCHEMES[spec.scheme]
    return () if scheme.block_only or "group" not in scheme.granularities else tuple(n for n in _GROUPS if n <= shape[-1])


def _ranged(spec: QuantSpec) -> bool:
    return "clip" in spec.knobs


def _nearest_to(wish: Level) -> Callable[[QuantSpec, Sequence[Level]], Level]:
    return lambda spec, values: wish if wish in values else values[min(len(values) - 1, 3)]


def _default_clip(spec: QuantSpec, values: Sequence[Level]) -> Level:
    """Half the range; all of it where the slider opens here because the scheme has one width: it is to be seen as it is."""
    return 0.5 if len(_bits_values(spec, ())) > 1 else 1.0


_CLIPS = (1.0, 0.8, 0.65, 0.5, 0.4, 0.32, 0.25, 0.2, 0.16, 0.125, 0.1, 0.08, 0.065, 0.05, 0.04, 0.032, 0.025, 0.02)
_PERCENTILES = (90.0, 95.0, 97.5, 99.0, 99.5, 99.75, 99.9, 99.95, 99.98, 99.99, 99.995, 99.999, 100.0)
_OUTLIERS = (2.0, 5.0, 10.0, 15.0, 20.0, 30.0, 40.0, 60.0, 80.0, 120.0, 160.0)
_GROUPS = (8, 16, 32, 64, 128, 256, 512, 1024)

_ENTRIES = (
    Scrub(
        "bits",
        title=lambda spec: "Format" if "format" in spec.knobs else "Bits",
        knob=_bits_knob,
        values=_bits_values,
        default=_default_bits,
        spec_at=lambda spec, value: with_knob(spec, _bits_knob(spec), value),
    ),
    Scrub(
        "clip",
        title=lambda spec: "Clip range, share of full",
        knob=lambda spec: "clip",
        values=lambda spec, shape: _CLIPS if _ranged(spec) else (),
        default=_default_clip,
        spec_at=lambda spec, value: spec.replace(clip=value),
    ),
    Scrub(
        "group",
        title=lambda spec: "Group size",
        knob=lambda spec: "group_size",
        values=_group_sizes,
        default=_nearest_to(64),
        spec_at=lambda spec, value: with_knob(spec, "group_size", value),
    ),
    Scrub(
        "outlier",
        title=lambda spec: "One outlier",
        knob=lambda spec: "outlier",
        values=lambda spec, shape: _OUTLIERS,
        default=_nearest_to(20.0),
        spec_at=lambda spec, value: spec,
        tensor_at=with_outlier,
        python=lambda value: f"x = with_outlier(x, {value})",
    ),
    Scrub(
        "percentile",
        title=lambda spec: "Percentile kept",
        knob=lambda spec: "percentile",
        values=lambda spec, shape: _PERCENTILES if _ranged(spec) else (),
        default=_nearest_to(99.9),
        spec_at=lambda spec, value: spec.replace(calibrator="percentile", percentile=value),
    ),
)
SCRUBS: dict[str, Scrub] = {entry.slug: entry for entry in _ENTRIES}
