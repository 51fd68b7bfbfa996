"""What every page shares: how it opens, the links that set a state, the code and the data to take away."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from quantlab.packages import absent, install_command
from quantlab.ui.state import State

_STYLE = """<style>
[data-testid=stMainBlockContainer] { padding: 3.6rem 2rem 1rem; }
[data-testid=stMain] h1 { font-size: 1.9rem; padding: 0 0 .5rem; }
[data-testid=stMain] h3 { font-size: 1.1rem; padding: .8rem 0 .35rem; }
[data-testid=stCaptionContainer] { color: inherit; opacity: .8; }
[data-testid=stBottomBlockContainer] { padding: .5rem 2rem .6rem; }
[data-testid=stSidebarHeader] { height: 2.6rem; min-height: 0; padding-bottom: 0; margin-bottom: 0; }
[data-testid=stSidebarUserContent] { padding-bottom: 1rem; }
[data-testid=stSidebar] [data-testid=stVerticalBlock] { gap: .55rem; }
@media (max-width: 640px) {
  [data-testid=stMainBlockContainer] { padding: 3.6rem 1rem 1rem; }
  [data-testid=stBottomBlockContainer] { padding: .3rem 1rem .4rem; }
  [data-testid=stMain] h1 { font-size: 1.45rem; }
}
</style>"""


def opening(question: str, state: State) -> None:
    """The title, and room below it for ``report``."""
    st.html(_STYLE)
    st.title(question, anchor=False)
    state.room = st.container()


def needs(extra: str) -> None:
    """End the page with the command that brings what it needs, where a package of this extra is not installed."""
    if missing := absent(extra):
        names = " and ".join(requirement.name for requirement in missing)
        st.error(f"This page needs {names}. This command brings what is missing; start the app anew after it.")
        st.code(install_command(missing), language=None)
        st.stop()


def report(state: State) -> None:
    """What is wrong with the person's input, and which parts of the address meant nothing."""
    for problem in state.problems:
        state.room.error(plain_text(problem))
    for notice in state.notices:
        state.room.warning(plain_text(notice))


def plain_text(text: str) -> str:
    """Text that may hold words from a file or an address, safe from being read as Markdown."""
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>$:~^" else c for c in text)


def try_this(state: State, tries: Mapping[str, Mapping[str, str]]) -> None:
    """Links that set a state; the address follows."""
    st.subheader("Try this", anchor=False)
    with st.container(horizontal=True):
        for title, query in tries.items():
            st.button(title, on_click=state.go, args=(query,), key=f"try-{title}", icon=":material/arrow_forward:")


def titled(*titles: str) -> list[DeltaGenerator]:
    """As many columns side by side, each under its own title."""
    columns = st.columns(len(titles), gap="medium")
    for column, title in zip(columns, titles, strict=True):
        column.subheader(title, anchor=False)
    return columns


def cards(labs: Sequence[tuple[str, str, str, str]]) -> None:
    """A card for every lab: page, title, icon, the question it answers."""
    for column, (page, title, icon, question) in zip(st.columns(max(3, len(labs))), labs, strict=False):
        with column.container(border=True):
            st.page_link(page, label=f"**{title}**", icon=icon)
            st.caption(question)


def copy_and_take(python: str, csv: str, file_name: str) -> None:
    """The program that reproduces the numbers, and the numbers themselves, which travel once they are asked for."""
    st.subheader("Take it with you", anchor=False)
    st.code(python, language="python")
    st.download_button("Numbers of all levels (CSV)", lambda: csv, file_name, "text/csv", icon=":material/download:", on_click="ignore")
    st.caption("Every chart has a camera in its corner that saves it as PNG.")
