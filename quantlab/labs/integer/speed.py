"""The room of export and speed: ONNX in two forms, run by onnxruntime; times with their spread; a model of energy."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, numbers_film, words_film
from quantlab.film.figures import CLIPPED, ORIGINAL, QUANTIZED, THEORY, Chart, decades
from quantlab.integer import runtime
from quantlab.integer.cost import KINDS, Cost, cost
from quantlab.integer.export import as_bytes, export
from quantlab.integer.instructions import of_this_machine
from quantlab.integer.network import IntegerNetwork
from quantlab.integer.operations import USUAL, Layer
from quantlab.integer.timing import Ratio, Timing, timing_steps
from quantlab.labs.integer.equal import HEIGHT, count
from quantlab.labs.integer.network import network_of, runner_of
from quantlab.labs.integer.programs import speed_program
from quantlab.labs.integer.request import IntegerRequest
from quantlab.labs.integer.result import IntegerResult, spoken, table_of
from quantlab.labs.text import fixed, kilobytes, plain
from quantlab.packages import absent, install_command
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

VIEWS = {
    "latency": "milliseconds for one picture against pictures at once, float and integer, with their spread",
    "levels": "codes that differ from ours at each of onnxruntime's levels of optimization",
    "energy": "a model of the energy of one answer",
    "numbers": "times, sizes, multiplications",
    "words": "what to notice, in words",
}
_TITLES = {"float": "float32", "qdq": "QDQ, fused", "qlinear": "QLinear"}
_LOOKS = {"float": (ORIGINAL, "diamond", "dash"), "qdq": (CLIPPED, "square", "dot"), "qlinear": (QUANTIZED, "circle", "solid")}
_COMPARED = 50  # pictures whose codes are compared
_NONE = 0.1


@dataclass(frozen=True)
class Fidelity:
    """Codes of an exported network that differ from ours, by (form, level), and the largest difference; ``codes`` were compared."""

    differing: Mapping[tuple[str, str], int]
    farthest: Mapping[tuple[str, str], int]
    codes: int


def tasks(request: IntegerRequest, label: str) -> tuple[Task[IntegerResult], ...]:
    """What the export computes; then its times."""
    if missing := absent("export"):
        names = " and ".join(requirement.name for requirement in missing)
        said = f"This room needs {names}. This command brings what is missing; start the app anew after it: {install_command(missing)}"
        return (Task(("integer speed", "absent"), partial(_without, request, said), ""),)
    return (
        Task(("integer speed", request, 0), partial(_steps, request, False), "Exporting and comparing"),
        Task(("integer speed", request, 1), partial(_steps, request, True), "Measuring times"),
    )


def _without(request: IntegerRequest, said: str) -> Steps[IntegerResult]:
    """The room where onnx or onnxruntime is not installed: the sentence that says what brings them."""
    yield 0, 1
    labels = tuple(map(str, request.stops))
    programs = tuple(speed_program(request, batch) for batch in request.stops)
    films = {"words": words_film(Strip(labels), [said] * len(labels))}
    return IntegerResult("speed", labels, films, (said,) * len(labels), programs, table_of(["batch"], []))


def _steps(request: IntegerRequest, timed: bool) -> Steps[IntegerResult]:
    shared = (request.subject, request.granularity)
    fidelity = yield from ENGINE.once(Task(("integer fidelity", shared), partial(fidelity_steps, request), ""))
    timing = None
    if timed:
        key = ("integer timing", shared, request.threads)
        timing = yield from ENGINE.once(Task(key, partial(_timing, request), ""))
    return _result(request, fidelity, timing)


def _timing(request: IntegerRequest) -> Steps[Timing]:
    return timing_steps(network_of(request), runner_of(request).test.pixels[: max(request.stops)], request.threads, request.stops)


def fidelity_steps(request: IntegerRequest) -> Steps[Fidelity]:
    """Both integer forms at every level, on some pictures, against our own codes."""
    network, pixels = network_of(request), runner_of(request).test.pixels[:_COMPARED]
    own: dict[str, np.ndarray] = {}

    def watch(layer: Layer, codes: np.ndarray, sums: np.ndarray) -> None:
        own[layer.name] = as_bytes(codes, layer.grid).astype(np.int16)

    network.run(pixels, USUAL, watch)
    differing, farthest, cases = {}, {}, [(form, level) for form in ("qdq", "qlinear") for level in runtime.LEVELS]
    models = {form: export(network, form, codes=True) for form in ("qdq", "qlinear")}
    for done, (form, level) in enumerate(cases):
        yield done, len(cases)
        theirs = runtime.Session(models[form], level).run(pixels)
        off = [np.abs(theirs[name] - codes) for name, codes in own.items()]
        differing[form, level] = sum(int((each > 0).sum()) for each in off)
        farthest[form, level] = max(int(each.max()) for each in off)
    return Fidelity(differing, farthest, sum(codes.size for codes in own.values()))


def costs_of(network: IntegerNetwork, pixels: np.ndarray) -> dict[str, Cost]:
    """The model's costs of one picture, by kind of number."""
    sizes: dict[str, tuple[int, int]] = {}
    network.run(pixels[:1], USUAL, lambda layer, codes, sums: sizes.update({layer.name: (codes.size, sums.size)}))
    return {kind: cost(network, sizes, kind) for kind in KINDS}


