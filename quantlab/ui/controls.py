"""A lab's controls: each parameter of its address drawn, read from the URL and written to it.

The URL rules whenever a page is entered (``enter``), and when it was changed by somebody else than the page: a link, a deep link,
back and forward, whose address rules over a control that was moved meanwhile. Then each control takes its value from there; a value
that cannot be used falls back to the default and is named in ``notices``. Else the controls rule, and ``commit`` writes what they say into the URL.
A parameter whose place is missing or None is not drawn, and stays as it is: drawing takes most of a run's time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from functools import singledispatch
from typing import Protocol

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.scriptrunner import get_script_run_ctx
from streamlit.runtime.state.common import user_key_from_element_id
from streamlit.runtime.uploaded_file_manager import UploadedFile

from quantlab.labs.address import Address, Question, Subject
from quantlab.labs.forms import Choice, File, Form, GroupedChoice, Levels, Number, Several, Text, Value
from quantlab.labs.lab import Lab
from quantlab.labs.text import markdown_safe
from quantlab.sources.uploads import UPLOADS
from quantlab.ui import live, present, url
from quantlab.ui.uploading import HELD, take, tell

_HERE = "controls:page"  # of a session: the page that ran last


def enter(slug: str) -> None:
    """A page is about to run: where another one ran before, its controls are gone, and nothing but the URL says its state."""
    if st.session_state.get(_HERE) != slug:
        st.session_state[_HERE] = slug
        st.session_state.pop(f"{slug}:committed", None)


class Drawer(Protocol):
    """Draws the control of one parameter and returns its value; ``where`` is None while its place is folded away."""

    def __call__(self, controls: Controls, question: Question, where: DeltaGenerator | None) -> Value: ...


class Controls:
    """The controls of one lab during one run of its page.

    places : where controls stand. drawers : for parameters whose control is the lab's own, by name.
    """

    def __init__(self, lab: Lab, places: Mapping[str, DeltaGenerator | None], drawers: Mapping[str, Drawer] | None = None):
        self.lab, self.places, self.drawers = lab, places, drawers or {}
        self.problems: list[str] = []  # of a lab's own controls
        self.notices: list[str] = st.session_state.pop(self.key("carried"), [])
        self._late: list[Callable[[], None]] = []
        self._query = url.read()
        self._defaults: dict[str, Value] = {}  # of this run
        self._mounted = _mounted()
        last = st.session_state.get(self.key("committed"))
        self._last_defaults: Mapping[str, Value] = last["defaults"] if last else {}
        for name, value in last["values"].items() if last else ():
            if self.stored(name) is None:  # the run before ended before it drew this control, and Streamlit forgot it
                self.store(name, value)
        self._url_rules = last is None or (self._query != last["query"] and (url.by_history() or not self._touched(last)))

    def address(self, fallback: Subject = None) -> Address:
        """The address that the controls say, drawn and committed. fallback : the subject where theirs is not sound."""
        address = self.lab.table.walk(self.ask, fallback)
        self.commit(address)
        return address

    def ask(self, question: Question) -> Value:
        """The value of one parameter; its control is drawn where it has a place."""
        self._settle(question)
        name = question.name
        if not question.form.holds(self.stored(name)):
            self.store(name, question.default)
        where = self.places.get(question.place)
        if self.key(name) not in self._mounted:  # else it begins with a value of its own
            self.store(name, self.stored(name))
        if drawer := self.drawers.get(name):
            return drawer(self, question, where)
        return self.keep(name) if where is None else draw(question.form, self, question, where)

    def keep(self, name: str) -> Value:
        """The value of a parameter whose control is not drawn; else Streamlit forgets it with the control that was drawn before."""
        self.store(name, self.stored(name))
        return self.stored(name)

    def later(self, drawn: Callable[[], None]) -> None:
        """Draw this control with the result: until then the one before stands beside what it belongs to."""
        self._late.append(drawn)

    def draw_late(self) -> None:
        """The result is here: draw what belongs to it."""
        for drawn in self._late:
            drawn()
        self._late.clear()

    def commit(self, address: Address) -> None:
        """Write the state into the URL, defaults left out."""
        query = address.query | present.kept()
        if query != st.query_params.to_dict():
            url.write(query)
        last = {"query": query, "values": {name: self.stored(name) for name in address.values}, "defaults": self._defaults}
        st.session_state[self.key("committed")] = last

    def stored(self, name: str) -> Value:
        """The value that the session holds for a parameter."""
        return st.session_state.get(self.key(name))

    def store(self, name: str, value: Value) -> None:
        """Set a parameter, before its control is drawn in this run or from a callback."""
        st.session_state[self.key(name)] = value

    def bring(self, name: str, uploader: str, file: UploadedFile | None) -> str:
        """Hold what the uploader of this key gave; returns the parameter's value."""
        token = take(uploader, str(self.stored(name)), file)
        self.store(name, token)
        return token

    def key(self, name: str) -> str:
        """The key of this lab's control or note in the session."""
        return f"{self.lab.slug}:{name}"

    def carry_notices(self) -> None:
        """Say what was said about the address in the next run too."""
        st.session_state[self.key("carried")] = self.notices

    def _touched(self, last: Mapping[str, Mapping[str, Value]]) -> bool:
        """Whether a person moved a control since the last run."""
        return any(self.stored(name) != value for name, value in last["values"].items())

    def _settle(self, question: Question) -> None:
        """Where the URL rules: take the value from there, or the default. Else a default that nobody touched follows
        the default, which may have changed with another control."""
        name, default = question.name, question.default
        self._defaults[name] = default
        if not self._url_rules:
            if name in self._last_defaults and self._last_defaults[name] != default and self.stored(name) == self._last_defaults[name]:
                self.store(name, default)
            return
        raw = self._query.get(name)
        value = None if raw is None else question.form.parse(raw)
        if raw is not None and value is None:
            self.notices.append(question.notice(raw))
        self.store(name, default if value is None else value)


