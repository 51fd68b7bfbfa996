"""The room of accumulators: how many bits sums need, and what happens in fewer, where they wrap around or saturate."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import CLIPPED, ORIGINAL, QUANTIZED, THEORY, Chart
from quantlab.integer.accumulate import OVERFLOWS, bits_needed
from quantlab.integer.operations import USUAL, Arithmetic, Layer
from quantlab.labs.integer.equal import HEIGHT, top1
from quantlab.labs.integer.network import network_of, runner_of
from quantlab.labs.integer.programs import accumulator_program
from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.result import NOT_YET, IntegerResult, spoken, table_of
from quantlab.labs.network.axis import over_layers
from quantlab.labs.text import fixed, percent, rounded_percent
from quantlab.networks.settings import nearest_first
from quantlab.networks.statistics import Interval
from quantlab.progress import Steps, counted
from quantlab.tasks import ENGINE, Task

VIEWS = {
    "ranges": "bits that each layer's sums need: at worst, and seen",
    "accuracy": "Top-1 against the bits of the accumulator",
    "numbers": "Top-1, and how many sums do not fit",
    "words": "what to notice, in words",
}


@dataclass(frozen=True)
class LayerRange:
    """Sums of one layer. worst : the largest magnitude that codes could give. low, high : seen. beyond : sums that need more than b bits, by b."""

    layer: str
    worst: int
    low: int
    high: int
    count: int
    beyond: Mapping[int, int]


@dataclass(frozen=True, eq=False)
class Ranges:
    """Every layer's sums in int32, and the answers that they give. exact : logits float32 (N, C)."""

    layers: tuple[LayerRange, ...]
    exact: np.ndarray
    labels: np.ndarray

    @property
    def worst(self) -> int:
        """The bits that no sum whatever can leave."""
        return max(bits_needed(layer.worst) for layer in self.layers)

    def beyond(self, bits: int) -> float:
        """The share of all sums that need more bits than these."""
        return sum(layer.beyond[bits] for layer in self.layers) / sum(layer.count for layer in self.layers)


def tasks(request: IntegerRequest, label: str) -> tuple[Task[IntegerResult], ...]:
    """The level under the thumb, then all."""
    at, *others = nearest_first(request.stops, int(label))
    first, every = (at,), (at, *others)
    return (
        Task(("integer accumulator", request, first), partial(_steps, request, first, 0), "Counting in few bits"),
        Task(("integer accumulator", request, frozenset(every)), partial(_steps, request, every, 1), "All accumulators"),
    )


def _steps(request: IntegerRequest, order: tuple[int, ...], stage: int) -> Steps[IntegerResult]:
    yield 0, 1
    shared = (request.subject, request.granularity, request.images)
    seen = partial(workers.steps, partial(range_steps, request), request.subject)
    ranges = yield from ENGINE.once(Task(("integer ranges", shared), seen, ""))
    answers: dict[tuple[str, int], np.ndarray] = {}
    cases = [(overflow, bits) for bits in order for overflow in OVERFLOWS]
    for done, (overflow, bits) in enumerate(cases):
        work = partial(workers.steps, partial(_logits, request, ranges, bits, overflow), request.subject)
        task = Task(("integer sums", shared, bits, overflow), work, "")
        answers[overflow, bits] = yield from counted(ENGINE.once(task), done * request.images, len(cases) * request.images)
    return _result(request, ranges, answers, stage)


def range_steps(request: IntegerRequest) -> Steps[Ranges]:
    """The sums of every layer, counted in int32."""
    network, runner = network_of(request), runner_of(request)
    seen: dict[str, list[LayerRange]] = {}

    def watch(layer: Layer, codes: np.ndarray, sums: np.ndarray) -> None:
        magnitude = np.maximum(sums.astype(np.int64), -1 - sums.astype(np.int64))
        beyond = {bits: int((magnitude >= 1 << (bits - 1)).sum()) for bits in request.stops}
        worst = layer.bound + int(np.abs(layer.bias.astype(np.int64)).max())
        seen.setdefault(layer.name, []).append(LayerRange(layer.name, worst, int(sums.min()), int(sums.max()), sums.size, beyond))

    logits = []
    for batch in network.batches(runner.test.pixels, USUAL, watch):
        logits.append(batch)
        yield sum(map(len, logits)), len(runner.test)
    return Ranges(tuple(_together(parts) for parts in seen.values()), np.concatenate(logits), runner.test.labels)


