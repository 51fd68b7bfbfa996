"""The tensor lab's result at one address: frames of every level, films made of them, words, program, numbers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from threading import Lock
from typing import Any

import numpy as np
from cachetools import cached

from quantlab import comparison, metrics
from quantlab.caching import cached_property
from quantlab.film import Strip
from quantlab.labs.address import Address
from quantlab.labs.tensor import channels, films, frames, transformed, words, zero
from quantlab.labs.tensor.request import TensorRequest, request_of
from quantlab.labs.tensor.subject import Tensor
from quantlab.labs.text import file_name
from quantlab.memory import Cache
from quantlab.progress import Steps
from quantlab.quantizer import as_real, fake_quantize
from quantlab.tasks import ENGINE, Task
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows

_BESIDE = {"curve", "channels", "channels-numbers"}  # views that come with the curves of all schemes
_BELOW = {"zero", "zero-lines", "channels", "channels-numbers"}  # views that are not made of frames


@dataclass(frozen=True, eq=False)
class TensorResult:
    """One state of the lab; ``stage`` 1 has the curves of the other schemes, and the table of all of them.

    trips : of a tensor that was transformed, what that wins at every level.
    """

    request: TensorRequest
    frames: frames.Frames
    films: Mapping[str, bytes]
    stage: int
    curves: tuple[comparison.Curve, ...] = ()
    trips: tuple[transformed.RoundTrip, ...] = ()

    @property
    def labels(self) -> tuple[str, ...]:
        return self.frames.labels

    def words(self, label: str) -> str:
        """What to notice at this level."""
        index = self.labels.index(label)
        end = f" {transformed.notice(self.request.tensor, self.trips[index])}" if self.trips else ""
        return words.notice(self.frames, index) + end

    def program(self, label: str) -> str:
        """The program that reproduces the numbers of this level."""
        index, request = self.labels.index(label), self.request
        value = request.scrub.values(request.spec, request.tensor.x.shape)[index]
        lines = f"{request.tensor.python}\n{request.scrub.python(value)}"
        return words.python(lines, self.frames.frames[index].point.spec, request.tensor.word)

    def csv(self) -> str:
        """Every level and its numbers."""
        return words.csv(self.frames)

    @property
    def file_name(self) -> str:
        """The CSV's name, after what the numbers are of: tensor, scheme, what shares a scale."""
        tensor, spec = self.request.tensor, self.request.spec
        return file_name(tensor.title if tensor.source == "upload" else tensor.source, spec.scheme, spec.granularity.slug)

    @cached_property
    def rows(self) -> tuple[comparison.Row, ...]:
        """Every scheme at every width on this tensor, the cheapest first; none before stage 1."""
        return comparison.table(self.curves)

    @property
    def table(self) -> list[dict[str, Any]]:
        """The same with the headings that people read."""
        return [words.row(row) for row in self.rows]

    def cheapest(self, target_db: float) -> str:
        """The cheapest scheme that reaches so many dB, in a sentence."""
        return words.cheapest(self.rows, target_db)


def sqnr_of(result: TensorResult, label: str) -> float:
    """SQNR of a level in dB."""
    return float(result.frames.frames[result.labels.index(label)].point.metrics["sqnr_db"])


def sqnr_at(address: Address) -> float:
    """SQNR of the address's level in dB, by itself."""
    x, spec = quantizer_at(address)
    return metrics.sqnr_db(x, fake_quantize(x, spec))


def quantizer_at(address: Address) -> tuple[np.ndarray, QuantSpec]:
    """The tensor and the spec of the address's level."""
    request, label = request_of(address), address["bits"]
    tensor, scrub = request.tensor.x, request.scrub
    value = scrub.values(request.spec, tensor.shape)[scrub.labels(request.spec, tensor.shape).index(label)]
    return scrub.tensor_at(tensor, value), scrub.spec_at(request.spec, value)


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[TensorResult], ...]:
    """The films of this state; then, where the slider moves the bits, with the curves of all schemes.

    Where those curves are known of another scheme, the first result has them: the page is drawn once.
    """
    request, views = request_of(address), tuple(views)
    compared = "table" in views or (bool(_BESIDE & set(views)) and request.scrub.knob(request.spec) == "bits")

    def first() -> Steps[TensorResult]:
        known = ENGINE.known(_comparison(request)) if compared else None
        return _steps(request, views, known or ())

    alone = Task(("tensor", request.key, views), first, "Quantizing at every level")
    if not compared:
        return (alone,)
    beside = Task(("tensor beside", request.key, views), lambda: _steps_beside(request, views), "Comparing with all schemes")
    return alone, beside


