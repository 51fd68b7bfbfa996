"""The ninth room: five claims that people make, measured at the stop under the thumb; a verdict follows the number."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.film import Strip
from quantlab.film.figures import AWAY, QUANTIZED, THEORY, Chart
from quantlab.labs.language.measure import EXACT, level_steps
from quantlab.labs.language.memory import counts_of
from quantlab.labs.language.program import program
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import Frames, LanguageResult, lines, words_of
from quantlab.labs.language.widths import nearest_first
from quantlab.labs.language.words import UNKNOWN, subject, times, titled
from quantlab.labs.text import fixed, kilobytes, plain, rounded_percent
from quantlab.language.catalogue import named
from quantlab.language.methods import FLOAT
from quantlab.language.shipped import CONFIGS
from quantlab.language.zero_points import ZeroPoints, zero_points
from quantlab.progress import Steps, part

CLAIMS = {
    "free": "Few bits are free",
    "perplexity": "Perplexity tells all",
    "bigger": "Bigger in fewer bits beats smaller in more",
    "faster": "It is faster because it multiplies in few bits",
    "middle": "The zero point is the middle",
}
VIEWS = {"answers": "likeliest bytes that changed against the loss of perplexity, at every stop"} | {
    f"claim-{slug}": f"the claim “{title}”, measured" for slug, title in CLAIMS.items()
}


@dataclass(frozen=True, eq=False)
class Evidence:
    """frames : of the request. others : of the other shipped models, by source. zeros : by stop, where there are zero points."""

    frames: Frames
    others: Mapping[str, Frames]
    zeros: Mapping[str, ZeroPoints]


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films of one stage: this stop, then all, and the other model."""
    wanted = nearest_first(request.labels, stop) if stage else [stop]
    levels = yield from part(level_steps(request, [EXACT, *wanted]), 0, 3)
    zeros = yield from part(workers.steps(partial(zero_steps, request, wanted), request.source), 1, 3)
    others = {}
    for source in (s for s in CONFIGS if s != request.source and request.model.shipped and stage):
        other = replace(request, source=source)
        found = yield from part(level_steps(other, [EXACT, *wanted]), 2, 3)
        others[source] = Frames(other, found[EXACT], {s: found[s] for s in wanted})
    evidence = Evidence(Frames(request, levels[EXACT], {s: levels[s] for s in wanted}), others, zeros)
    return result(request, evidence, stage)


def zero_steps(request: LanguageRequest, wanted: list[str]) -> Steps[dict[str, ZeroPoints]]:
    """Zero points of even steps at every whole number of bits; yields (done, total)."""
    stops = [s for s in wanted if s.isdigit() and s != FLOAT]
    found = {}
    for i, stop in enumerate(stops):
        yield i, len(stops)
        found[stop] = zero_points(request.model.model(), int(stop), request.granularity)
    return found