def _together(parts: list[LayerRange]) -> LayerRange:
    beyond = {bits: sum(part.beyond[bits] for part in parts) for bits in parts[0].beyond}
    low, high = min(part.low for part in parts), max(part.high for part in parts)
    return LayerRange(parts[0].layer, parts[0].worst, low, high, sum(part.count for part in parts), beyond)


def _logits(request: IntegerRequest, ranges: Ranges, bits: int, overflow: str) -> Steps[np.ndarray]:
    """Answers with sums of so many bits; those of int32 where no sum can leave them, or none of those that are wrapped does."""
    if ranges.worst <= bits or (overflow == "wrap" and not ranges.beyond(bits)):
        return ranges.exact
    network, pixels = network_of(request), runner_of(request).test.pixels
    logits = []
    for batch in network.batches(pixels, Arithmetic(accumulator=bits, overflow=overflow)):
        logits.append(batch)
        yield sum(map(len, logits)), len(pixels)
    return np.concatenate(logits)


Answers = Mapping[tuple[str, int], np.ndarray]


def _result(request: IntegerRequest, ranges: Ranges, answers: Answers, stage: int) -> IntegerResult:
    labels = tuple(map(str, request.stops))
    strip = Strip(labels)
    shares = {key: top1(logits, ranges.labels) for key, logits in answers.items()}
    sentences = tuple(_notice(request, ranges, shares, bits) if ("wrap", bits) in shares else NOT_YET for bits in request.stops)
    films = {
        "ranges": _ranges(strip, request, ranges),
        "accuracy": _accuracy(strip, request, ranges, shares),
        "numbers": numbers_film(strip, _tiles(request, ranges, shares), layout="pairs"),
        "words": spoken(strip, sentences),
    }
    programs = tuple(accumulator_program(request, bits) for bits in request.stops)
    head = ["bits", "beyond", "top1", "top1_saturate", "top1_int32"]
    exact = top1(ranges.exact, ranges.labels).value
    rows = [
        [b, ranges.beyond(b), shares["wrap", b].value, shares["saturate", b].value, exact] for b in request.stops if ("wrap", b) in shares
    ]
    return IntegerResult("accumulator", labels, films, sentences, programs, table_of(head, rows), stage)


def _ranges(strip: Strip, request: IntegerRequest, ranges: Ranges) -> bytes:
    layers = request.subject.layers
    at = figures.labels_at(layers)
    alt = "Bits that the sums of each layer need: at worst, and seen on test images, beside the accumulator's"
    chart = over_layers(strip, layers, alt, "bits of a sum", (8, 34), height=HEIGHT).axes(yaxis={"tickvals": [8, 12, 16, 20, 24, 28, 32]})
    worst = np.array([bits_needed(layer.worst) for layer in ranges.layers], float)
    seen = np.array([bits_needed(max(layer.high, -1 - layer.low)) for layer in ranges.layers], float)
    for name, bits in (("int16", 16.0), ("int32", 32.0)):
        chart.line(name, np.array([-1.0, len(at)]), np.full(2, bits), THEORY, dash="dash", width=1.2, legend=False, hover=False)
        chart.note(name, -0.5, bits + 1, THEORY)
    chart.points("at worst", at, worst, THEORY, symbol="triangle-up", size=12)
    chart.points("seen", at, seen, ORIGINAL, symbol="diamond", size=11)
    widths = [np.full(2, float(bits)) for bits in request.stops]
    chart.line("the accumulator", [np.array([-1.0, float(len(at))])] * len(widths), widths, QUANTIZED, width=2.6, hover=False)
    return chart.film()


