"""Parameters that several labs of networks have, worded once: test images, calibration images, what shares a scale."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice

Always = Callable[[Values], bool]


def always(values: Values) -> bool:
    """In every room."""
    return True


def images_parameter(
    counts: Sequence[int] = (200, 500, 1000, 2000),
    usual: int = 1000,
    when: Always = always,
    advice: str = "More images give a surer share of right answers, and take longer.",
) -> Parameter:
    """How many test images are asked."""
    return Parameter("images", "how many test images", _counts(counts), str(usual), "Test images", "more", when=when, advice=advice)


def calibration_parameter(meaning: str, counts: Sequence[int], advice: str) -> Parameter:
    """How many calibration images are seen; none of them is tested on."""
    return Parameter("calibration", meaning, _counts(counts), "200", "Calibration images", "more", advice=advice)


def sharing_parameter(meaning: str, when: Always, advice: str) -> Parameter:
    """Whether a layer or an output channel shares one scale."""
    choices = Choice({"tensor": "the whole layer", "channel-0": "each output channel"})
    return Parameter("granularity", meaning, choices, "tensor", "One scale for", when=when, advice=advice)


def _counts(counts: Sequence[int]) -> Choice:
    return Choice({str(n): str(n) for n in counts})
