"""The room of codes: the integer network beside the fake-quantized one at every bit width, and why codes differ."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import AWAY, CLIPPED, ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.integer.agreement import EDGES, Agreement, LayerAgreement
from quantlab.integer.operations import Arithmetic
from quantlab.integer.requantize import REQUANTIZERS
from quantlab.labs.integer.network import runner_of
from quantlab.labs.integer.programs import equal_program
from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.result import NOT_YET, IntegerResult, spoken, table_of
from quantlab.labs.network.axis import named, over_layers
from quantlab.labs.text import fixed, probability, rounded_percent
from quantlab.networks import engine, statistics
from quantlab.networks.evaluation import ranked
from quantlab.networks.settings import nearest_first
from quantlab.networks.statistics import Interval
from quantlab.progress import Steps, counted
from quantlab.tasks import ENGINE, Task

VIEWS = {
    "codes": "codes that differ, layer by layer, and what is left once biases and sums are the same",
    "near": "how near to a border between two codes those lie that differ",
    "logits": "the outputs for one picture: float, fake-quantized, integer",
    "numbers": "Top-1 of both, codes and answers that differ",
    "words": "what to notice, in words",
}
HEIGHT = 250  # pixels of a chart of the first screen
_NONE = 0.1  # where "none" stands on a logarithmic axis
_NEAREST, _FARTHEST = 1e-8, 0.5


def tasks(request: IntegerRequest, label: str) -> tuple[Task[IntegerResult], ...]:
    """The level under the thumb, then all."""
    at, *others = nearest_first(request.stops, int(label))
    first, every = (at,), (at, *others)
    return (
        Task(("integer equal", request, first), partial(_steps, request, first, 0), "Counting in integers"),
        Task(("integer equal", request, frozenset(every)), partial(_steps, request, every, 1), "All bit widths"),
    )


def _steps(request: IntegerRequest, order: tuple[int, ...], stage: int) -> Steps[IntegerResult]:
    yield 0, len(order)
    known = {}
    for done, bits in enumerate(order):
        task = Task(
            ("integer agreement", _shared(request), bits), partial(workers.steps, partial(_agreement, request, bits), request.subject), ""
        )
        steps = counted(ENGINE.once(task), done * request.images, len(order) * request.images)
        known[bits] = yield from steps
    return result_of(request, known, stage)


def _shared(request: IntegerRequest) -> tuple[object, ...]:
    """What of a request the agreement depends on: not the picture that is looked at."""
    return request.subject, request.granularity, request.images, request.requantizer


def _agreement(request: IntegerRequest, bits: int) -> Steps[Agreement]:
    return engine.agreement_steps(runner_of(request), request.setting(bits), Arithmetic(request.requantizer))


def result_of(request: IntegerRequest, known: Mapping[int, Agreement], stage: int) -> IntegerResult:
    """Films and words of the levels that are known."""
    labels = tuple(map(str, request.stops))
    strip = Strip(labels)
    levels = [known.get(bits) for bits in request.stops]
    sentences = tuple(NOT_YET if level is None else notice(level, bits, request) for bits, level in zip(request.stops, levels, strict=True))
    films = {
        "codes": _codes(strip, request, levels),
        "near": _near(strip, levels),
        "logits": _logits(strip, request, levels),
        "numbers": numbers_film(strip, tiles(levels), layout="pairs"),
        "words": spoken(strip, sentences),
    }
    programs = tuple(equal_program(request, bits) for bits in request.stops)
    return IntegerResult("equal", labels, films, sentences, programs, _csv(known), stage)


def _codes(strip: Strip, request: IntegerRequest, levels: list[Agreement | None]) -> bytes:
    layers = request.subject.layers
    at = figures.labels_at(layers)
    chart = over_layers(strip, layers, _ALT, "codes that differ", (np.log10(_NONE) - 0.1, 7.2), height=HEIGHT)
    chart.axes(yaxis_type="log", yaxis=figures.decades(0, 7.2, none=_NONE))
    for name, of, color, symbol, dash in _LINES:
        y = [np.array([max(of(layer), _NONE) for layer in level.layers]) if level else np.full(len(at), 1e-3) for level in levels]
        chart.line(name, [at] * len(y), y, color, dash=dash, width=2, hover=False)
        chart.points(name, [at] * len(y), y, color, symbol=symbol, size=9, legend=False)
        named(chart, layers, 0)
    return chart.film()


_LINES: tuple[tuple[str, Callable[[LayerAgreement], int], str, str, str], ...] = (
    ("each its own way", lambda layer: layer.inherited, CLIPPED, "diamond", "dot"),
    ("fed the same codes", lambda layer: layer.differing[0], QUANTIZED, "circle", "solid"),
    ("and with the same biases", lambda layer: layer.differing[1], ORIGINAL, "square", "dash"),
)
_HISTOGRAMS: tuple[tuple[str, Callable[[LayerAgreement], np.ndarray], str, float], ...] = (
    ("all", lambda total: total.near, OTHER, 1.5),
    ("differ", lambda total: total.differing_near[0], QUANTIZED, 2.2),
    ("by sums alone", lambda total: total.differing_near[1], ERROR, 2.2),
)
_ALT = "Codes that differ between the integer and the fake-quantized network, layer by layer, on a logarithmic axis"


def _near(strip: Strip, levels: list[Agreement | None]) -> bytes:
    alt = "How near to a border between two codes all codes lie, and those that differ, on logarithmic axes"
    chart = Chart(strip, HEIGHT, alt, "distance from the nearest border, in codes", "how many codes")
    chart.axes((np.log10(_NEAREST), np.log10(_FARTHEST) + 0.05), (np.log10(_NONE), 7.3), xaxis_type="log", yaxis_type="log")
    chart.axes(xaxis={"tickvals": [1e-8, 1e-6, 1e-4, 1e-2, 0.5], "ticktext": ["10⁻⁸", "10⁻⁶", "10⁻⁴", "10⁻²", "½"]})
    edges = EDGES.copy()
    edges[0] = _NEAREST / 10
    for name, of, color, width in _HISTOGRAMS:
        drawn = [figures.steps(edges, np.maximum(of(level.total), 1e-3) if level else np.full(len(edges) - 1, 1e-3)) for level in levels]
        chart.line(name, [x for x, _ in drawn], [y for _, y in drawn], color, width=width, fill=name == "differ", hover=False)
    reach = [np.full(2, min(level.total.reach, _FARTHEST)) if level else np.full(2, AWAY) for level in levels]
    chart.line("a bias, at most", reach, [np.array([_NONE, 1e8])] * len(levels), THEORY, dash="dash", width=1.3, hover=False)
    return chart.film()


def _logits(strip: Strip, request: IntegerRequest, levels: list[Agreement | None]) -> bytes:
    first = next(level for level in levels if level)
    number = min(request.picture, len(first.labels) - 1)
    classes = runner_of(request).data.classes
    at = figures.labels_at(classes)
    both = np.concatenate([np.concatenate([x[number] for x in (level.integer, level.fake, level.exact)]) for level in levels if level])
    margin = 0.08 * float(np.ptp(both)) or 1.0
    alt = f"Outputs for test image {number}: float, fake-quantized and integer network, a place for each class"
    chart = Chart(strip, figures.height_of_names(classes), alt, "output (logit)", "")
    chart.names([name[:13] for name in classes], (float(both.min()) - margin, float(both.max()) + margin))
    nowhere = np.full(len(at), 1e6)
    chart.points("float", first.exact[number], at, ORIGINAL, symbol="diamond", size=9)
    fake = [level.fake[number] if level else nowhere for level in levels]
    chart.points("fake-quantized", fake, at, QUANTIZED, symbol="circle-open", size=14, rim=2)
    integer = [level.integer[number] if level else nowhere for level in levels]
    chart.points("integer", integer, at, QUANTIZED, symbol="cross", size=9)
    return chart.film()


def top1(logits: np.ndarray, labels: np.ndarray) -> Interval:
    """The share of right answers."""
    return statistics.wilson(int((ranked(logits)[:, 0] == labels).sum()), len(labels))


def answers_differ(level: Agreement) -> int:
    """Pictures that the integer network answers otherwise than the fake-quantized one."""
    return int((ranked(level.integer)[:, 0] != ranked(level.fake)[:, 0]).sum())


def tiles(levels: list[Agreement | None]) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level)."""

    def each(write: Callable[[Agreement], str]) -> list[str]:
        return ["…" if level is None else write(level) for level in levels]

    def share(interval: Interval) -> str:
        return f"{rounded_percent(interval.value, 1)}\n{fixed(100 * interval.low)} to {fixed(100 * interval.high)}"

    n = next(len(level.labels) for level in levels if level)
    of = f"of {n} test images, with its 95 % interval (Wilson)"
    return [
        ("Top-1, integer", f"Right answers of the integer network, {of}", each(lambda v: share(top1(v.integer, v.labels)))),
        ("Top-1, fake-quantized", f"Right answers of the fake-quantized network, {of}", each(lambda v: share(top1(v.fake, v.labels)))),
        ("Answers that differ", f"Images of {n} that both answer differently", each(lambda v: f"{answers_differ(v)}\nof {n}")),
        (
            "Codes that differ",
            "Codes that a layer reads, of all images, both networks fed with the same codes",
            each(lambda v: f"{count(v.total.differing[0])}\nof {count(v.total.compared)}"),
        ),
        (
            "With the same biases",
            "The same once the fake-quantized network rounds its biases to the step of the products too; its sums stay float32",
            each(lambda v: count(v.total.differing[1])),
        ),
        (
            "In exact arithmetic",
            "The same with sums and factors in float64: converted equals fake-quantized where this is 0",
            each(lambda v: count(v.total.differing[3])),
        ),
    ]  # fmt: skip


