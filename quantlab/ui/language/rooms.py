"""The rooms of the language lab."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from quantlab.labs.address import Address
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


ROOMS: dict[str, Callable[[Page, LanguageResult, Address], None]] = {"widths": widths, "text": text, "methods": methods, "layers": layers}