def result(request: LanguageRequest, e: Evidence, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(request.labels)
    texts = {stop: notice(e, stop) for stop in strip.labels}
    films = {"answers": answers_film(strip, e.frames), "words": words_of(texts)}
    films |= {f"claim-{slug}": words_of({stop: said(e, stop, slug) for stop in strip.labels}) for slug in CLAIMS}
    return LanguageResult(request, films, texts, partial(csv, e), program, stage, e.frames)


def said(e: Evidence, stop: str, slug: str) -> str:
    """What is measured about a claim at a stop, the verdict first."""
    return UNKNOWN if stop not in e.frames.levels else _JUDGES[slug](e, stop)


def notice(e: Evidence, stop: str) -> str:
    """Perplexity and likeliest bytes at a stop, beside each other."""
    f, level = e.frames, e.frames.levels.get(stop)
    if level is None:
        return UNKNOWN
    return (
        f"{subject(f, stop)}, perplexity became {times(level.ratio(f.exact))}, and **{rounded_percent(1 - level.same_top, 1)}** of the "
        f"likeliest next {f.unit}s are others. Below, five things that are often said, against the numbers of this very stop."
    )


def answers_film(strip: Strip, f: Frames) -> bytes:
    """Changed likeliest bytes in per cent against the change of perplexity in per cent, with its interval at the stop under the thumb."""
    ratios = {s: f.levels[s].ratio(f.exact) for s in f.known}
    changed = {s: 100 * (1 - f.levels[s].same_top) for s in f.known}
    reach = max(1.0, *(100 * abs(r.value - 1) for r in ratios.values()))
    chart = Chart(
        strip,
        280,
        "Likeliest answers that changed against the change of perplexity, a point for each stop; perplexity can stay while answers change",
        "change of perplexity, %",
        f"other likeliest {f.unit}, %",
    )
    scale = [np.sign(r.value - 1) * np.sqrt(100 * abs(r.value - 1)) for r in ratios.values()]
    side = np.sqrt(reach) * 1.1
    shown = [t for t in (-10, -1, 0, 1, 5, 10, 20, 50, 100, 200, 500, 1000) if abs(t) <= reach]
    ticks = {"tickvals": [float(np.sign(t) * np.sqrt(abs(t))) for t in shown], "ticktext": [plain(t) for t in shown]}
    chart.axes((min(-1.0, min(scale) * 1.2), side), (0, max(5.0, *changed.values()) * 1.12), xaxis=ticks)
    chart.line("perplexity as before", np.zeros(2), np.array([0, 100.0]), THEORY, dash="dash", width=1.4, hover=False)
    chart.points("every stop", np.array(scale), np.array([changed[s] for s in f.known]), QUANTIZED, size=7)

    def at(value: float) -> float:
        return float(np.sign(value - 1) * np.sqrt(100 * abs(value - 1)))

    finite = {s: r for s, r in ratios.items() if np.isfinite([r.low, r.high]).all()}
    whiskers = [np.array([at(finite[s].low), at(finite[s].high)]) if s in finite else np.empty(0) for s in strip.labels]
    heights = [np.full(2, changed[s]) if s in finite else np.empty(0) for s in strip.labels]
    chart.line("95 % interval", whiskers, heights, QUANTIZED, width=3, hover=False)
    x = [np.array([at(ratios[s].value) if s in ratios else AWAY]) for s in strip.labels]
    chart.points("now", x, [np.array([changed.get(s, AWAY)]) for s in strip.labels], QUANTIZED, size=13, legend=False)
    return chart.coming(f.coming).film()


# ---- the claims: each a verdict that follows from the numbers


def _free(e: Evidence, stop: str) -> str:
    level, f = e.frames.levels[stop], e.frames
    ratio, moved = level.ratio(f.exact), level.divergence
    if not level.kld.any():
        return "**True here**: nothing is rounded, and nothing changed."
    told = f"perplexity {times(ratio)}, divergence {plain(moved.value, 2)} nats a {f.unit}"
    if ratio.low > 1:
        return f"**Not here**: {told}. The interval lies above 1, so chance alone does not explain the loss."
    seen = (
        "The interval lies below 1: on this text perplexity even fell"
        if ratio.high < 1
        else "The interval holds 1: perplexity sees no loss"
    )
    return f"**Not shown**: {told}. {seen}. Yet the answers moved: {rounded_percent(1 - level.same_top, 1)} of the likeliest {f.unit}s are others."


def _perplexity(e: Evidence, stop: str) -> str:
    level, f = e.frames.levels[stop], e.frames
    ratio = level.ratio(f.exact)
    if not level.kld.any():
        return "**True here**: the two models are the same one."
    change = level.right - f.exact.right
    likelier, less = float((change > 0.01).mean()), float((change < -0.01).mean())
    told = (
        f"the {f.unit} that comes became likelier by a hundredth or more at {rounded_percent(likelier, 1)} of the places and less likely at "
        f"{rounded_percent(less, 1)}; {rounded_percent(1 - level.same_top, 1)} of the likeliest {f.unit}s are others"
    )
    if ratio.low <= 1 <= ratio.high:
        hidden = " A mean hides what cancels in it." if likelier and less else ""
        return f"**Not here**: perplexity is {times(ratio)}, as good as before, and yet {told}.{hidden}"
    return f"**Not here**: perplexity changed ({times(ratio)}), but it says neither where nor both ways: {told}. {_other_order(e, stop)}".rstrip()


def _other_order(e: Evidence, stop: str) -> str:
    """A stop with a lower perplexity than this one and more changed answers, "" where there is none."""
    level = e.frames.levels[stop]
    better = [(s, v) for s, v in e.frames.levels.items() if v.perplexity < level.perplexity and v.same_top < level.same_top]
    if not better:
        return ""
    name, other = min(better, key=lambda entry: entry[1].same_top)
    return (
        f"**At {titled(name)} perplexity is lower than here, {fixed(other.perplexity, 3)} against {fixed(level.perplexity, 3)}, and more of the likeliest "
        f"{e.frames.unit}s are others**, {rounded_percent(1 - other.same_top, 1)}."
    )


def _bigger(e: Evidence, stop: str) -> str:
    if not e.frames.request.model.shipped:
        return _too_big(e.frames)
    if not e.others:
        return UNKNOWN
    smaller, larger = sorted((e.frames, *e.others.values()), key=lambda f: f.bytes(FLOAT))
    if FLOAT not in smaller.levels or stop not in smaller.levels:
        return UNKNOWN
    if fits := [s for s in larger.known if larger.bytes(s) <= smaller.bytes(stop)]:
        verdict, told = _against(smaller, stop, larger, fits)
        return f"**{verdict} here**: {told}."
    words = (
        f"**Cannot be told here**: at {titled(stop)} {smaller.request.model.title} takes {kilobytes(smaller.bytes(stop))}, less than "
        "the larger one at any stop; embedding and head in few bits (under More) make it smaller."
    )
    if not (fits := [s for s in larger.known if larger.bytes(s) <= smaller.bytes(FLOAT)]):
        return words
    verdict, told = _against(smaller, FLOAT, larger, fits)
    return f"{words} **{verdict} at 16 bits**: {told}."


def _too_big(f: Frames) -> str:
    """Why a real model cannot be compared with a shipped one: as many bytes are never left of it."""
    least = min(f.request.labels, key=f.bytes)
    biggest = max((named(name) for name in CONFIGS), key=lambda model: model.config.weights)
    most = 2 * biggest.config.weights
    if f.bytes(least) <= most:
        return "**Cannot be told here**: only the shipped models come in two sizes of one training."
    return (
        f"**Cannot be told here**: at its smallest stop, {titled(least)}, {f.request.model.title} takes {kilobytes(f.bytes(least))}, "
        f"{plain(f.bytes(least) / most, 2)} times as much as {biggest.title} at 16 bits: no two stops are of one size. The shipped models, "
        "which come in two sizes of one training, answer it."
    )


def _against(smaller: Frames, stop: str, larger: Frames, fits: list[str]) -> tuple[str, str]:
    """The verdict on the larger model's stop of most bytes among those that fit, which nobody chose by its perplexity, and the numbers."""
    last = max(fits, key=larger.bytes)
    ours, theirs = smaller.levels[stop], larger.levels[last]
    ratio = theirs.ratio(ours)  # both read the same bytes
    verdict = "True" if ratio.high < 1 else "Not" if ratio.low > 1 else "Not shown"
    return verdict, (
        f"{smaller.request.model.title} takes {kilobytes(smaller.bytes(stop))} and has perplexity {fixed(ours.perplexity, 3)}; the larger one at "
        f"{titled(last)}, {kilobytes(larger.bytes(last))}, has **{fixed(theirs.perplexity, 3)}**, {times(ratio)} on the same bytes"
    )


def _faster(e: Evidence, stop: str) -> str:
    request, c = e.frames.request, counts_of(replace(e.frames.request, room="memory"))
    few, many = c.read[stop], c.read[FLOAT]
    if few >= many:
        return f"**Nothing to see here**: {kilobytes(few)} are read a token, as before."
    integer = request.few.activations is not None
    why = (
        "Activations are in few bits too, so that integers could be multiplied; that pays where many texts share the weights."
        if integer
        else "The weights are read in few bits and turned back before they meet activations of 16 bits."
    )
    return (
        f"**{'Not the whole reason' if integer else 'Not here'}**: a token takes {plain(c.products / 1e6, 3)} million products at every width. What "
        f"falls is what is read: {kilobytes(many)} at 16 bits, {kilobytes(few)} here, **{fixed(many / few, 1)} times less**, and {request.look.bandwidth} GB/s "
        f"bound {_whole(request.look.bandwidth * 1e9 / few)} tokens/s instead of {_whole(request.look.bandwidth * 1e9 / many)} (a model). {why}"
    )


def _whole(value: float) -> str:
    """Two digits and zeros.

    >>> _whole(156328.0), _whole(3.14)
    ('160000', '3.1')
    """
    short = float(f"{value:.2g}")
    return fixed(short, 0 if short >= 10 else 1)


def _middle(e: Evidence, stop: str) -> str:
    if stop not in e.zeros:
        return "**Nothing to see here**: this stop has no zero points; choose whole numbers of bits."
    z = e.zeros[stop]
    told = (
        f"of {z.groups} groups with steps of their own, {rounded_percent(z.middle)} have their zero point at one of the two middle codes; it lies "
        f"{rounded_percent(z.away, 1)} of all codes away in the mean. Put in the middle, the weights' squared error becomes **{fixed(z.cost, 2)} times**"
    )
    return f"**{'True here' if z.middle > 0.95 and z.cost < 1.05 else 'Not here'}**: {told}. The zero point is the code of the number 0, not half of the range."


_JUDGES: dict[str, Callable[[Evidence, str], str]] = {
    "free": _free,
    "perplexity": _perplexity,
    "bigger": _bigger,
    "faster": _faster,
    "middle": _middle,
}


def csv(e: Evidence) -> str:
    """Every stop that is known, shares from 0 to 1."""
    rows, c = [], counts_of(replace(e.frames.request, room="memory"))
    for stop in e.frames.known:
        level = e.frames.levels[stop]
        ratio, z = level.ratio(e.frames.exact), e.zeros.get(stop)
        zeros = ["", ""] if z is None else [f"{z.middle:.6f}", f"{z.cost:.6f}"]
        numbers = (ratio.value, ratio.low, ratio.high, level.divergence.value, 1 - level.same_top)
        rows.append([stop, *(f"{x:.6f}" for x in numbers), f"{c.read[stop]:.0f}", *zeros])
    return lines(
        [
            "stop",
            "ratio",
            "ratio_low",
            "ratio_high",
            "divergence",
            "other_top",
            "bytes_read_a_token",
            "zero_in_the_middle",
            "cost_of_the_middle",
        ],
        rows,
    )


assert set(_JUDGES) == set(CLAIMS)
