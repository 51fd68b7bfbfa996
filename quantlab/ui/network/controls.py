"""Controls of the network lab's own: a small slider for each layer, the costs of many layers."""

from __future__ import annotations

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager

import streamlit as st

from quantlab.labs.network.axis import FEW, block_of
from quantlab.labs.network.layers.measure import known_costs, many_layers
from quantlab.labs.network.request import NetworkRequest
from quantlab.networks.settings import Bits
from quantlab.ui.page import Page

_WANTED = "cnn:costs-of"  # the request of which this session wants the costs at all levels


@contextmanager
def waiting(what: str, engine: bool = True) -> Iterator[None]:
    """A film that has no level yet, in place of those to come. engine : whether this process loads PyTorch for them; a worker may."""
    place = st.empty()
    here = "torch" in sys.modules or not engine
    with place.container(key=f"waiting-{what}"):
        words = "Asking the network" if here else "Opening PyTorch, which takes a few seconds the first time"
        st.html(f'<div data-film="waiting" class="ql-waiting">{words} …</div>')
    if not here:
        time.sleep(0.2)  # loading it holds the interpreter: what is drawn so far leaves first
    try:
        yield
    finally:
        place.empty()


def layer_sliders(page: Page, request: NetworkRequest, layer: str) -> None:
    """A small slider for each layer's weights, of many layers for those of one block; "as set" is what the lab's slider says."""
    layers, pinned = request.subject.entry.layers, dict(request.setting.layer_weights)
    shown = [name for name in layers if len(layers) <= FEW or block_of(name) == block_of(layer)]
    options = ["as set", *map(str, request.widths), "float"]

    def key(name: str) -> str:
        return f"cnn:own:{request.subject.source}:{name}"

    def moved() -> None:
        chosen = {name: _slug(bits) for name, bits in pinned.items()} | {name: st.session_state[key(name)] for name in shown}
        page.set("layers", ",".join(f"{name}-{chosen[name]}" for name in layers if chosen.get(name, "as set") != "as set"))

    for start in range(0, len(shown), 5):
        for column, name in zip(st.columns(5, gap="medium"), shown[start : start + 5], strict=False):
            st.session_state[key(name)] = _slug(pinned[name]) if name in pinned else "as set"
            column.select_slider(name, options, key=key(name), on_change=moved)
    if len(shown) < len(layers):
        others = [f"{name} {_slug(bits)}" for name, bits in pinned.items() if name not in shown]
        st.caption(f"Those of the chosen layer's block; {'elsewhere ' + ', '.join(others) if others else 'all others as set'}.")


def _slug(bits: Bits) -> str:
    return "float" if bits is None else str(bits)


def offer_costs(request: NetworkRequest, bits: int) -> None:
    """A button that measures the other levels of a network of many layers, and says how long that takes."""
    known, missing = known_costs(request), [b for b in request.widths if b not in known_costs(request)]
    if not many_layers(request) or bits not in known or not missing or st.session_state.get(_WANTED) == request:
        return
    minutes = max(1, round(known[bits].seconds * len(missing) / 60))
    what = f"{len(missing)} bit widths" if len(missing) > 1 else "bit width"
    label = f"Measure the other {what}: about {minutes} minute{'s' * (minutes > 1)}"
    st.button(label, on_click=_want, args=(request,), icon=":material/timer:", key="cnn:costs")


def _want(request: NetworkRequest) -> None:
    st.session_state[_WANTED] = request


def stages_of_layers(request: NetworkRequest) -> int | None:
    """The number of tasks of the second room that a page runs unasked; None for all."""
    return 3 if many_layers(request) and st.session_state.get(_WANTED) != request else None
