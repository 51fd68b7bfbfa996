"""A slider and the films that follow it: the page ships every answer, dragging only shows them.

``slider`` is the knob; ``plot``, ``numbers``, ``image``, ``wipe``, ... show bytes that ``quantlab.film`` packed, by the modules of
``quantlab/film/web``, which know nothing of Streamlit: ``streamlit.js`` mounts them. Films and slider of one page find each other
by the name of their group. No quantizer is written in JavaScript: it applies tables.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

import streamlit as st

from quantlab.caching import cache
from quantlab.film import kind_of
from quantlab.ui.highlight import parts
from quantlab.ui.web import module_address, plotly_address

GROUP = "lab"
_CALLER = "ui/live/streamlit.js"

# What Streamlit itself carries of a component: the way to its modules, below the base of the page that it stands on.
_COMPONENT = """
const base = new URL(".", document.baseURI).href;
const modules = Promise.all([import(base + "{caller}"), import(base + "{module}")]);
export default async component => {{
  const [{{ show }}, module] = await modules;
  return show(module, component, {{ base, plotly: "{plotly}" }});
}};
"""


@cache
def _component(path: str, folder: str = "film/web") -> Callable[..., Any]:  # of what the component says; each of them its own
    """The component that mounts ``<folder>/<path>.js``."""
    script = _COMPONENT.format(caller=module_address(_CALLER), module=module_address(f"{folder}/{path}.js"), plotly=plotly_address())
    return st.components.v2.component(f"quantlab_{path.replace('/', '_')}", js=script, isolate_styles=False)


def slider(
    name: str, labels: Sequence[str], index: int, key: str, on_rest: Callable[[str], None], group: str = GROUP, advice: str = ""
) -> None:
    """The live slider at ``labels[index]``; ``on_rest`` hears the label where the thumb comes to rest. advice : its line of help."""

    def rested() -> None:
        if (rest := st.session_state[key].level) is not None:
            on_rest(rest[0])  # beside it stands when

    data = {"group": group, "name": name, "labels": list(labels), "index": index, "help": advice}
    _component("controls/slider")(data=data, key=key, on_level_change=rested)


def tab(page: str, query: str) -> None:
    """The last address of a page, for the tab to keep."""
    _component("tab", "ui/live")(data={"page": page, "query": query}, key="tab")


def plot(film: bytes, key: str, on_pick: Callable[[float], None] | None = None) -> None:
    """A plotly figure with moving traces; ``on_pick`` hears the x of a click on it."""

    def picked() -> None:
        if on_pick and (x := st.session_state[key].picked) is not None:
            on_pick(float(x))

    _component("films/plot")(data=film, key=key, on_picked_change=picked)


def film(film: bytes, key: str) -> None:
    """Any film, by the module that its header names."""
    _component(f"films/{kind_of(film)}")(data=film, key=key)


def numbers(film: bytes, key: str) -> None:
    """Tiles or lines of numbers."""
    _component("films/numbers")(data=film, key=key)


def words(film: bytes, key: str) -> None:
    """A sentence for every level."""
    _component("films/words")(data=film, key=key)


def image(film: bytes, key: str) -> None:
    """Pictures through a palette."""
    _component("films/image")(data=film, key=key)


def sound(film: bytes, key: str) -> None:
    """A sound at every level, to hear and to see; space plays, 1, 2, 3 choose original, quantized, error."""
    _component("films/sound")(data=film, key=key)


def abx(film: bytes, key: str, on_heard: Callable[[str], None]) -> None:
    """The sounds of one blind trial: A, B, X, switched while they play; ``on_heard`` hears the trial once X and another were heard."""

    def heard() -> None:
        if (trial := st.session_state[key].picked) is not None:
            on_heard(trial)

    _component("films/abx")(data=film, key=key, on_picked_change=heard)


def answers(film: bytes, key: str) -> None:
    """Pictures and what a network takes them for."""
    _component("films/answers")(data=film, key=key)


def _nothing() -> None:
    """Streamlit knows a component's state by its having a callback."""


def bits(fields: Sequence[dict[str, str]], formula: Sequence[tuple[str, str]], value: str, key: str) -> int | None:
    """A word as switches, {name, bits, slot} a field, and its formula in parts (text, slot) of the same colours.

    Returns the bit just turned over, counted from the left, else None.
    """
    data = {"fields": list(fields), "formula": [list(part) for part in formula], "value": value}
    return _component("controls/bits")(data=data, key=key, on_picked_change=_nothing).picked


def keys(names: Sequence[str], key: str, on_key: Callable[[str], None]) -> None:
    """Keys of the page itself, such as ``ArrowLeft``; ``on_key`` hears each that is not meant for what has the focus."""

    def pressed() -> None:
        if (name := st.session_state[key].picked) is not None:
            on_key(name)

    _component("controls/keys")(data={"keys": list(names)}, key=key, on_picked_change=pressed)