def _result(request: IntegerRequest, fidelity: Fidelity, timing: Timing | None) -> IntegerResult:
    labels = tuple(map(str, request.stops))
    strip = Strip(labels)
    network = network_of(request)
    costs = costs_of(network, runner_of(request).test.pixels)
    sentences = tuple(_notice(request, fidelity, timing, batch) for batch in request.stops)
    films = {
        "latency": _latency(strip, request, timing),
        "levels": _levels(strip, fidelity),
        "energy": _energy(strip, costs),
        "numbers": numbers_film(strip, _tiles(request, network, costs, timing), layout="pairs"),
        "words": spoken(strip, sentences),
    }
    programs = tuple(speed_program(request, batch) for batch in request.stops)
    return IntegerResult(
        "speed", labels, films, sentences, programs, _csv(request, fidelity, timing), int(timing is not None), _facts(request)
    )


def _latency(strip: Strip, request: IntegerRequest, timing: Timing | None) -> bytes:
    alt = "Milliseconds for one picture against pictures at once, float32 and integer, with 10th and 90th percentile"
    plural = "s" * (request.threads > 1)
    chart = Chart(strip, HEIGHT, alt, f"pictures at once, {request.threads} thread{plural}", "ms for one picture")
    at = np.array(request.stops, float)
    chart.axes(
        (np.log10(0.8), np.log10(80)),
        None,
        xaxis_type="log",
        xaxis={"tickvals": list(request.stops), "ticktext": [*map(str, request.stops)]},
    )
    if timing is None:
        return chart.axes(y=(0, 1)).note("Measuring …", 0.9, 0.5, THEORY).film()
    chart.axes(y=(0, 1.15 * max(min(entry.high, 4 * entry.median) for entry in timing.latencies.values())))
    for form, title in _TITLES.items():
        color, symbol, dash = _LOOKS[form]
        measured = [timing.latencies[form, batch] for batch in request.stops]
        y, low, high = (np.array([getattr(m, what) for m in measured]) for what in ("median", "low", "high"))
        lines = [np.concatenate(part) for part in zip(*(_stem(x, a, b) for x, a, b in zip(at, low, high, strict=True)), strict=True)]
        chart.line(f"{title} spread", lines[0], lines[1], color, width=5, opacity=0.28, legend=False, hover=False)
        chart.line(title, at, y, color, dash=dash, width=2.2)
        chart.points(
            "now",
            [at[i : i + 1] for i in range(len(at))],
            [y[i : i + 1] for i in range(len(at))],
            color,
            symbol=symbol,
            size=12,
            legend=False,
        )
    return chart.film()


def _stem(x: float, low: float, high: float) -> tuple[np.ndarray, np.ndarray]:
    return np.array([x, x, np.nan]), np.array([low, high, np.nan])


def _levels(strip: Strip, fidelity: Fidelity) -> bytes:
    alt = f"Codes of {fidelity.codes} that differ from ours, for both forms at four levels of onnxruntime's optimization"
    chart = Chart(strip, HEIGHT, alt, "onnxruntime's optimization", f"of {fidelity.codes:,} codes differ".replace(",", "\u202f"))
    at = np.arange(len(runtime.LEVELS), dtype=float)
    chart.axes(
        (-0.5, len(at) - 0.5), (np.log10(_NONE) - 0.15, 5), yaxis_type="log", xaxis={"tickvals": at.tolist(), "ticktext": [*runtime.LEVELS]}
    )
    chart.axes(yaxis=decades(0, 5, none=_NONE))
    for form, title in (("qdq", "QDQ"), ("qlinear", "QLinear")):
        color, symbol, dash = _LOOKS[form]
        y = np.array([max(fidelity.differing[form, level], _NONE) for level in runtime.LEVELS])
        chart.line(title, at, y, color, dash=dash, width=1.5, hover=False, legend=False)
        chart.points(title, at, y, color, symbol=symbol, size=13 if form == "qdq" else 9)
    return chart.film()


def _energy(strip: Strip, costs: Mapping[str, Cost]) -> bytes:
    chart = Chart(strip, 260, "A model of the energy of one answer: arithmetic and DRAM, float32 and int8", "microjoules, a model", "")
    rows = [
        (f"{kind}, {what}", getattr(costs[kind], field) / 1e6, kind)
        for kind in reversed(KINDS)
        for what, field in (("arithmetic", "arithmetic"), ("DRAM", "memory"))
    ]
    reach = max(value for _, value, _ in rows)
    chart.axes(
        (0, 1.18 * reach),
        (len(rows) - 0.4, -0.6),
        yaxis={"tickvals": list(range(len(rows))), "ticktext": [name for name, _, _ in rows]},
        margin={"l": 130},
    )
    for i, (name, value, kind) in enumerate(rows):
        chart.line(
            name,
            np.array([0.0, value]),
            np.full(2, float(i)),
            ORIGINAL if kind == "float32" else QUANTIZED,
            width=22,
            legend=False,
            hover=False,
        )
        chart.note(f"{plain(value, 3)} µJ", value + 0.02 * reach, float(i), THEORY)
    return chart.film()


