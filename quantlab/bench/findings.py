"""Findings: what a box says is wrong, of which layer, and the remedy."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Finding:
    """One alarm. box : white, black or grey. law : what is broken. layer : its name, "" for the whole model. text : one sentence."""

    box: str
    law: str
    layer: str
    text: str
    remedy: str


@dataclass(frozen=True)
class Checked:
    """One law on one model. places : how often it was checked; 0 where it says nothing of this model."""

    law: str
    places: int
    findings: tuple[Finding, ...]

    @property
    def holds(self) -> bool:
        return not self.findings
