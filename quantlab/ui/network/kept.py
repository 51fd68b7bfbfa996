"""A setting of the network lab that is kept to compare with: an address within the address, asked about the same images."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, urlencode

from quantlab.ui.network import controls as network_controls
from quantlab.ui.network import sources as network_sources
from quantlab.ui.network.controls import Asked
from quantlab.ui.page import plain_text
from quantlab.ui.state import State
from quantlab.ui.written import Written

_VIEW = ("bits", "room", "measure", "layer", "picture", "images", "kept")  # of the page, not of the setting
LONGEST = 1000  # characters


@dataclass(frozen=True)
class Kept:
    """What was kept, and where to say why it is not shown."""

    asked: Asked
    note: Any


def choose(state: State, asked: Asked, side: Any) -> Kept | None:
    """The kept setting that the address holds; a button that keeps this one, or forgets it. ``side`` None: it only stays."""
    written = state.hidden("kept", "", lambda raw: len(raw) <= LONGEST, "keep a setting with the button")
    if side is None:
        return None
    if not written:
        side.button("Keep to compare", on_click=_keep, args=(state,), icon=":material/keep:", help="Its curve stays while you try others.")
        return None
    query = Written(dict(parse_qsl(written)))
    kept = replace(network_controls.read(query), images=asked.images)
    title = ", ".join(query.named) or "as the lab opens"
    side.caption(f"Kept: {plain_text(title)}")
    note = side.container()
    side.button("Forget the kept setting", on_click=_forget, args=(state,), icon=":material/keep_off:")
    return Kept(kept, note)


def beside(asked: Asked, kept: Kept | None) -> Asked:
    """What is asked, with the kept setting where it answers the same images."""
    if kept is None:
        return asked
    try:
        other = network_sources.evaluator(kept.asked)
    except ValueError as problem:
        kept.note.caption(f"It cannot be compared: {plain_text(str(problem))}")
        return asked
    if other.runner.data.digest != network_sources.evaluator(asked).runner.data.digest:
        kept.note.caption("It answers other images, so that it is not compared with this one.")
        return asked
    return replace(asked, kept=network_sources.fitting(kept.asked, other))


def _keep(state: State) -> None:
    own = {name: value for name, value in state.changed({}).items() if name not in _VIEW}
    state.go(state.changed({"kept": urlencode({"source": state.values["source"]} | own)}))


def _forget(state: State) -> None:
    state.go({name: value for name, value in state.changed({}).items() if name != "kept"})
