"""Targets of a test: what must be true of quality, size and flips, in words such as ``top1=-1pp``.

``top1=-1pp`` : at most one point below the float model. ``top1=90%`` : at least so much. ``flips=2%``, ``size=30%`` (of the float
model's constants), ``ece=3%``, ``mse=0.01`` (of the outputs) : at most. ``psnr=30`` (dB), ``ssim=90%`` : at least, of a model that gives pictures.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

SHARES = ("top1", "f1", "ece", "ssim")  # of which a difference in points is said
AT_LEAST = ("top1", "f1", "psnr", "ssim")
AT_MOST = ("flips", "size", "ece", "mse")
_FORM = re.compile(r"(?P<name>[a-z0-9]+)=(?P<value>-?\d+(?:\.\d+)?)(?P<unit>pp|%|)")


@dataclass(frozen=True)
class Target:
    """name : of a measure. value : a share, or a number. relative : whether it is a difference from the float model."""

    name: str
    value: float
    relative: bool
    text: str

    def met(self, measures: Mapping[str, float]) -> bool:
        """Whether the measures reach it; ValueError where there is no such measure of this model."""
        if self.name not in measures:
            raise ValueError(f"this model has no {self.name}; its measures are {', '.join(n for n in measures if '_' not in n)}")
        given, limit = measures[self.name], self.value
        if self.relative:
            limit += measures[f"{self.name}_float"]
        return given >= limit - 1e-12 if self.name in AT_LEAST else given <= limit + 1e-12


def target(text: str) -> Target:
    """A target that a person writes.

    >>> target("top1=-1pp").value, target("size=30%").value
    (-0.01, 0.3)
    >>> target("speed=2")
    Traceback (most recent call last):
    ValueError: 'speed=2' is no target; write one such as top1=-1pp, f1=90%, flips=2%, size=30%, ece=3% or mse=0.01
    """
    match = _FORM.fullmatch(text)
    if not match or match["name"] not in AT_LEAST + AT_MOST or (match["unit"] == "pp" and match["name"] not in SHARES):
        raise ValueError(f"{text!r} is no target; write one such as top1=-1pp, f1=90%, flips=2%, size=30%, ece=3% or mse=0.01")
    value = float(match["value"]) / (100 if match["unit"] else 1)
    return Target(match["name"], value, match["unit"] == "pp", text)
