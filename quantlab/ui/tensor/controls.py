"""The tensor lab's controls: which tensor, which quantizer, what the slider scrubs; each in the address."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from quantlab.labs.tensor.scrubs import SCRUBS, Scrub, scrubs_for
from quantlab.schemes import SCHEMES
from quantlab.sources import EXTENSIONS, TENSOR_SOURCES, count_nonfinite, make_finite
from quantlab.sources.upload import MAX_FILE
from quantlab.types import QuantSpec
from quantlab.ui import cached
from quantlab.ui.quantizer_controls import choose_granularity, choose_knobs, choose_range_and_rounding, choose_scheme
from quantlab.ui.state import State

_OWN = {"paste": "Paste numbers", "upload": "Open a file"}


@dataclass(frozen=True)
class Tensor:
    """A tensor that was picked: ``key`` names it in caches, ``python`` is the program's part that makes it."""

    key: Hashable
    x: np.ndarray
    python: str
    source: str


def choose_tensor(state: State, side: Any, more: Any) -> Tensor:
    """The tensor of the controls; where they name none that is sound, the last one that was, with the reason."""
    titles = {slug: source.title for slug, source in TENSOR_SOURCES.items()} | _OWN
    source = state.choice("source", "Tensor", titles, "weights", side)
    try:
        tensor = _finite(state, side, _BRING[source](state, side) if source in _BRING else _built_in(state, source, more))
    except ValueError as problem:
        state.problems.append(str(problem))
        return st.session_state.get("tensor:last") or default_tensor()
    st.session_state["tensor:last"] = tensor
    return tensor


def default_tensor() -> Tensor:
    """The tensor the lab opens on."""
    return _made("weights", 65536, 0, {})


def _built_in(state: State, source: str, more: Any) -> Tensor:
    size = state.number("size", "Values", 1, 10_000_000, 65536, more)
    seed = state.number("seed", "Seed", 0, 2**31 - 1, 0, more)
    knobs: dict[str, Any] = {}
    for knob in TENSOR_SOURCES[source].knobs:
        if knob.choices:
            knobs[knob.slug] = state.choice(knob.slug, knob.title, {c: c for c in knob.choices}, knob.default, more)
        else:
            knobs[knob.slug] = state.number(knob.slug, knob.title, knob.low or 0.0, knob.high or 1e9, knob.default, more)
    return _made(source, size, seed, knobs)


def _made(source: str, size: int, seed: int, knobs: Mapping[str, Any]) -> Tensor:
    x = cached.built_in(source, size, seed, tuple(knobs.items()))
    arguments = "".join(f", {name}={value!r}" for name, value in knobs.items())
    python = f'x = TENSOR_SOURCES["{source}"].make({size}, seed={seed}{arguments})'
    return Tensor((source, size, seed, tuple(knobs.items())), x, python, source)


def _pasted(state: State, side: Any) -> Tensor:
    text = state.text("values", "Numbers", "0.1 -0.4 0.25 1.5 -0.9 0.02 0.6 -0.15", side, area=True)
    x = cached.pasted(text)
    return Tensor(("paste", text), x, f"x = parse_floats({text!r}).astype('float32')", "paste")


def _uploaded(state: State, side: Any) -> Tensor:
    store = cached.uploads()
    file = side.file_uploader("File", EXTENSIONS, max_upload_size=MAX_FILE >> 20, help="It stays in this server's memory only.")
    if file is not None and st.session_state.get("tensor:file-id") != file.file_id:
        st.session_state["tensor:file-id"] = file.file_id
        state.set("file", store.add(file.name, file.getvalue()))
    digest = state.hidden("file", "")
    if not digest:
        raise ValueError("Choose a file: .npy, .npz, .csv or .safetensors.")
    if digest not in store:
        raise ValueError("That file is no longer held by this server; open it again.")
    names = store.tensors(digest)
    name = state.choice("tensor", "Tensor in the file", {n: n for n in names}, names[0], side)
    x = cached.uploaded(digest, name)
    file_name = store.name(digest)
    python = f"x = load_tensor({file_name!r}, Path({file_name!r}), {name!r})"
    return Tensor(("upload", digest, name), x, python, "upload")


_BRING = {"paste": _pasted, "upload": _uploaded}


def _finite(state: State, side: Any, tensor: Tensor) -> Tensor:
    """The tensor without NaN and infinity, by a visible choice."""
    bad = count_nonfinite(tensor.x)
    if not bad:
        return tensor
    hows = {"refuse": "Refuse them", "drop": "Drop them", "clip": "Clip them"}
    how = state.choice("nonfinite", f"{bad} NaN or infinite values", hows, "refuse", side)
    x = make_finite(tensor.x, how)
    return Tensor((tensor.key, how), x, f"{tensor.python}\nx = make_finite(x, {how!r})", tensor.source)


def choose_quantizer(state: State, shape: tuple[int, ...], side: Any, more: Any) -> tuple[QuantSpec, Scrub]:
    """The spec (with any level of the slider) and what the slider scrubs."""
    scheme = choose_scheme(state, list(SCHEMES), "int-symmetric", side)
    granularity = choose_granularity(state, shape, scheme, side)
    spec = QuantSpec(scheme.slug, granularity=granularity, **choose_range_and_rounding(state, scheme, side, more))
    knobs: dict[str, Any] = {}
    if spec.calibrator == "percentile":
        knobs["percentile"] = state.number("percentile", "Percentile", 50.0, 100.0, 99.9, more)
    scrubs = scrubs_for(spec, shape)
    scrub = SCRUBS[state.choice("scrub", "Slider", {s: SCRUBS[s].title(spec) for s in scrubs}, next(iter(scrubs)), side)]
    knobs |= choose_knobs(state, scheme, more, without=(scrub.knob(spec),))
    bits = None
    allowed = scheme.bits_allowed({**spec.knobs, **knobs})
    if scrub.slug != "bits" and len(allowed) > 1:
        bits = state.number("width", "Bits", int(allowed[0]), int(allowed[-1]), 4, side)
    return spec.replace(bits=bits, **knobs), scrub
