"""The rooms of the language lab."""

from __future__ import annotations

from collections.abc import Callable

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.language.result import LanguageResult
from quantlab.ui import live
from quantlab.ui.page import Page, titled

_MEASURED = (
    "Perplexity is that of a byte, of a model that learnt other topics of the same documentation: numbers of other models, texts, contexts "
    "or strides cannot be compared with it. Before and after are measured on the same tokens, so that the interval is paired. Calibration "
    "reads a text of its own."
)


def widths(page: Page, result: LanguageResult, address: Address) -> None:
    """One method at all its widths."""
    for column, view in zip(titled("Perplexity", "Divergence"), ("perplexity", "divergence"), strict=True):
        with column:
            live.plot(result.films[view], key=view)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    live.numbers(result.films["numbers"], key="numbers")
    st.caption(_MEASURED)


ROOMS: dict[str, Callable[[Page, LanguageResult, Address], None]] = {"widths": widths}
