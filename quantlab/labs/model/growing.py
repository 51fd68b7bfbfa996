"""A file that is measured bit by bit: what is known of it grows from part to part, and each part goes on from the one before.

The first part ends after about half a second, each further one after twice as long, the last one with the last tensor. A part that
nobody waits for any more is lost; those before it are kept.
"""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from dataclasses import dataclass
from functools import partial

from quantlab.labs.model import reading
from quantlab.labs.model.reading import Listing, joined, measured_steps, same_file
from quantlab.labs.model.subject import ModelSubject
from quantlab.memory import Cache
from quantlab.model_file.options import Option
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

SECONDS: tuple[float | None, ...] = (0.5, 1.0, 2.0, 4.0, 8.0, 16.0, None)  # of measuring, of each part
LAST = len(SECONDS) - 1
PERCENT = 90  # of a part are the listing's


@dataclass(frozen=True)
class _Known:
    """What was measured so far, and in how many parts."""

    listing: Listing
    parts: int


_KNOWN: Cache[Hashable, _Known] = Cache(24)  # subject and options -> the most that is known


def listing_steps(subject: ModelSubject, sets: Sequence[tuple[Option, ...]], part: int) -> Steps[Listing]:
    """The file as far as its part number ``part`` goes, under all options of all sets; yields (per cent of the part's work, ``PERCENT``)."""
    first = yield from _shared(0, len(sets), _first_task(subject, sets[0], part))
    others = list[Listing]()
    for i, choices in enumerate(sets[1:], 1):
        others.append((yield from _shared(i, len(sets), _other_task(subject, choices, first))))
    return joined([first, *others])


def _shared(i: int, count: int, task: Task[Listing]) -> Steps[Listing]:
    """One set's steps as a part of those of ``count`` sets; once for all who ask, and not kept twice."""
    steps = ENGINE.once(task)
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            ENGINE.forget(task)
            listing: Listing = end.value
            return listing
        yield round(PERCENT * (i + done / max(total, 1)) / count), PERCENT


def _first_task(subject: ModelSubject, choices: tuple[Option, ...], part: int) -> Task[Listing]:
    key = (subject.key, tuple(o.slug for o in choices))
    return Task(("model measured", *key, part), partial(_first_steps, key, subject, choices, part))


def _first_steps(key: Hashable, subject: ModelSubject, choices: tuple[Option, ...], part: int) -> Steps[Listing]:
    """The part number ``part`` of the options that are measured first: they say how many tensors belong to it."""
    known = _KNOWN.get(key)
    if known is None or not (known.listing.complete or known.parts > part):
        before = known.listing if known else None
        known = _Known((yield from _more(subject, choices, before, seconds=SECONDS[part])), part + 1)
        _KNOWN[key] = known
    return known.listing


def _other_task(subject: ModelSubject, choices: tuple[Option, ...], first: Listing) -> Task[Listing]:
    """The tensors that the first options were measured on, under some others."""
    key = (subject.key, tuple(o.slug for o in choices))
    return Task(("model measured", *key, "first", len(first.measured)), partial(_other_steps, key, subject, choices, first))


def _other_steps(key: Hashable, subject: ModelSubject, choices: tuple[Option, ...], first: Listing) -> Steps[Listing]:
    known, count = _KNOWN.get(key), len(first.measured)
    before = known.listing if known else None
    if before is None or len(before.measured) < count:
        before = yield from _more(subject, choices, before, first, count)
        _KNOWN[key] = _Known(before, 0)
    return Listing(before.model, before.measured[:count])


def _more(
    subject: ModelSubject,
    choices: tuple[Option, ...],
    before: Listing | None,
    first: Listing | None = None,
    stop: int | None = None,
    seconds: float | None = None,
) -> Steps[Listing]:
    """What was known before, and what a worker measures after it. first : under other options, whose statistics are taken over."""
    statistics = tuple(m.statistics for m in first.measured) if first else ()
    after = len(before.measured) if before else 0
    work = partial(measured_steps, choices, known=statistics, after=after, stop=stop, seconds=seconds)
    more = yield from reading.steps(work, subject)
    if before is None:
        return more
    same_file(before, more)
    return Listing(more.model, (*before.measured, *more.measured))
