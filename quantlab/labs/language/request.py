"""The language lab's request: which model, how its weights, activations and cache are rounded, on which text it is asked."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from quantlab.grouping import Granularity, parse_granularity
from quantlab.labs.address import Address
from quantlab.labs.language.looks import STOPS, UNUSED, Look, look_of
from quantlab.language.catalogue import LanguageModel, named
from quantlab.language.evaluation import Conditions
from quantlab.language.few_bits import FewBits
from quantlab.language.methods import FLOAT, METHODS
from quantlab.language.quantized import GROUPS, Plan

SCHEMED = ("nearest", "clip", "gptq", "awq")  # methods that lay even steps symmetrically or not
AS_THEY_ARE, USUAL = FewBits(), Conditions()


@dataclass(frozen=True)
class LanguageRequest:
    """What is computed, whatever the level of the slider.

    source : the model's name in ``quantlab.language.catalogue``. own : the text that a person brought, "" for the held-out one.
    few : activations and cache. before : what is done to the float model first, "none", "smooth" or "rotate". calibration : the text
    that methods, smoothing and static ranges look at. prompt : what the model goes on from, in the room of the text. only : the one linear layer that
    is rounded, its layer and kind. look : what the rooms inside of a layer and of memory look at.
    """

    room: str = "widths"
    source: str = "large"
    method: str = "nearest"
    scheme: str = "int-asymmetric"
    granularity: Granularity = GROUPS
    embedding: str = FLOAT
    head: str = FLOAT
    few: FewBits = AS_THEY_ARE
    before: str = "none"
    calibration: str = "calibration"
    conditions: Conditions = USUAL
    prompt: str = ""
    only: tuple[int, str] | None = None
    look: Look = UNUSED
    own: str = ""

    @property
    def model(self) -> LanguageModel:
        """The model that is asked."""
        return named(self.source)

    def tokens(self) -> np.ndarray:
        """The text's tokens."""
        return self.model.tokens(self.conditions.text, self.conditions.tokens, self.own)

    @property
    def labels(self) -> tuple[str, ...]:
        """The stops of the slider: of most rooms those of the method, the fewest bits first; the last leaves the linear layers alone."""
        return STOPS.get(self.room) or stops(self.method)

    def plan(self, stop: str) -> Plan:
        """The weights at a stop."""
        return Plan(self.method, stop, self.scheme, self.granularity, self.embedding, self.head, self.only)

    @property
    def looks(self) -> bool:
        """Whether anything is chosen by looking at the calibration text."""
        static = self.few.static and self.few.activations is not None
        return METHODS[self.method].calibrated or self.before == "smooth" or static

    @property
    def cheats(self) -> bool:
        """Whether the text that is tested on was looked at."""
        return self.looks and self.calibration == self.conditions.text

    def with_method(self, method: str) -> LanguageRequest:
        """The same with another method."""
        return replace(self, method=method)


def stops(method: str) -> tuple[str, ...]:
    """The slider's stops of a method.

    >>> stops("nearest")
    ('1.58', '2', '3', '4', '5', '6', '8', '16')
    """
    return (*METHODS[method].stops, FLOAT)


def request_of(address: Address) -> LanguageRequest:
    """The request that an address makes."""
    get, subject = address.get, address.subject
    few = FewBits(
        activations=_bits(get("activations", FLOAT)),
        keys=_bits(get("keys", FLOAT)),
        values=_bits(get("values", FLOAT)),
        static=get("ranges", "token") == "static",
        by=get("cache", "token"),
    )
    context = int(get("context", "256"))
    return LanguageRequest(
        address["room"],
        subject.name,
        get("method", "nearest"),
        get("scheme", "int-asymmetric"),
        parse_granularity(get("granularity", "group-64")),
        get("embedding", FLOAT),
        get("head", FLOAT),
        few,
        get("before", "none"),
        get("calibration", "calibration"),
        Conditions("your" if subject.own else "test", subject.count(int(get("tokens", "2048"))), context, int(get("stride", str(context)))),
        get("prompt", ""),
        look=look_of(address),
        own=subject.own,
    )


def _bits(slug: str) -> int | None:
    return None if slug == FLOAT else int(slug)
