"""The networks of the integer lab: a runner on the first test images, and its integer forms, kept for all who ask."""

from __future__ import annotations

from functools import lru_cache

from quantlab.integer.network import IntegerNetwork
from quantlab.labs.integer.request import IntegerRequest
from quantlab.networks import engine


def runner_of(request: IntegerRequest) -> engine.Runner:
    """The request's network on its test images."""
    return _runner(request.subject.source, request.images)


@lru_cache(maxsize=6)
def _runner(source: str, images: int) -> engine.Runner:
    return engine.Runner(*engine.shipped(source), images=images)


@lru_cache(maxsize=16)
def _network(request: IntegerRequest, bits: int) -> IntegerNetwork:
    return engine.to_integers(runner_of(request), request.setting(bits))


def network_of(request: IntegerRequest, bits: int = 8) -> IntegerNetwork:
    """The request's network in integers of so many bits."""
    plain = IntegerRequest(request.room, request.subject, request.granularity, request.images)
    return _network(plain, bits)
