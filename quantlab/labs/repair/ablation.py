"""The first room: what each repair wins over rounding to nearest, alone and together, on the same test images."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, numbers_film
from quantlab.film.figures import AWAY, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.network.programs import setting_text
from quantlab.labs.network.subject import maker
from quantlab.labs.repair.request import LABELS, RepairRequest
from quantlab.labs.repair.result import RepairResult, evaluator, lines, words_of
from quantlab.labs.text import rounded_percent, signed
from quantlab.networks import engine
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.paired import gain, seen
from quantlab.networks.repairs import NEAREST, ROWS, WIDTHS, Recipe
from quantlab.networks.settings import FLOAT
from quantlab.networks.statistics import Interval, wilson
from quantlab.progress import Steps, counted
from quantlab.tasks import ENGINE, Task

VIEWS = {
    "gains": "what each repair wins over rounding to nearest, with its paired interval",
    "accuracy": "Top-1 against the bits of the weights",
    "numbers": "Top-1 in float, to nearest, repaired; the gain",
    "words": "what to notice, in words",
}
SHORT = {
    "fold": "",
    "equalise": "equalise",
    "smooth": "migrate",
    "clip": "clip",
    "adaround": "AdaRound",
    "gptq": "GPTQ",
    "bias": "bias",
}
STAGES = {"own": 2, "quick": 5, "all": 6}  # of the rows that are asked for
_TITLES = ("Rounding to nearest", "Your repairs", "Repairs of the float network", "Clips and biases", "GPTQ", "AdaRound")


@dataclass(frozen=True, eq=False)
class Row:
    """One recipe at all widths: which test images are answered correctly, bool (N,) each, by bits."""

    recipe: Recipe
    right: Mapping[int, np.ndarray]

    def top1(self, bits: int) -> Interval:
        return wilson(int(self.right[bits].sum()), len(self.right[bits]))


@dataclass(frozen=True, eq=False)
class Ablation:
    """The rows known so far. exact : of the float network, bool (N,). own : the person's own, None while it is still to come.
    coming : recipes of rows to come."""

    exact: np.ndarray
    nearest: Row
    own: Row | None
    rows: tuple[Row, ...]
    coming: tuple[Recipe, ...] = ()

    def gain(self, row: Row, bits: int) -> Interval:
        """What a row wins over rounding to nearest, on the same images."""
        return gain(self.nearest.right[bits], row.right[bits])


def short(recipe: Recipe) -> str:
    """A recipe in few words.

    >>> short(Recipe(("bias", "equalise"))), short(NEAREST), short(Recipe())
    ('equalise + bias', 'nearest', 'norms apart')
    """
    named = " + ".join(SHORT[slug] for slug in recipe.repairs if SHORT[slug])
    return named or ("nearest" if recipe.repairs else "norms apart")


def _stage_of(recipe: Recipe) -> int:
    """The stage that brings a row: the quickest first."""
    return next((stage for slug, stage in (("adaround", 5), ("gptq", 4), ("clip", 3), ("bias", 3)) if slug in recipe.repairs), 2)


def tasks(request: RepairRequest) -> tuple[Task[RepairResult], ...]:
    """Nearest, the person's own row, then the others, the quickest first."""
    stages = range(STAGES[request.rows])
    return tuple(Task(("repair ablation", request, stage), partial(_steps, request, stage), _TITLES[stage]) for stage in stages)


def row_task(request: RepairRequest, recipe: Recipe) -> Task[Row]:
    """One row, which all who compare it share."""
    alone = request.alone
    return Task(("repair row", alone, recipe), partial(row_steps, alone, recipe), f"Measuring: {short(recipe)}")


def row_steps(request: RepairRequest, recipe: Recipe) -> Steps[Row]:
    """One recipe at all widths, those of the most damage last; yields (done, total)."""
    asked, right = evaluator(request.source, request.images), {}
    for i, bits in enumerate(WIDTHS):
        yield 100 * i, 100 * len(WIDTHS)
        answers = yield from _hundredths(engine.repaired_steps(asked, request.at(bits), recipe), i)
        right[bits] = answers.right
    return Row(recipe, right)