def count(value: int) -> str:
    """A count with thin spaces.

    >>> count(2016000)
    '2\\u202f016\\u202f000'
    """
    return f"{value:,}".replace(",", "\u202f")


def notice(level: Agreement, bits: int, request: IntegerRequest) -> str:
    """Two to four sentences on the level under the thumb."""
    total, n = level.total, len(level.labels)
    usual, same, sums, exact = total.differing
    apart, wrong_way = answers_differ(level), request.requantizer == "cut"
    words = [
        f"At **{bits} bits**, fed with the same codes, the two networks differ in **{count(usual)} of {count(total.compared)} codes**."
    ]
    if wrong_way:
        words.append("Cutting off is not rounding: about half of all codes come out one lower, and no repair of the biases helps.")
    elif usual:
        left = "none is left" if not same else f"{count(same)} {'is' if same == 1 else 'are'} left"
        words.append(f"The reason is the bias, an int32 here and a float there: with the same biases **{left}**.")
    if not wrong_way and same:
        words.append(_why_left(same, sums, exact, request))
    if not wrong_way and exact == 0:
        words.append("In exact arithmetic not one code differs: **converted equals fake-quantized**.")
    words.append(
        f"Each going its own way from the picture on, {apart} of {n} answers {'differs' if apart == 1 else 'differ'}{_change(level)}."
    )
    return " ".join(words)


