"""The rooms of the repair lab: all repairs side by side, and three of them from inside."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.repair.result import RepairResult
from quantlab.ui import live
from quantlab.ui.page import Page, titled
from quantlab.ui.tables import read_table

_PAIRED = (
    "A gain is right answers after minus right answers before on the same test images, with its paired 95 % interval; where the interval "
    "holds 0, no gain is seen. Repairs are chosen on calibration images, none of which is tested on; other ones would give somewhat other "
    "gains. Of twenty comparisons without any effect about one shows a gain or loss by chance; neighbouring patches of a photograph "
    "overlap, so that intervals are somewhat too narrow."
)
_LAYER = "The batch norm is folded in; the inputs are those of the float network on the calibration images."


def ablation(page: Page, result: RepairResult, address: Address) -> None:
    """What each repair wins."""
    films, label = result.films, address["bits"]
    left, right = st.columns([8, 5], gap="medium")
    with left:
        live.plot(films["gains"], key="gains")
    with right:
        live.plot(films["accuracy"], key="accuracy")
    page.try_this(result, label)
    live.numbers(films["numbers"], key="numbers")
    page.words(result, label)
    st.header("Alone and together, at all widths", anchor=False)
    read_table(result.rows, "Alone and together, at all widths")
    if result.request.rows == "quick":
        query = address.changed({"rows": "all"})
        st.button("Measure AdaRound's rows too: about a minute", on_click=page.go, args=(query,), icon=":material/timer:", key="repair:all")
    st.caption(_PAIRED)


def channels(page: Page, result: RepairResult, address: Address) -> None:
    """Ranges before and after."""
    _two(page, result, address["bits"], ("written", "Where the channels are written"), ("read", "Where they are read"), "lost")
    st.caption(
        "Dotted and dashed lines are half a step with one scale for the layer: a channel below its line is rounded to zero as a whole."
    )


def rounding(page: Page, result: RepairResult, address: Address) -> None:
    """The weights that go the other way."""
    left, right = titled("Up or down", "Which weights go the other way")
    with left:
        live.plot(result.films["upwards"], key="upwards")
    with right:
        live.image(result.films["wrong-way"], key="wrong-way")
    _below(page, result, address["bits"], "errors")
    st.caption(_LAYER)


def columns(page: Page, result: RepairResult, address: Address) -> None:
    """GPTQ, stepped."""
    _two(page, result, address["bits"], ("weights", "One row of weights"), ("output", "The error of the output"), "state")
    st.caption(_LAYER)


def _two(page: Page, result: RepairResult, label: str, left: tuple[str, str], right: tuple[str, str], tiles: str) -> None:
    for column, (view, _) in zip(titled(left[1], right[1]), (left, right), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    _below(page, result, label, tiles)


def _below(page: Page, result: RepairResult, label: str, tiles: str) -> None:
    page.try_this(result, label)
    live.numbers(result.films[tiles], key=tiles)
    page.words(result, label)


ROOMS: dict[str, Callable[[Page, RepairResult, Address], None]] = {
    "ablation": ablation,
    "channels": channels,
    "rounding": rounding,
    "columns": columns,
}
