"""The networks of the integer lab: a runner on the first test images, and its integer forms, kept for all who ask."""

from __future__ import annotations

from quantlab.caching import lru_cache
from quantlab.integer.network import IntegerNetwork
from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.subject import IntegerSubject
from quantlab.labs.network.own import network_in
from quantlab.networks import engine
from quantlab.networks.catalogue import OWN
from quantlab.networks.data import DATA


def runner_of(request: IntegerRequest) -> engine.Runner:
    """The request's network on its test images."""
    return _runner(request.subject, request.images)


@lru_cache(maxsize=6)
def _runner(subject: IntegerSubject, images: int) -> engine.Runner:
    if subject.source != OWN:
        return engine.Runner(*engine.named(subject.source), images=images)
    network, pictures = network_in(subject.name, subject.content)
    return engine.Runner(network, DATA[pictures](), images=images)


@lru_cache(maxsize=16)
def _network(request: IntegerRequest, bits: int) -> IntegerNetwork:
    return engine.to_integers(runner_of(request), request.setting(bits))


def network_of(request: IntegerRequest, bits: int = 8) -> IntegerNetwork:
    """The request's network in integers of so many bits."""
    plain = IntegerRequest(request.room, request.subject, request.granularity, request.images)
    return _network(plain, bits)
