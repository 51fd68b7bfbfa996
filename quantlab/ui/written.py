"""What would the controls say at another address? The same questions as to a page's state, answered without drawing anything."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from quantlab.ui.state import State


class Written(State):
    """The state that a query writes; what means nothing falls back to its default.

    named : the titles of what is chosen otherwise than by default, as the controls would show them.
    """

    def __init__(self, query: Mapping[str, str]):
        self._query = dict(query)
        self.problems: list[str] = []
        self.named: list[str] = []

    def choice(self, name: str, title: str, options: Mapping[str, str], default: str, where: Any = None, help: str | None = None) -> str:
        chosen = self._query.get(name, default)
        return self._told(options[chosen], chosen, default) if chosen in options else default

    def number(self, name: str, title: str, low: float, high: float, default: float, where: Any = None, step: float | None = None) -> Any:
        try:
            value = type(default)(self._query.get(name, default))
        except ValueError:
            return default
        return self._told(f"{title} {value:g}", value, default) if low <= value <= high else default

    def text(
        self, name: str, title: str, default: str = "", where: Any = None, placeholder: str = "", area: bool = False, longest: int = 1500
    ) -> str:
        value = self._query.get(name, default)
        return self._told(value, value, default)

    def hidden(self, name: str, default: str, allowed: Callable[[str], bool] | None = None, remedy: str = "") -> str:
        value = self._query.get(name, default)
        return self._told(value, value, default) if allowed is None or allowed(value) else default

    def _told(self, title: str, value: Any, default: Any) -> Any:
        if value != default:
            self.named.append(title)
        return value