def _why_left(same: int, sums: int, exact: int, request: IntegerRequest) -> str:
    if sums < same and request.requantizer == "float":
        return "What is left lies so near to a border that the rounding of float32 sums and factors decides."
    return f"What is left comes of the requantization ({REQUANTIZERS[request.requantizer].title}), which decides otherwise near borders."


def _change(level: Agreement) -> str:
    """What McNemar's test says of right answers, integer against fake-quantized."""
    rights = [ranked(x)[:, 0] == level.labels for x in (level.fake, level.integer)]
    change = statistics.difference(*rights)
    seen = "no difference in Top-1 is seen" if not change.seen else "Top-1 is worse" if change.value < 0 else "Top-1 is better"
    return f"; {seen} ({probability(change.p)})"


def _csv(known: Mapping[int, Agreement]) -> str:
    head = "bits compared differing differing_same_biases differing_float64_sums differing_exact inherited inherited_same_biases"
    rows = []
    for bits in sorted(known):
        level, total = known[bits], known[bits].total
        counts = (total.compared, *total.differing, total.inherited, total.inherited_same_biases)
        shares = (top1(x, level.labels).value for x in (level.integer, level.fake, level.same_biases, level.exact))
        rows.append([bits, *counts, answers_differ(level), *shares, len(level.labels)])
    return table_of([*head.split(), "answers_differ", "top1", "top1_fake", "top1_same_biases", "top1_float", "images"], rows)
