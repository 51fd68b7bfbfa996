"""The rooms of the language lab."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.language.claims import CLAIMS
from quantlab.labs.language.result import LanguageResult
from quantlab.ui import live
from quantlab.ui.page import Page, titled

_MEASURED = (
    "Perplexity is that of a {unit}{learnt}: numbers of other models, texts, contexts or strides cannot be compared with it. Before and "
    "after are measured on the same {unit}s, so that the interval is paired. Calibration reads a text of its own."
)


def measured(result: LanguageResult) -> str:
    """What the numbers are, in words."""
    model, own = result.request.model, result.request.own
    learnt = ", of a model that learnt other topics of the same documentation" if model.shipped and not own else ""
    return _MEASURED.format(unit=model.unit, learnt=learnt)


def widths(page: Page, result: LanguageResult, address: Address) -> None:
    """One method at all its widths."""
    for column, view in zip(titled("Perplexity", "Divergence"), ("perplexity", "divergence"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    live.numbers(result.films["numbers"], key="numbers")
    st.caption(measured(result))


def text(page: Page, result: LanguageResult, address: Address) -> None:
    """The text itself, and how the model goes on writing."""
    live.film(result.films["text"], key="text")
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    st.header("How it goes on writing", anchor=False)
    live.words(result.films["continuation"], key="continuation")
    unit = result.request.model.unit
    st.caption(
        f"Always the likeliest {unit}. In bold what the model wrote before, too; from the first other {unit} on the two read different texts."
    )


def methods(page: Page, result: LanguageResult, address: Address) -> None:
    """All methods, and both models."""
    for column, view in zip(
        titled("All methods against bits", "Both models against bytes" if result.request.model.shipped else "Against bytes"),
        ("methods", "models"),
        strict=True,
    ):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    st.caption(measured(result))


def layers(page: Page, result: LanguageResult, address: Address) -> None:
    """One linear layer at a time."""
    live.plot(result.films["layers"], key="layers")
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    live.numbers(result.films["spared"], key="spared")
    st.caption("Every other linear layer, embedding, head, activations and cache stay as they are while one layer is rounded.")


def columns(page: Page, result: LanguageResult, address: Address) -> None:
    """GPTQ on a block of a layer."""
    for column, view in zip(titled("One row of the block", "The output's error so far"), ("row", "objective"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    st.header("How far every weight has moved", anchor=False)
    live.image(result.films["moved"], key="moved")
    st.caption("Rows are outputs, columns inputs; left of the columns done is what rounding did, right of them what was handed on.")


def gains(page: Page, result: LanguageResult, address: Address) -> None:
    """AWQ's search and where gain comes from."""
    for column, view in zip(titled("AWQ's search", "Where gain comes from"), ("curve", "parts"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    st.caption(
        "On the calibration text, this layer alone. In a model, layers that read the same share one α. The output's error is that of each "
        "channel by itself plus what errors of different channels add or take away together."
    )


def outliers(page: Page, result: LanguageResult, address: Address) -> None:
    """Activations, then weights."""
    for column, view in zip(titled("Channels that the layer reads", "All values that it reads"), ("channels", "values"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    live.numbers(result.films["numbers"], key="numbers")
    for column, view in zip(titled("Columns of its weights", "All weights"), ("columns", "weights"), strict=True):
        with column:
            live.plot(result.films[view], key=view)


def memory(page: Page, result: LanguageResult, address: Address) -> None:
    """Bytes and the bound of speed against the context."""
    for column, view in zip(titled("Bytes", "Speed, at most"), ("cache", "speed"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    live.numbers(result.films["numbers"], key="numbers")
    st.caption(
        "Counted from the model's measures, also beyond the context that it was trained on. The bound is a model: every byte passes the "
        "memory's bus once a token, and nothing else takes time."
    )


def claims(page: Page, result: LanguageResult, address: Address) -> None:
    """Five claims, each with its numbers."""
    live.plot(result.films["answers"], key="answers")
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    for slug, title in CLAIMS.items():
        st.header(f"“{title}”", anchor=False)
        live.words(result.films[f"claim-{slug}"], key=f"claim-{slug}")


ROOMS: dict[str, Callable[[Page, LanguageResult, Address], None]] = {
    "widths": widths,
    "text": text,
    "methods": methods,
    "layers": layers,
    "columns": columns,
    "gains": gains,
    "outliers": outliers,
    "memory": memory,
    "claims": claims,
}
