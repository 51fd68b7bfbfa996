"""Numbers of exercises, as they stand in a text."""

from __future__ import annotations

from collections.abc import Iterable


def n(value: float, digits: int = 6) -> str:
    """A number in so many digits at most, with a real minus.

    >>> n(-0.25), n(3.0), n(1 / 3, 4)
    ('−0.25', '3', '0.3333')
    """
    return f"{float(value):.{digits}g}".replace("-", "\u2212")


def listed(values: Iterable[float]) -> str:
    """Numbers with commas between."""
    return ", ".join(n(value) for value in values)