def wipe(film: bytes, key: str, on_view: Callable[[str], None]) -> None:
    """Two versions of a picture split by a divider; ``on_view`` hears which of the film's views a person chose."""

    def chosen() -> None:
        if (slug := st.session_state[key].picked) is not None:
            on_view(slug)

    _component("films/wipe")(data=film, key=key, on_picked_change=chosen)


def row(film: bytes, key: str) -> None:
    """The row of pixels under the pointer of the wipe that shows the same film."""
    _component("films/row")(data=film, key=key)


def swatches(film: bytes, key: str) -> None:
    """The colours that occur."""
    _component("films/swatches")(data=film, key=key)


def thumbnails(name: str, items: Sequence[tuple[str, str]], chosen: str, sprite: str, key: str, on_pick: Callable[[str], None]) -> None:
    """A strip of pictures to pick, (slug, title) each; ``sprite`` is the URL of all of them side by side."""

    def picked() -> None:
        if (slug := st.session_state[key].picked) is not None:
            on_pick(slug)

    data = {"name": name, "items": [list(item) for item in items], "chosen": chosen, "sprite": sprite}
    _component("controls/thumbnails")(data=data, key=key, on_picked_change=picked)


def groups(
    entries: Mapping[str, Sequence[tuple[str, str, Sequence[float]]]], chosen: str, key: str, on_pick: Callable[[str], None]
) -> None:
    """Choices by group, (slug, title, places of strokes from 0 to 1) each, folded away but for the picture of the chosen one."""

    def picked() -> None:
        if (slug := st.session_state[key].picked) is not None:
            on_pick(slug)

    data = {"groups": [[title, [list(entry) for entry in part]] for title, part in entries.items()], "chosen": chosen}
    _component("controls/groups")(data=data, key=key, on_picked_change=picked)


def draw(
    name: str,
    labels: Sequence[str],
    axis: tuple[float, float, float],
    unit: str,
    guess: Sequence[float] | None,
    truth: Sequence[float | None] | None,
    key: str,
    on_draw: Callable[[Any], None],  # what a browser sends
    cloud: Sequence[Sequence[float]] = (),
) -> None:
    """A curve over the levels that a person draws; the true one lies over it once ``truth`` is given. axis : its ends and step.

    cloud : what many drew, faint, in place of a guess.
    """

    def drawn() -> None:
        if (values := st.session_state[key].picked) is not None:
            on_draw(values)

    data = {"name": name, "labels": list(labels), "axis": axis, "unit": unit, "guess": guess, "truth": truth, "cloud": list(cloud)}
    _component("controls/draw")(data=data, key=key, on_picked_change=drawn)


def mark(name: str, picture: Mapping[str, Any], key: str, on_mark: Callable[[Any], None]) -> None:
    """Marks on a picture of values that a person drags. picture : axis, counts, mirrored, count, guess, truth and cloud, as ``mark.js`` says."""

    def marked() -> None:
        if (values := st.session_state[key].picked) is not None:
            on_mark(values)

    _component("controls/mark")(data={"name": name, **picture}, key=key, on_picked_change=marked)


def diary(text: str, known: bool, key: str, on_told: Callable[[str], None]) -> None:
    """What this browser keeps of lessons and exercises: told once to ``on_told`` where it is not ``known``, else replaced by ``text``."""

    def told() -> None:
        if (kept := st.session_state[key].picked) is not None:
            on_told(kept)

    _component("diary", "ui/live")(data={"text": text, "known": known}, key=key, on_picked_change=told)


def student(
    code: str, stand: str, heard: bool, description: Mapping[str, Any] | None, key: str, on_move: Callable[[Mapping[str, Any]], None]
) -> None:
    """A student in a class: joins, answers, hears. stand : what the page shows; ``on_move`` hears where the class is at another one.

    heard : whether the page knows this browser's answers.
    """

    def moved() -> None:
        if (told := st.session_state[key].picked) is not None:
            on_move(told)

    _component("student", "ui/live")(
        data={"code": code, "stand": stand, "heard": heard, "description": description}, key=key, on_picked_change=moved
    )


def secret(code: str, secret: str, known: bool, key: str, on_told: Callable[[Mapping[str, str]], None]) -> None:
    """The secret of a class's teacher, which this browser keeps: told once to ``on_told`` where it is not ``known``; "" for students."""

    def told() -> None:
        if (kept := st.session_state[key].picked) is not None:
            on_told(kept)

    _component("secret", "ui/live")(data={"code": code, "secret": secret, "known": known}, key=key, on_picked_change=told)


def program(text: str, key: str) -> None:
    """A Python program to read and to copy."""
    _component("controls/program")(data={"name": "Program", "parts": [list(part) for part in parts(text)]}, key=key)
