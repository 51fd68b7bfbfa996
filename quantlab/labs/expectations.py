"""What a person may expect of a "try this": the lab's number there, computed beforehand and compared with what is on the screen."""

from __future__ import annotations

import math

from quantlab.labs.address import Address
from quantlab.labs.lab import Lab, LabResult, Try
from quantlab.labs.text import signed

_known: dict[tuple[str, str], float] = {}  # by lab and title of the try
_addresses: dict[tuple[str, str], Address] = {}  # the same: a page looks for what is not known at every run, and reading one takes a while


def compute(lab: Lab) -> None:
    """Find the number of every try of a lab that is not known yet."""
    for entry in lab.tries:
        _find(lab, entry)


def _find(lab: Lab, entry: Try) -> float | None:
    """The number of a try, where it is known by now."""
    key = lab.slug, entry.title
    if lab.number is None or key in _known:
        return _known.get(key)
    if key not in _addresses:
        _addresses[key] = lab.read(entry.query)
    if (value := lab.number.at(_addresses[key])) is not None:
        _known[key] = value
    return value


def expectation(lab: Lab, entry: Try, result: LabResult, label: str) -> str:
    """By how much the lab's number changes from this level to the try's state, "" where that is not known."""
    if lab.number is None:
        return ""
    there = _find(lab, entry) if lab.number.looked_up else _known.get((lab.slug, entry.title))
    here = lab.number.of(result, label)
    return "" if there is None or here is None else difference(there, here, lab.number.unit)


def difference(there: float, here: float, unit: str) -> str:
    """From here to there, in words of two digits or so.

    >>> difference(16.6, 2.6, "dB"), difference(2.6, 3.9, "dB"), difference(2.6, 2.61, "dB"), difference(math.inf, 3, "dB")
    ('+14 dB', '−1.3 dB', '0.0 dB', 'no error')
    """
    if math.isinf(there) or math.isinf(here):
        return "no error" if there == math.inf else ""
    return f"{signed(there - here, 0 if abs(there - here) >= 9.95 else 1)} {unit}"
