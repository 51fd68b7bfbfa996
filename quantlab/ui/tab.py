"""The browser's tab: its title names the page and the state, and it keeps the last address of every page.

Links that name a page alone, in the navigation and on cards, lead to where a person left it (``live/tab.js``). A link with a query
leads to that query, a bare address that is typed to the default, and "Start afresh" too.
"""

from __future__ import annotations

from urllib.parse import urlencode

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab
from quantlab.ui import live

_TITLE = "tab:title"
_LONGEST = 90  # characters of a title


def last_title() -> str:
    """What the tab is called until the page that runs knows its state: the title does not flicker."""
    return st.session_state.get(_TITLE, "QuantLab")


def tell(lab: Lab, address: Address) -> None:
    """Give the tab its title, and the address that it is to keep, which the URL says already."""
    st.session_state[_TITLE] = title_of(lab, address)
    st.set_page_config(page_title=last_title())
    live.tab("" if lab.slug == "home" else lab.slug, urlencode(st.query_params.to_dict()))


def title_of(lab: Lab, address: Address) -> str:
    """Page and state in a line: "Tensor · NF4, groups of 64 · QuantLab"."""
    state = ", ".join(address.described)
    state = state if len(state) <= _LONGEST else f"{state[:_LONGEST]}…"
    return " · ".join(filter(None, ["" if lab.slug == "home" else lab.title, state, "QuantLab"]))