def _tiles(
    request: IntegerRequest, network: IntegerNetwork, costs: Mapping[str, Cost], timing: Timing | None
) -> list[tuple[str, str, list[str]]]:
    def time(form: str, batch: int) -> str:
        if timing is None:
            return "…"
        entry = timing.latencies[form, batch]
        return f"{plain(entry.median, 3)} ms\n{plain(entry.low, 3)} to {plain(entry.high, 3)}"

    plural = "s" * (request.threads > 1)
    of = f"Median of runs in turn on this machine with {request.threads} thread{plural}, and 10th to 90th percentile, for one picture"
    weights = sum(layer.weights.size for layer in network.layers)
    still = len(request.stops)
    return [
        *((f"Time, {title}", of, [time(form, batch) for batch in request.stops]) for form, title in _TITLES.items()),
        ("QDQ against float32", "Ratio of times, the median of paired turns with its 95 % interval", [_ratio(timing.ratios["qdq", b] if timing else None) for b in request.stops]),
        ("Bytes of weights", "As float32, and as int8 codes", [f"{kilobytes(4 * weights)}\nint8: {kilobytes(weights)}"] * still),
        ("Multiplications", "Of one picture, and as many additions, whatever the numbers are", [count(costs["int8"].multiplications)] * still),
    ]  # fmt: skip


def _ratio(ratio: Ratio | None) -> str:
    return "…" if ratio is None else f"{fixed(ratio.median, 2)}\n{fixed(ratio.low, 2)} to {fixed(ratio.high, 2)}"


def _notice(request: IntegerRequest, fidelity: Fidelity, timing: Timing | None, batch: int) -> str:
    words = [_said_of_levels(fidelity)]
    if timing is not None:
        plural = "s" * (batch > 1)
        said = {form: timing.ratios[form, batch] for form in ("qdq", "qlinear")}
        qdq = said["qdq"]
        words.append(
            f"With **{batch} picture{plural}** at once integers are **{_in_words(qdq)}** in the QDQ form ({_interval(qdq)} of its time) and "
            f"{_in_words(said['qlinear'])} in the QLinear form ({_interval(said['qlinear'])}), on this machine."
        )
        if qdq.low > 1:
            words.append("A quarter of the bytes is not a quarter of the time: it has to be measured where it is to run.")
    return " ".join(words)


def _said_of_levels(fidelity: Fidelity) -> str:
    safe = sum(fidelity.differing["qlinear", level] for level in ("none", "basic"))
    first = (
        "The QLinear form gives **our codes exactly** at the levels none and basic"
        if safe == 0
        else f"The QLinear form differs from ours in {safe} codes at the levels none and basic"
    )
    before, after = (fidelity.differing["qdq", level] for level in ("basic", "extended"))
    second = f"the QDQ form differs in {before} as float operators and in {after} once they are fused, from the level extended on"
    return f"{first}; {second}."


def _in_words(ratio: Ratio) -> str:
    return {"slower": "slower than float32", "faster": "faster than float32"}.get(ratio.verdict, "not seen to differ from float32")


def _interval(ratio: Ratio) -> str:
    return f"{fixed(ratio.low, 2)} to {fixed(ratio.high, 2)}"


def _facts(request: IntegerRequest) -> str:
    """The machine, in Markdown."""
    sets = of_this_machine()
    lines = [f"Measured with onnxruntime {runtime.version()}, which fuses as much as it can, on this server's processor."]
    if sets is None:
        lines.append("This system does not tell its instruction sets here.")
    elif not sets:
        lines.append("Of the instruction sets for products of bytes that are known here it has none.")
    else:
        lines += [f"- **{entry.title}** {entry.meaning}." for entry in sets]
    return "\n".join([lines[0], "", *lines[1:]])


def _csv(request: IntegerRequest, fidelity: Fidelity, timing: Timing | None) -> str:
    head = [
        "batch",
        *(f"{form}_{what}_ms" for form in _TITLES for what in ("median", "low", "high")),
        "qdq_ratio",
        "qdq_ratio_low",
        "qdq_ratio_high",
    ]
    counts = [f"differ_{form}_{level}" for form in ("qdq", "qlinear") for level in runtime.LEVELS]
    rows = []
    for batch in request.stops:
        times = [getattr(timing.latencies[form, batch], what) if timing else "" for form in _TITLES for what in ("median", "low", "high")]
        ratios = [getattr(timing.ratios["qdq", batch], what) if timing else "" for what in ("median", "low", "high")]
        rows.append([batch, *times, *ratios, *fidelity.differing.values(), request.threads])
    return table_of([*head, *counts, "threads"], rows)
