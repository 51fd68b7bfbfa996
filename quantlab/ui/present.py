"""Two other ways to show a lab's page: to a room (``?show=present``), and inside of another page (``?embed=true``).

A presentation is the page's first picture, its words and the slider in large type, with what leads on: the lab's states to try by
button and arrow key, and the address to follow along. What is embedded is the pictures, the words and the slider alone.
The page is drawn as ever; a style hides the rest, so no lab has anything to do for it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from html import escape
from urllib.parse import urlencode

import segno
import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.lab import Lab, Try
from quantlab.ui import live

Go = Callable[[Mapping[str, str]], None]
_SHOW, _PRESENT = "show", "present"
_PICTURE = "[data-film]:not([data-film=numbers], [data-film=words])"
_WORDS = ":has([data-film=words])"
_A_AND_B = ".st-key-a-and-b *"
_AFTER = f"[data-testid=stMainBlockContainer] :has({_PICTURE}) ~"  # whatever follows the first picture
_WIDGETS = ", ".join(
    f".st{name}"
    for name in (
        "Button", "ButtonGroup", "DownloadButton", "PageLink", "Selectbox", "MultiSelect", "TextInput", "TextArea", "NumberInput",
        "FileUploader", "CameraInput", "AudioInput", "Checkbox", "Radio", "Code", "DataFrame", "CaptionContainer",
    )
)  # fmt: skip
_NO_CONTROLS = f"""
[data-testid=stHeader], [data-testid=stSidebar], [data-testid=stExpandSidebarButton] {{ display: none; }}
[data-testid=stMainBlockContainer] .stElementContainer:has({_WIDGETS}), [data-testid=stMainBlockContainer] .stExpander {{ display: none; }}
"""
_EMBEDDED = f"""<style>{_NO_CONTROLS}
[data-testid=stMainBlockContainer] {{ padding: .75rem 1rem; }}
</style>"""
_PRESENTED = f"""<style>{_NO_CONTROLS}
.st-key-head {{ padding-right: 0; }}
html {{ font-size: clamp(16px, 1.46vw, 60px); }}
[data-testid=stMainBlockContainer] {{ padding: 1rem 2rem; }}
[data-testid=stMainBlockContainer] .stColumn:not({_A_AND_B}) {{ min-width: 100%; }}
[data-testid=stMainBlockContainer] .stHorizontalBlock {{ flex-wrap: wrap; }}
{_AFTER} .stElementContainer:not({_WORDS}), {_AFTER} * .stElementContainer:not({_WORDS}), {_AFTER} .stColumn:not({_WORDS}, {_A_AND_B}) {{ display: none; }}
.stApp .ql-slider output {{ font-size: 2.2rem; }}
.stApp .ql-slider input {{ height: 2.4rem; }}
.stApp .ql-slider input::-webkit-slider-thumb {{ width: 28px; height: 28px; margin-top: -8px; }}
.stApp .ql-slider input::-webkit-slider-runnable-track {{ height: 12px; border-radius: 6px; }}
.stApp .ql-ticks span {{ font-size: .85rem; }}
.ql-plot .js-line {{ stroke-width: 4px !important; }}
.st-key-present-keys {{ position: absolute; }}
.st-key-present-code, .st-key-present-code img {{ width: 5.5rem; height: 5.5rem; flex: none; }}
</style>"""


def presenting() -> bool:
    """Whether the page is shown to a room."""
    return st.query_params.get(_SHOW) == _PRESENT


def embedded() -> bool:
    """Whether the page stands inside of another one."""
    return bool(st.context.is_embedded)


def kept() -> dict[str, str]:
    """What the address says beside the lab's own parameters, and goes on to say."""
    return {_SHOW: _PRESENT} if presenting() else {}


def style() -> str:
    """The style of this way to show the page; empty for the page itself."""
    return _PRESENTED if presenting() else _EMBEDDED if embedded() else ""


def offer() -> None:
    """The button that begins a presentation."""
    if not presenting() and not embedded():
        st.button(
            "Present", on_click=_begin, icon=":material/present_to_all:", type="tertiary", key="present", help="One picture in large type"
        )


def bar() -> tuple[DeltaGenerator, DeltaGenerator]:
    """Room at the foot of the window: for the slider, and for what leads on."""
    with st.bottom.container(horizontal=True, vertical_alignment="center", key="present-bar"):
        left = st.container()
        return left.container(), st.container(key="present-code", width="content")


def lead_on(lab: Lab, query: Mapping[str, str], go: Go, beside: DeltaGenerator) -> None:
    """The next and the previous state to try, the way back, and the address of what is shown."""
    address = f"{st.context.url or ''}{'?' if query else ''}{urlencode(query)}"
    at = place_of(query, lab.tries)

    def step(by: int) -> None:
        if lab.tries:
            go(lab.tries[(at + by if at >= 0 else min(by, 0)) % len(lab.tries)].query)

    def hear(key: str) -> None:
        _end() if key == "Escape" else step(1 if key == "ArrowRight" else -1)

    with st.bottom.container(horizontal=True, vertical_alignment="center", key="present-lead"):
        if lab.tries:
            st.button("Previous", on_click=step, args=(-1,), icon=":material/arrow_back:", key="present-previous")
            st.button("Next", on_click=step, args=(1,), icon=":material/arrow_forward:", key="present-next")
            st.markdown(f"{at + 1} of {len(lab.tries)}: {lab.tries[at].title}" if at >= 0 else f"{len(lab.tries)} to try", width="content")
        st.space("stretch")
        st.markdown(f"`{address.partition('://')[2]}`", width="content")
        st.button("Back to the page", on_click=_end, icon=":material/close:", type="tertiary", key="present-end", help="Esc")
        live.keys(("ArrowLeft", "ArrowRight", "Escape"), key="present-keys", on_key=hear)
    beside.html(qr(address), width="content")


def place_of(query: Mapping[str, str], tries: Sequence[Try]) -> int:
    """Which state to try is shown, with the slider where it says or, for a setting of its own, anywhere; -1 for none.

    >>> tries = Try("2 bits", {"bits": "2"}), Try("Groups", {"granularity": "group-64"})
    >>> place_of({"granularity": "group-64", "bits": "7"}, tries), place_of({"bits": "2"}, tries), place_of({"bits": "7"}, tries)
    (1, 0, -1)
    """
    exact = (k for k, entry in enumerate(tries) if dict(entry.query) == dict(query))
    setting = _without_level(query)
    near = (k for k, entry in enumerate(tries) if setting and _without_level(entry.query) == setting)
    return next(exact, next(near, -1))


def _without_level(query: Mapping[str, str]) -> dict[str, str]:
    return {name: value for name, value in query.items() if name != "bits"}


def qr(address: str) -> str:
    """The address as a QR code, dark on white in any theme: an image of HTML."""
    picture = segno.make(address, error="m").svg_data_uri(border=2, dark="#000", light="#fff", scale=8)
    return f'<img src="{picture}" alt="QR code of {escape(address)}">'


def _begin() -> None:
    st.query_params[_SHOW] = _PRESENT


def _end() -> None:
    st.query_params.pop(_SHOW, None)
