"""What a person may expect of a "try this": the lab's number there, computed beforehand and compared with what is on the screen."""

from __future__ import annotations

import math

from quantlab.labs.lab import Lab, LabResult, Try
from quantlab.labs.text import signed

_known: dict[tuple[str, str], float] = {}  # by lab and title of the try


def compute(lab: Lab) -> None:
    """Find the number of every try of a lab that is not known yet."""
    if lab.number is None:
        return
    for entry in lab.tries:
        key = lab.slug, entry.title
        if key not in _known and (value := lab.number.at(lab.read(entry.query))) is not None:
            _known[key] = value


def expectation(lab: Lab, entry: Try, result: LabResult, label: str) -> str:
    """By how much the lab's number changes from this level to the try's state, "" where that is not known."""
    if lab.number is None:
        return ""
    if lab.number.looked_up:
        compute(lab)
    there, here = _known.get((lab.slug, entry.title)), lab.number.of(result, label)
    return "" if there is None or here is None else difference(there, here, lab.number.unit)


def difference(there: float, here: float, unit: str) -> str:
    """From here to there, in words of two digits or so.

    >>> difference(16.6, 2.6, "dB"), difference(2.6, 3.9, "dB"), difference(2.6, 2.61, "dB"), difference(math.inf, 3, "dB")
    ('+14 dB', '−1.3 dB', '0.0 dB', 'no error')
    """
    if math.isinf(there) or math.isinf(here):
        return "no error" if there == math.inf else ""
    return f"{signed(there - here, 0 if abs(there - here) >= 9.95 else 1)} {unit}"
