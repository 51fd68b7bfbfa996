"""A page's state is its URL: every control reads from it, writes to it, and leaves its default out.

The URL rules when it was changed by somebody else than the page: a link, a deep link, back and forward. Then each
control takes its value from there; a bad value falls back to the default and is named in ``notices``. Else the
controls rule, and ``commit`` writes what they say into the URL. ``problems`` are what is wrong with a person's input.
A control whose ``where`` is None is not drawn, and stays as it is: drawing takes most of a run's time.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from quantlab.ui import live


class State:
    """The state of one page during one run. ``page`` keeps the controls of different pages apart."""

    def __init__(self, page: str):
        self.page = page
        self.values: dict[str, str] = {}
        self.notices: list[str] = st.session_state.pop(f"{page}:carried", [])
        self.problems: list[str] = []
        self.room: Any = st
        self._query = st.query_params.to_dict()
        self._defaults: dict[str, str] = {}
        last = st.session_state.get(f"{page}:committed")
        touched = last is not None and any(self._stored(name) not in (None, value) for name, value in last["controls"].items())
        self._url_rules = last is None or (self._query != last["query"] and not touched)
        self._controls: dict[str, Any] = {}
        self._plain_defaults: dict[str, Any] = {}
        self._last_defaults: dict[str, Any] = last["defaults"] if last else {}

    def choice(self, name: str, title: str, options: Mapping[str, str], default: str, where: Any = st, help: str | None = None) -> str:
        """A select box over slugs; shows their titles, keeps the slug in the URL."""
        self._settle(name, default, lambda raw: raw if raw in options else None, _one_of(options))
        if self._stored(name) not in options:
            self._store(name, default)
        if where is None:
            return self._undrawn(name, default)
        value = where.selectbox(title, list(options), format_func=options.__getitem__, key=self._key(name), help=help)
        return self._keep(name, value, default)

    def rooms(self, name: str, title: str, options: Mapping[str, str], default: str) -> str:
        """A row of buttons, one pressed: the rooms of a page."""
        self._settle(name, default, lambda raw: raw if raw in options else None, _one_of(options))
        if self._stored(name) not in options:
            self._store(name, default)
        value = st.segmented_control(
            title, list(options), format_func=options.__getitem__, key=self._key(name), required=True, label_visibility="collapsed"
        )
        return self._keep(name, value or default, default)

    def number(self, name: str, title: str, low: float, high: float, default: float, where: Any = st, step: float | None = None) -> Any:
        """A number input; whole where the default is."""
        kind = type(default)

        def parse(raw: str) -> float | None:
            try:
                value = kind(raw)
            except ValueError:
                return None
            return value if low <= value <= high else None

        self._settle(name, default, parse, f"choose a number from {_plain(kind(low))} to {_plain(kind(high))}")
        if self._stored(name) is None or not low <= self._stored(name) <= high:
            self._store(name, default)
        if where is None:
            return self._undrawn(name, default)
        value = where.number_input(title, kind(low), kind(high), step=step, key=self._key(name), format=None if kind is int else "%g")
        return self._keep(name, value, default)

    def text(
        self, name: str, title: str, default: str = "", where: Any = st, placeholder: str = "", area: bool = False, longest: int = 1500
    ) -> str:
        """A text input; kept in the URL up to ``longest`` characters."""
        self._settle(name, default, lambda raw: raw, "")
        if self._stored(name) is None:
            self._store(name, default)
        if where is None:
            return self._undrawn(name, default)
        widget = where.text_area if area else where.text_input
        value = widget(title, key=self._key(name), placeholder=placeholder) or ""
        self._keep(name, value, default)
        if len(value) > longest:
            del self.values[name]
        return value

    def several(self, name: str, title: str, options: Mapping[str, str], default: Sequence[str], where: Any = st) -> tuple[str, ...]:
        """Any of some slugs; joined by commas in the URL, ``none-of-them`` for none."""

        def parse(raw: str) -> list[str] | None:
            chosen = [] if raw == _NONE else raw.split(",")
            return chosen if all(slug in options for slug in chosen) else None

        usual = [slug for slug in default if slug in options]
        self._settle(name, usual, parse, _one_of(options))
        self._store(name, [slug for slug in self._stored(name) or [] if slug in options])
        chosen = where.multiselect(title, list(options), format_func=options.__getitem__, key=self._key(name))
        return tuple(self._keep(name, chosen, usual))

    def level(self, name: str, title: str, labels: Sequence[str], default: str) -> str:
        """The live slider; the label under the thumb when it last rested."""
        self._settle(name, default, lambda raw: raw if raw in labels else None, _one_of(labels))
        if self._stored(name) not in labels:
            self._store(name, default)
        live.slider(
            title, labels, labels.index(self._stored(name)), key=f"{self._key(name)}:slider", on_rest=lambda label: self._store(name, label)
        )
        return self._keep(name, self._stored(name), default)

    def hidden(self, name: str, default: str, allowed: Callable[[str], bool] | None = None, remedy: str = "") -> str:
        """A value without a control: set by links or by ``set``; one that is ``allowed``, if that is given."""
        self._settle(name, default, lambda raw: raw if allowed is None or allowed(raw) else None, remedy)
        if self._stored(name) is None or (allowed is not None and not allowed(self._stored(name))):
            self._store(name, default)
        return self._keep(name, self._stored(name), default)

    def set(self, name: str, value: Any) -> None:
        """Set a control from Python, before it is drawn in this run (a click on a chart, a sample chosen)."""
        self._store(name, value)

    def commit(self) -> None:
        """Write the state into the URL, defaults left out."""
        query = self.changed({})
        query |= {name: value for name, value in self._query.items() if name.startswith("embed")}
        if query != st.query_params.to_dict():
            st.query_params.from_dict(query)
        st.session_state[f"{self.page}:committed"] = {
            "query": query,
            "controls": dict(self._controls),
            "defaults": dict(self._plain_defaults),
        }

    def go(self, query: Mapping[str, str]) -> None:
        """Set the whole state, as an address would: for the callback of a link."""
        st.query_params.from_dict(query)

    def draw_again(self) -> None:
        """Run the page anew, with what it had to say about the address."""
        st.session_state[f"{self.page}:carried"] = self.notices
        st.rerun()

    def changed(self, some: Mapping[str, str]) -> dict[str, str]:
        """The address of this state with some of it changed, for ``go``."""
        query = {name: value for name, value in self.values.items() if value != self._defaults[name]} | dict(some)
        return {name: value for name, value in query.items() if value != self._defaults.get(name)}

    def _settle(self, name: str, default: Any, parse: Any, remedy: str) -> None:
        """Where the URL rules: take the value from there, or the default. Else a default that nobody touched follows
        the default, which may have changed with another control."""
        self._plain_defaults[name] = default
        if not self._url_rules:
            if name in self._last_defaults and self._last_defaults[name] != default and self._stored(name) == self._last_defaults[name]:
                self._store(name, default)
            return
        value = default
        if (raw := self._query.get(name)) is not None:
            parsed = parse(raw)
            if parsed is None:
                how = f": {remedy}" if remedy else ""
                self.notices.append(
                    f"{name}={raw[:40]} in the address means nothing here; {_text(default) or 'nothing'} is shown instead{how}."
                )
            else:
                value = parsed
        self._store(name, value)

    def _keep(self, name: str, value: Any, default: Any) -> Any:
        self.values[name], self._defaults[name] = _text(value), _text(default)
        self._controls[name] = value
        return value

    def _undrawn(self, name: str, default: Any) -> Any:
        self._store(name, self._stored(name))  # else Streamlit forgets it with the control that was drawn before
        return self._keep(name, self._stored(name), default)

    def _key(self, name: str) -> str:
        return f"{self.page}:{name}"

    def _stored(self, name: str) -> Any:
        return st.session_state.get(self._key(name))

    def _store(self, name: str, value: Any) -> None:
        st.session_state[self._key(name)] = value


_NONE = "none-of-them"


def _one_of(options: Collection[str]) -> str:
    some = list(options)[:8]
    return f"choose one of {', '.join(some)}{f' and {more} more' if (more := len(options) - len(some)) else ''}"


def _plain(value: float) -> str:
    return str(value) if isinstance(value, int) else f"{value:g}"


def _text(value: Any) -> str:
    if isinstance(value, list):
        return ",".join(value) or _NONE
    return f"{value:g}" if isinstance(value, float) else str(value)
