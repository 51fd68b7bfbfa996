"""A slider and the films that follow it: the page ships every answer, dragging only shows them.

``slider`` is the knob; ``plot``, ``numbers`` and ``image`` show bytes that ``quantlab.film`` packed. Films and slider of
one page find each other by the name of their group. No quantizer is written in JavaScript: it applies tables.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache
from pathlib import Path
from typing import Any

import streamlit as st

HERE = Path(__file__).parent
GROUP = "lab"


@cache
def _component(kind: str) -> Callable[..., Any]:
    script, bus, style = (HERE.joinpath(name).read_text("utf-8") for name in (f"{kind}.js", "bus.js", "live.css"))
    return st.components.v2.component(f"quantlab_{kind}", js=f"{bus}\n{script}", css=style, isolate_styles=False)


def slider(name: str, labels: Sequence[str], index: int, key: str, on_rest: Callable[[str], None], group: str = GROUP) -> None:
    """The live slider at ``labels[index]``; ``on_rest`` hears the label where the thumb comes to rest."""

    def rested() -> None:
        if (label := st.session_state[key].level) is not None:
            on_rest(label)

    data = {"group": group, "name": name, "labels": list(labels), "index": index}
    _component("slider")(data=data, key=key, on_level_change=rested)


def plot(film: bytes, key: str, on_pick: Callable[[float], None] | None = None) -> None:
    """A plotly figure with moving traces; ``on_pick`` hears the x of a click on it."""

    def picked() -> None:
        if on_pick and (x := st.session_state[key].picked) is not None:
            on_pick(float(x))

    _component("plot")(data=film, key=key, on_picked_change=picked)


def numbers(film: bytes, key: str) -> None:
    """Tiles or lines of numbers."""
    _component("numbers")(data=film, key=key)


def image(film: bytes, key: str) -> None:
    """Pictures through a palette."""
    _component("image")(data=film, key=key)


def _nothing() -> None:
    """Streamlit knows a component's state by its having a callback."""


def bits(fields: Sequence[dict[str, str]], formula: Sequence[tuple[str, str]], value: str, key: str) -> int | None:
    """A word as switches, {name, bits, slot} a field, and its formula in parts (text, slot) of the same colours.

    Returns the bit just turned over, counted from the left, else None.
    """
    data = {"fields": list(fields), "formula": [list(part) for part in formula], "value": value}
    return _component("bits")(data=data, key=key, on_flip_change=_nothing).flip