def _steps_beside(request: TensorRequest, views: tuple[str, ...]) -> Steps[TensorResult]:
    curves = yield from ENGINE.once(_comparison(request))
    return (yield from _steps(request, views, curves))


def _steps(request: TensorRequest, views: tuple[str, ...], curves: tuple[comparison.Curve, ...]) -> Steps[TensorResult]:
    tensor, scrub = request.tensor, request.scrub
    compared = [_channels(request, scrub.labels(request.spec, tensor.x.shape))] if curves else []
    below = [_zero(request), *compared] if _BELOW & set(views) else []
    begun = [ENGINE.join(task) for task in below]  # beside the frames, of which they need nothing
    try:
        levels = yield from ENGINE.once(_frames(request))
        trips = (yield from ENGINE.once(_trips(request))) if tensor.original is not None else ()
        sine = tensor.source == "sine" and tensor.original is None
        more = transformed.tiles(trips), [transformed.notice(tensor, trip) for trip in trips]
        shown = films.films(levels, tensor.x.shape, views, curves, sine, request.axis, more)
        for task in below:
            shown |= yield from ENGINE.once(task)
    finally:
        for job in begun:
            ENGINE.leave(job)
    mine = {view: film for view, film in shown.items() if view in views}
    return TensorResult(request, levels, mine, 1 if curves else 0, curves, trips)


def _trips(request: TensorRequest) -> Task[tuple[transformed.RoundTrip, ...]]:
    return Task(("tensor trips", request.key), lambda: transformed.round_trips(request), "Undoing the transform")


def _zero(request: TensorRequest) -> Task[Mapping[str, bytes]]:
    """Where zero lies in the followed value's group."""

    def steps() -> Steps[Mapping[str, bytes]]:
        yield 0, 1
        strip = Strip(request.scrub.labels(request.spec, request.tensor.x.shape))
        rows = zero.zeros(request.tensor.x, request.spec, request.scrub, _followed(request))
        return {"zero": zero.picture(strip, rows), "zero-lines": zero.lines(strip, rows)}

    return Task(("tensor zero", request.key), steps)


def _channels(request: TensorRequest, labels: tuple[str, ...]) -> Task[Mapping[str, bytes]]:
    """One scale against a scale per channel, where there are channels."""

    def steps() -> Steps[Mapping[str, bytes]]:
        yield 0, 1
        x, spec, scrub = request.tensor.x, request.spec, request.scrub
        if not channels.has_channels(x.shape, spec, scrub):
            return {}
        strip, rows = Strip(labels), channels.channels(x, spec, scrub)
        return {"channels": channels.picture(strip, rows), "channels-numbers": channels.tiles(strip, rows)}

    return Task(("tensor channels", request.key), steps)


def _frames(request: TensorRequest) -> Task[frames.Frames]:
    tensor, spec, scrub = request.tensor, request.spec, request.scrub
    values = scrub.values(spec, tensor.x.shape)

    def steps() -> Steps[frames.Frames]:
        same = scrub.tensor_at(tensor.x, values[0]) is tensor.x
        return (
            yield from frames.frames(
                lambda value: scrub.tensor_at(tensor.x, value),
                lambda value: scrub.spec_at(spec, value),
                scrub.knob(spec),
                values,
                request.follow,
                _rows(tensor) if same else None,
                _followed(request),
            )
        )

    return Task(("tensor frames", request.key), steps)


@cached(Cache(2), key=lambda tensor: tensor.key, lock=Lock())
def _rows(tensor: Tensor) -> Rows:
    """The tensor as one row, whose sorting and sums all its settings share; of the last two, five times as large."""
    return Rows(tensor.x.reshape(1, -1))


def _followed(request: TensorRequest) -> int:
    """The flat index of the followed value, which all settings that change no data share."""
    x = request.tensor.x
    first = request.scrub.tensor_at(x, request.scrub.values(request.spec, x.shape)[0])
    return _nearest(request.tensor, request.follow) if first is x else frames.followed_index(as_real(first), request.follow)


@cached(Cache(64), key=lambda tensor, follow: (tensor.key, follow), lock=Lock())
def _nearest(tensor: Tensor, follow: float | None) -> int:
    return frames.followed_index(as_real(tensor.x), follow)


def _comparison(request: TensorRequest) -> Task[tuple[comparison.Curve, ...]]:
    x, granularity, scales = request.tensor.x, request.spec.granularity, request.spec.knobs.get("scales", "float32")
    return Task(("tensor comparison", request.tensor.key, granularity, scales), lambda: comparison.compare(x, granularity, scales))