def _accuracy(strip: Strip, request: IntegerRequest, ranges: Ranges, shares: Mapping[tuple[str, int], Interval]) -> bytes:
    alt = "Top-1 against the bits of the accumulator, with 95 % intervals, where it wraps around and where it saturates"
    chart = Chart(strip, HEIGHT, alt, "bits of the accumulator", "images answered correctly, %")
    ends = np.array([request.stops[0] - 0.5, 25.0])
    chart.axes((float(ends[0]), float(ends[1])), (0, 103), yaxis_dtick=20, xaxis_dtick=2)
    chart.line("int32", ends, np.full(2, 100 * top1(ranges.exact, ranges.labels).value), THEORY, dash="dash", width=1.4, hover=False)
    for overflow, color, symbol, dash in (("wrap", QUANTIZED, "circle", "solid"), ("saturate", CLIPPED, "square", "dot")):
        at = np.array([bits for bits in request.stops if (overflow, bits) in shares and bits < 32], float)
        value, low, high = 100 * np.array([(i.value, i.low, i.high) for i in (shares[overflow, int(b)] for b in at)]).reshape(-1, 3).T
        chart.line(f"{overflow} interval", *figures.stems(at, low, high), color, width=4, opacity=0.25, legend=False, hover=False)
        chart.line(OVERFLOWS[overflow][0], at, value, color, dash=dash, width=2.2)
        y = [np.array([100 * shares[overflow, b].value if (overflow, b) in shares else -1000.0]) for b in request.stops]
        x = [np.array([float(min(b, 25))]) for b in request.stops]
        chart.points("now", x, y, color, symbol=symbol, size=13 if overflow == request.overflow else 9, legend=False)
    return chart.film()


def _tiles(request: IntegerRequest, ranges: Ranges, shares: Mapping[tuple[str, int], Interval]) -> list[tuple[str, str, list[str]]]:
    def share(overflow: str, bits: int) -> str:
        interval = shares.get((overflow, bits))
        return f"{rounded_percent(interval.value, 1)}\n{fixed(100 * interval.low)} to {fixed(100 * interval.high)}" if interval else "…"

    of = f"of {len(ranges.labels)} test images, with its 95 % interval (Wilson)"
    exact = top1(ranges.exact, ranges.labels)
    most = max(ranges.layers, key=lambda layer: max(layer.high, -1 - layer.low))
    needed = bits_needed(max(most.high, -1 - most.low))
    return [
        *(
            (f"Top-1, {title}", f"Right answers with sums of so many bits, {of}", [share(slug, bits) for bits in request.stops])
            for slug, (title, _) in OVERFLOWS.items()
        ),
        ("Top-1, int32", f"Right answers with sums of 32 bits, {of}", [f"{rounded_percent(exact.value, 1)}\n{fixed(100 * exact.low)} to {fixed(100 * exact.high)}"] * len(request.stops)),
        ("Sums that do not fit", "Of all layers, counted in the undamaged network", [percent(ranges.beyond(bits)) for bits in request.stops]),
        ("Widest sums seen", "The layer whose sums are the widest, and their bits", [f"{needed} bits\n{most.layer}"] * len(request.stops)),
    ]  # fmt: skip


def _notice(request: IntegerRequest, ranges: Ranges, shares: Mapping[tuple[str, int], Interval], bits: int) -> str:
    chosen, exact, beyond = shares[request.overflow, bits], top1(ranges.exact, ranges.labels), ranges.beyond(bits)
    title, wide = OVERFLOWS[request.overflow][0], [layer for layer in ranges.layers if layer.beyond[bits]]
    if not wide:
        safe = "and none ever can leave them" if ranges.worst <= bits else f"though codes at their ends could need {ranges.worst} bits"
        return f"In **{bits} bits** every sum of these images fits, {safe}: Top-1 is that of int32, {rounded_percent(exact.value, 1)}."
    hurt = "" if chosen.high >= exact.low else ", whose interval lies below that of int32"
    first = f"In **{bits} bits** {percent(beyond)} of the sums do not fit, in {len(wide)} of {len(ranges.layers)} layers."
    second = (
        f"The accumulator {title}: Top-1 is **{rounded_percent(chosen.value, 1)}**{hurt}; in int32 it is {rounded_percent(exact.value, 1)}."
    )
    why = {
        "wrap": "A sum that wraps around turns from very large to very small, the worst error there is.",
        "saturate": "A sum that saturates stays large, but what is added after it has hit the limit is lost or counts too much.",
    }
    return f"{first} {second} {why[request.overflow]}"
