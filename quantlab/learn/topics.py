"""What belongs to one topic, together."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Protocol, TypeVar


class OfTopic(Protocol):
    """A lesson, an exercise, a reference."""

    @property
    def topic(self) -> str: ...


T = TypeVar("T", bound=OfTopic)


def by_topic(things: Iterable[T]) -> dict[str, list[T]]:
    """Each topic once, in the order in which they first come, with all that belongs to it.

    >>> from types import SimpleNamespace as Thing
    >>> found = by_topic([Thing(topic="sizes", n=1), Thing(topic="errors", n=2), Thing(topic="sizes", n=3)])
    >>> {topic: [thing.n for thing in things] for topic, things in found.items()}
    {'sizes': [1, 3], 'errors': [2]}
    """
    topics: dict[str, list[T]] = {}
    for thing in things:
        topics.setdefault(thing.topic, []).append(thing)
    return topics
