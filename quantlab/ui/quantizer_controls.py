"""The controls of a quantizer, the same in every lab: scheme, granularity, range, rounding, and the scheme's own knobs."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress
from typing import Any

import streamlit as st

from quantlab.formats import FORMATS
from quantlab.grouping import Granularity, PerChannel, PerGroup, PerTensor, parse_granularity
from quantlab.ranges import CALIBRATORS
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES, Scheme
from quantlab.types import QuantSpec
from quantlab.ui.state import State

_GROUPS = (16, 32, 64, 128, 256)


def choose_scheme(state: State, slugs: Sequence[str], default: str, side: Any) -> Scheme:
    """One of these schemes."""
    return SCHEMES[state.choice("scheme", "Scheme", {s: SCHEMES[s].title for s in slugs}, default, side)]


def choose_range_and_rounding(state: State, scheme: Scheme, side: Any, more: Any) -> dict[str, Any]:
    """``calibrator``, ``rounding`` and ``seed`` for a spec."""
    calibrator = state.choice("calibrator", "Range", {c: CALIBRATORS[c].title for c in scheme.calibrators}, scheme.calibrators[0], side)
    rounding = state.choice("rounding", "Rounding", {r: ROUNDINGS[r].title for r in scheme.roundings}, scheme.roundings[0], more)
    seed = state.number("dice", "Seed of the rounding", 0, 2**31 - 1, 0, more) if ROUNDINGS[rounding].random else 0
    return {"calibrator": calibrator, "rounding": rounding, "seed": seed}


def choose_knobs(state: State, scheme: Scheme, more: Any, without: Collection[str] = ()) -> dict[str, Any]:
    """The scheme's own knobs, but those that something else sets."""
    knobs = {name: _knob(state, name, knob, more) for name, knob in scheme.knobs.items() if name not in without}
    for name, knob in scheme.knobs.items():
        if knob.parse and (own := _own(state, name, knob, more)) is not None:
            knobs[name] = own
    return knobs


def choose_granularity(state: State, shape: tuple[int, ...], scheme: Scheme, side: Any) -> Granularity:
    """What shares one scale, of what means something for the scheme and fits the shape."""
    default = QuantSpec(scheme.slug).granularity
    entries: list[Granularity] = [PerTensor()]
    if len(shape) > 1:
        entries += [PerChannel(axis) for axis in range(len(shape))]
    entries += [PerGroup(n) for n in _GROUPS if n < shape[-1]]
    with suppress(ValueError):  # one of a person's own, from the address, if it fits the shape
        own = parse_granularity(st.query_params.get("granularity", ""))
        own.tile(shape)
        entries.append(own)
    entries = [default] if scheme.block_only else [*entries, default]
    options = {
        g.slug: g
        for g in sorted(entries, key=lambda g: (g.kind != "tensor", g.kind, getattr(g, "size", 0)))
        if g.kind in scheme.granularities
    }
    slug = state.choice("granularity", "One scale for", {s: g.title for s, g in options.items()}, default.slug, side)
    return options[slug]


def _own(state: State, name: str, knob: Any, more: Any) -> Any:
    """What the person wrote that is none of the choices; None where nothing sound is written."""
    word = state.text("own", f"Own {name}", "", more, placeholder="e3m4, e5m2fn, e4m3fn-nosub").strip().lower()
    try:
        return knob.check(name, word) if word else None
    except ValueError as problem:
        state.problems.append(str(problem))
        return None


def _knob(state: State, name: str, knob: Any, more: Any) -> Any:
    title = name.replace("_", " ").capitalize()
    if not knob.choices:
        return state.number(name, title, knob.low, knob.high, knob.default, more)
    slugs = {str(c).lower(): c for c in knob.choices}
    titles = {s: FORMATS[s].title if s in FORMATS else s for s in slugs}
    return slugs[state.choice(name, title, titles, str(knob.default).lower(), more, help=knob.doc)]
