"""The setting that is kept to compare with, A beside B: an address within the address, and its result on the slider of another one."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode

from quantlab.film import Strip, following, unpack, with_header, words_film
from quantlab.labs.address import Address, Parameter
from quantlab.labs.forms import Text
from quantlab.labs.lab import Lab, LabResult
from quantlab.labs.text import decibels, fixed, markdown_safe

LONGEST = 1000  # characters
KEPT = Parameter(
    "kept",
    "the setting that is kept to compare with: an address within the address",
    Text(lambda raw: len(raw) <= LONGEST, "keep a setting with the button"),
    place="hidden",
)


def pin(address: Address, without: tuple[str, ...] = ()) -> str:
    """The address's setting as a text for ``kept``, but for some parameters; "" where it is too long to be kept."""
    first = next(name for name in address.texts if name not in without)  # so that the lab's own default is a text too
    mine = {name: text for name, text in address.texts.items() if text != address.defaults[name] and name not in (*without, KEPT.name)}
    text = urlencode({first: address.texts[first]} | mine)
    return text if len(text) <= LONGEST else ""


def kept_query(text: str) -> dict[str, str]:
    """The query that such a text writes; what was kept when it was kept is not a part of it."""
    return {name: value for name, value in parse_qsl(text) if name != KEPT.name}


def title_of(address: Address, level: str = "") -> str:
    """What a person calls the setting. level : its level on the slider in words, where it is to be named."""
    return ", ".join([*address.described, *([level] if level and level not in address.described else [])]) or "as the lab opens"


@dataclass(frozen=True)
class Kept:
    """A kept setting's result, whose films follow the slider of the setting that is looked at.

    address : the kept one. labels : the slider's. Where the kept setting has no such level it stays at its own.
    """

    lab: Lab
    address: Address
    result: LabResult
    labels: tuple[str, ...]

    @property
    def title(self) -> str:
        """Its name, with its level where it stays there."""
        level = f"{self.lab.table.titled(self.address, 'bits')} {self.address['bits']}"
        if any(label not in self.result.labels for label in self.labels):
            return title_of(self.address, level)
        return ", ".join(part for part in self.address.described if part != level) or "as the lab opens"

    def level_at(self, label: str) -> str:
        """Its level where the slider stands at ``label``."""
        return label if label in self.result.labels else str(self.address["bits"])

    def film(self, view: str) -> bytes:
        """One of its films, on the slider's labels."""
        return self.follow(self.result.films[view])

    def follow(self, film: bytes) -> bytes:
        """A film of its own labels on those of the slider."""
        return following(film, self.labels, [self.result.labels.index(self.level_at(label)) for label in self.labels])

    def beside(self, numbers: bytes) -> bytes:
        """A film of tiles, each with the kept setting's text below its own."""
        entries = {entry["name"]: entry["texts"] for entry in unpack(self.result.films["numbers"])[0]["entries"]}
        header = unpack(numbers)[0]
        at = [self.result.labels.index(self.level_at(label)) for label in self.labels]
        for entry in header["entries"]:
            if (texts := entries.get(entry["name"])) is not None:
                entry["texts"] = [f"{now}\nA: {texts[k]}" for now, k in zip(entry["texts"], at, strict=True)]
        return with_header(numbers, entries=header["entries"], layout="pairs")

    def words(self, result: LabResult) -> tuple[Mapping[str, str], bytes]:
        """How the lab's number differs from the kept setting's: a sentence for each level, and the film of them."""
        texts = {label: self._sentence(result, label) for label in self.labels}
        return texts, words_film(Strip(self.labels), list(texts.values()))

    def _sentence(self, result: LabResult, label: str) -> str:
        number = self.lab.number
        before, now = (number.of(self.result, self.level_at(label)), number.of(result, label)) if number else (None, None)
        if number is None or before is None or now is None:
            return ""
        write = decibels if number.unit == "dB" else lambda value: f"{fixed(value)} {number.unit}"
        both = f"A, {markdown_safe(self.title)}, has {write(before)} and B {write(now)}"
        if write(before) == write(now):
            return f"{both}: the same."
        if not math.isfinite(now - before):
            return f"{both}."
        return f"{both}: **{fixed(abs(now - before))} {number.unit} {'more' if now > before else 'less'}**."