def _hundredths(steps: Steps[Evaluation], width: int) -> Steps[Evaluation]:
    """The progress of one width as a part of all."""
    while True:
        try:
            done, total = next(steps)
        except StopIteration as end:
            return end.value
        yield 100 * width + min(99, 100 * done // max(total, 1)), 100 * len(WIDTHS)


def _steps(request: RepairRequest, stage: int) -> Steps[RepairResult]:
    wanted = [row for row in ROWS if _stage_of(row) <= stage and row != NEAREST]
    order, each = [NEAREST, *([request.recipe] if stage else []), *wanted], 100 * len(WIDTHS)
    known: dict[Recipe, Row] = {}
    for i, recipe in enumerate(order):
        known[recipe] = yield from counted(ENGINE.once(row_task(request, recipe)), each * i, each * len(order))
    asked = evaluator(request.source, request.images)
    exact = asked.evaluate(FLOAT).right
    last = STAGES[request.rows] - 1
    coming = tuple(row for row in ROWS if row != NEAREST and stage < _stage_of(row) <= last)
    found = Ablation(exact, known[NEAREST], known.get(request.recipe), tuple(known[recipe] for recipe in wanted), coming)
    return result(request, found, stage)


def result(request: RepairRequest, found: Ablation, stage: int) -> RepairResult:
    """The room with what is known."""
    texts = {label: notice(found, int(label)) for label in LABELS}
    films = {"gains": gains_film(found), "accuracy": accuracy_film(found), "numbers": tiles_film(found), "words": words_of(texts)}
    gains = {label: 100 * found.gain(found.own, int(label)).value for label in LABELS} if found.own else {}
    return RepairResult(request, films, texts, csv(found), program, stage, gains, tuple(table(found)))


def points(interval: Interval) -> str:
    """A gain in points with its interval, or that none is seen.

    >>> points(Interval(0.1, 0.05, 0.15, 100)), points(Interval(0.01, -0.05, 0.07, 100)), points(Interval(-0.01, -0.05, 0.03, 100))
    ('+10.0 points (+5.0 to +15.0)', 'no gain seen', 'no loss seen')
    """
    if not seen(interval):
        return "no loss seen" if interval.value < 0 else "no gain seen"
    return f"{signed(100 * interval.value)} points ({signed(100 * interval.low)} to {signed(100 * interval.high)})"


def gains_film(found: Ablation) -> bytes:
    """A point and its interval for each row, the person's own on top; those to come have their places already."""
    places: dict[Recipe, Row | None] = {row.recipe: row for row in found.rows} | dict.fromkeys(found.coming)
    listed = [(recipe, places[recipe]) for recipe in ROWS if recipe in places]
    every = np.arange(len(listed) + 1, dtype=float)[::-1]
    rows = [row for row in (found.own, *(row for _, row in listed)) if row is not None]
    at = every[[row is not None for row in (found.own, *(row for _, row in listed))]]
    names = ["<b>yours</b>" + ("" if found.own else " …"), *(short(recipe) + (" …" if row is None else "") for recipe, row in listed)]
    strip = Strip(LABELS)
    alt = "What each repair wins over rounding to nearest in points of Top-1, with its paired 95 % interval"
    chart = Chart(strip, 300, alt, "points of Top-1 won", "")
    chart.axes((-22, 95), (-0.7, len(every) - 0.3), margin={"l": 200, "b": 40}, yaxis={"tickvals": every.tolist(), "ticktext": names})
    chart.axes(hovermode="closest")
    chart.line("nearest", np.zeros(2), np.array([-0.7, len(every) - 0.3]), THEORY, dash="dash", width=1.4, hover=False)
    intervals = [[found.gain(row, int(label)) for row in rows] for label in LABELS]
    for name, color, symbol, which in (("gain or loss seen", QUANTIZED, "circle", True), ("none seen", OTHER, "circle-open", False)):
        bars_x, bars_y, x, y = [], [], [], []
        for level in intervals:
            chosen = [(100 * i.low, 100 * i.high, 100 * i.value, place) for i, place in zip(level, at, strict=True) if seen(i) == which]
            bars_x.append(np.array([v for low, high, _, _ in chosen for v in (low, high, np.nan)] or [AWAY]))
            bars_y.append(np.array([v for *_, place in chosen for v in (place, place, np.nan)] or [AWAY]))
            x.append(np.array([value for _, _, value, _ in chosen] or [AWAY]))
            y.append(np.array([place for *_, place in chosen] or [AWAY]))
        chart.line(f"{name}, interval", bars_x, bars_y, color, width=3, legend=False, hover=False)
        chart.points(name, x, y, color, symbol=symbol, size=10)
    return chart.film()


def accuracy_film(found: Ablation) -> bytes:
    """Top-1 against bits: float, nearest, the person's own."""
    strip, x = Strip(LABELS), np.array([float(label) for label in LABELS])
    chart = Chart(strip, 300, "Top-1 against the bits of the weights: to nearest, and with your repairs", "bits of the weights", "Top-1, %")
    chart.axes((1.7, 8.3), (0, 103), xaxis={"tickvals": x.tolist()})
    chart.line("float", np.array([1.7, 8.3]), np.full(2, 100 * found.exact.mean()), THEORY, dash="dash", width=1.4)
    for name, row, color, symbol in (("nearest", found.nearest, OTHER, "square"), ("yours", found.own, QUANTIZED, "circle")):
        y = np.array([100 * row.top1(int(label)).value if row else AWAY for label in LABELS])
        chart.line(name, x, y, color, dash="dot" if row is found.nearest else "solid")
        places = range(len(x))
        chart.points(
            f"{name}, now", [x[i : i + 1] for i in places], [y[i : i + 1] for i in places], color, symbol=symbol, size=11, legend=False
        )
    return chart.film()


def tiles_film(found: Ablation) -> bytes:
    """Top-1 of the three networks, and the gain."""
    n = len(found.exact)
    of = f"The share of {n} test images whose first answer is right, with its 95 % interval (Wilson)"

    def share(interval: Interval) -> str:
        return f"{rounded_percent(interval.value, 1)}\n{100 * interval.low:.1f} to {100 * interval.high:.1f}"

    def own(bits: int) -> str:
        return share(found.own.top1(bits)) if found.own else "…"

    def won(bits: int) -> str:
        if found.own is None:
            return "…"
        change = found.gain(found.own, bits)
        return f"{signed(100 * change.value)} points\n{signed(100 * change.low)} to {signed(100 * change.high)}"

    exact = share(wilson(int(found.exact.sum()), n))
    entries: Sequence[tuple[str, str, Sequence[str]]] = (
        ("Float", f"{of}, of the float network", [exact] * len(LABELS)),
        ("To nearest", f"{of}, batch norm folded, every weight to the nearest level", [share(found.nearest.top1(int(b))) for b in LABELS]),
        ("Yours", f"{of}, with the repairs that are switched on", [own(int(b)) for b in LABELS]),
        ("Gain", "Yours minus nearest on the same images, with its paired 95 % interval (Agresti and Min)", [won(int(b)) for b in LABELS]),
    )
    return numbers_film(Strip(LABELS), list(entries), layout="pairs")


def notice(found: Ablation, bits: int) -> str:
    """What the repairs win at this level."""
    n = len(found.exact)
    nearest = rounded_percent(found.nearest.top1(bits).value, 1)
    words = [
        f"At **{bits} bits** the network rounded to nearest answers **{nearest}** of {n} images correctly, in float "
        f"{rounded_percent(float(found.exact.mean()), 1)}.",
    ]
    if found.own is None:
        return f"{words[0]} Your repairs are measured next."
    words.append(
        f"With *{short(found.own.recipe)}* it answers **{rounded_percent(found.own.top1(bits).value, 1)}**: "
        f"{points(found.gain(found.own, bits))}."
    )
    if not found.rows:
        return " ".join(words)
    best = max(found.rows, key=lambda row: found.gain(row, bits).value)
    none = [short(row.recipe) for row in found.rows if not seen(found.gain(row, bits))]
    worse = [short(row.recipe) for row in found.rows if found.gain(row, bits).high < 0]
    if seen(found.gain(best, bits)):
        words.append(f"Of all rows *{short(best.recipe)}* wins most: {points(found.gain(best, bits))}.")
    if none:
        words.append(f"No gain is seen from {', '.join(none)}." if len(none) < len(found.rows) else "No gain is seen from any repair.")
    if worse:
        words.append(f"Worse than nearest: {', '.join(worse)}.")
    return " ".join(words)


def table(found: Ablation) -> list[dict[str, str]]:
    """The ablation as a table: a row for each recipe, a column for each width, the most bits first."""
    cells = [{"Repair": "nearest"} | {f"{bits} bits": rounded_percent(found.nearest.top1(bits).value, 1) for bits in WIDTHS}]
    for row, name in (*([(found.own, "yours")] if found.own else []), *((row, short(row.recipe)) for row in found.rows)):
        texts = {bits: f"{rounded_percent(row.top1(bits).value, 1)}: {points(found.gain(row, bits))}" for bits in WIDTHS}
        cells.append({"Repair": name} | {f"{bits} bits": text.replace(" points", "") for bits, text in texts.items()})
    return cells


def csv(found: Ablation) -> str:
    """All levels: Top-1 and the gain of the person's own repairs and of each row, shares from 0 to 1, with 95 % intervals."""
    rows = ({"": found.own} if found.own else {}) | {"nearest_": found.nearest}
    rows |= {f"{short(row.recipe).replace(' + ', '-').replace(' ', '-').lower()}_": row for row in found.rows}
    names = [f"{name}{what}{end}" for name in rows for what in ("top1", "gain") for end in ("", "_low", "_high")]
    cells = []
    for bits in sorted(WIDTHS):
        numbers = [(row.top1(bits), found.gain(row, bits)) for row in rows.values()]
        cells.append([str(bits), *(f"{v:.6f}" for pair in numbers for i in pair for v in (i.value, i.low, i.high))])
        cells[-1] += [f"{found.exact.mean():.6f}", str(len(found.exact))]
    return lines(["bits", *names, "float_top1", "images"], cells)


def program(request: RepairRequest, label: str) -> str:
    """The program that repairs the network at this level and measures the gain."""
    setting = setting_text(request.at(int(label)))
    specs = "WEIGHTS, " if "WEIGHTS" in setting else ""
    core = "import quantlab as ql\n" if "ql." in setting else ""
    repairs = str(request.recipe.repairs).replace("'", '"')
    return f"""{core}from quantlab.networks.engine import Evaluator, Runner, repaired_steps, {maker(request.source)}
from quantlab.networks.paired import gain
from quantlab.networks.repairs import Recipe
from quantlab.networks.settings import {specs}Setting
from quantlab.progress import finish

network, data = {maker(request.source)}("{request.source}")
evaluator = Evaluator(Runner(network, data, images={request.images}))
setting = {setting}
nearest = finish(repaired_steps(evaluator, setting, Recipe(("fold",))))
repaired = finish(repaired_steps(evaluator, setting, Recipe({repairs})))
print(f"To nearest {{nearest.top(1)}}")
print(f"Repaired {{repaired.top(1)}}")
won = gain(nearest.right, repaired.right)
print(f"Gain {{100 * won.value:.1f}} points ({{100 * won.low:.1f}} to {{100 * won.high:.1f}})")
"""