def _mounted() -> set[str | None]:
    """Keys of the widgets that the browser has drawn, before this run draws any: it sends the value of each.

    A widget that it has not drawn yet, for its code is still on its way or the page was left in the middle, must be sent with its value
    again: what a browser draws first from a message without one is the widget's own default, which it then reports as chosen.
    """
    run = get_script_run_ctx(suppress_warning=True)
    return set() if run is None else {user_key_from_element_id(state.id) for state in run.session_state.get_widget_states()}


@singledispatch
def draw(form: Form, controls: Controls, question: Question, where: DeltaGenerator) -> Value:
    """The control of a form, and what it says."""
    raise TypeError(f"{question.name} has a form that no control draws: {type(form).__name__}")


@draw.register
def _choice(form: Choice, controls: Controls, question: Question, where: DeltaGenerator) -> str:
    """A select box, or a row of buttons of which one is pressed."""
    key = controls.key(question.name)
    options = list(dict.fromkeys([*form.options, controls.stored(question.name)]))  # the last may be a person's own
    if form.buttons:
        value = where.segmented_control(
            question.title, options, format_func=form.title_of, key=key, required=True, label_visibility="collapsed"
        )
        return value or question.default
    return where.selectbox(question.title, options, format_func=form.title_of, key=key, help=question.advice or None)


@draw.register
def _grouped(form: GroupedChoice, controls: Controls, question: Question, where: DeltaGenerator) -> str:
    """A select box, and below it all that it offers in groups, folded away but for the picture of what is chosen."""
    slug = _choice(form, controls, question, where)
    groups: dict[str, list[tuple[str, str, Sequence[float]]]] = {}
    for option, title in form.options.items():
        groups.setdefault(form.group_of(option), []).append((option, title, form.marks_of(option)))
    with where:
        live.groups(groups, slug, key=f"{controls.key(question.name)}:groups", on_pick=lambda option: controls.store(question.name, option))
    return slug


@draw.register
def _number(form: Number, controls: Controls, question: Question, where: DeltaGenerator) -> float:
    kind = int if form.whole else float
    return where.number_input(
        question.title,
        kind(form.low),
        kind(form.high),
        step=form.step,
        key=controls.key(question.name),
        format=None if form.whole else "%.10g",
        help=question.advice or None,
    )


@draw.register
def _text(form: Text, controls: Controls, question: Question, where: DeltaGenerator) -> str:
    widget = where.text_area if form.area else where.text_input
    value = widget(question.title, key=controls.key(question.name), placeholder=form.placeholder, help=question.advice or None)
    return value or ""


@draw.register
def _several(form: Several, controls: Controls, question: Question, where: DeltaGenerator) -> tuple[str, ...]:
    controls.store(question.name, list(controls.stored(question.name)))
    chosen = where.multiselect(
        question.title,
        list(form.options),
        format_func=form.options.__getitem__,
        key=controls.key(question.name),
        help=question.advice or None,
    )
    return tuple(chosen)


@draw.register
def _slider(form: Levels, controls: Controls, question: Question, where: DeltaGenerator) -> str:
    """The live slider, drawn with the result; the label under the thumb when it last rested."""
    name, labels, key = question.name, form.labels, f"{controls.key(question.name)}:slider"
    index = labels.index(controls.stored(name))

    def drawn() -> None:
        with where:
            live.slider(question.title, labels, index, key, lambda label: controls.store(name, label), advice=question.advice)

    controls.later(drawn)
    return labels[index]


@draw.register
def _file(form: File, controls: Controls, question: Question, where: DeltaGenerator) -> str:
    """A file uploader; what it gives is held, and its name in addresses is the value.

    It takes any ending: the reader says in its own words what it cannot read and why, and says so no longer once another file comes.
    """
    advice, most = f"{question.advice or ', '.join(form.endings) + '.'} {HELD}", form.most >> 20  # MB
    key = controls.key(":".join(filter(None, ("upload", form.kind))))
    value = controls.bring(question.name, key, where.file_uploader(question.title, None, max_upload_size=most, key=key, help=advice))
    tell(value, where)
    if form.notes is not None and value in UPLOADS:
        with suppress(ValueError):  # a file that cannot be read: the page says why
            for note in form.notes(value):
                where.caption(markdown_safe(note))
    return value
