"""The films of the room of tensors: size against error, and every tensor under every option."""

from __future__ import annotations

import numpy as np

from quantlab.film import Says, Strip, image_film, numbers_film
from quantlab.film.figures import AWAY, PINNED, QUANTIZED, THEORY, Chart, magma
from quantlab.labs.model.frames import Frames
from quantlab.labs.text import decibels, fixed, kilobytes, rounded_percent
from quantlab.model_file.measuring import Measured
from quantlab.model_file.names import printable
from quantlab.model_file.options import Option
from quantlab.model_file.report import best_at, worst

VIEWS = {
    "tradeoff": "SQNR of all weights against bits per weight: the rules, and a budget of the same size",
    "heat": "SQNR of every tensor under every option",
    "numbers": "size, bits per weight, SQNR, the budget's SQNR, the tensor with most of the error",
    "words": "what to notice, in words",
}
BRIGHT = 50.0  # dB that are drawn brightest
MOST_ROWS = 200
DB_A_BIT = 20 * np.log10(2)
_SHORT = 18


def shortened(name: str) -> str:
    """A name that fits beside a picture: what tells it from the others, else its end.

    >>> shortened("model.layers.0.self_attn.q_proj.weight"), shortened("encoder.block_seven.convolution_three.weight")
    ('0.self_attn.q_proj', '…convolution_three')
    """
    name = printable(name[-200:]).removesuffix(".weight").removeprefix("model.").removeprefix("layers.").removeprefix("blk.")
    return name if len(name) <= _SHORT else f"…{name[1 - _SHORT :]}"


def tradeoff_film(f: Frames) -> bytes:
    """SQNR of all weights over bits per weight; a line that rises by 6.02 dB a bit through the widest stop of integers."""
    labels, strip = f.request.labels, Strip(f.request.labels)
    x = [f.levels[label].of_rules.bits_per_weight for label in labels]
    pairs = {
        "rules": [f.sqnr_db(f.levels[label].of_rules) for label in labels],
        "budget of the same size": [f.sqnr_db(f.levels[label].of_budget) for label in labels],
    }
    at_budget = [f.levels[label].of_budget.bits_per_weight for label in labels]
    finite = [v for values in pairs.values() for v in values if np.isfinite(v)] or [0.0, 40.0]
    low, high = min(*finite, 0.0), max(finite) + 4
    what = "all outputs" if f.by_outputs else "all weights"
    alt = f"SQNR of {what} against bits per weight, at every stop of the slider: the rules, and a budget of the same size"
    chart = Chart(strip, 300, alt, "bits per weight, all tensors and scales", f"SQNR of {what}, dB")
    span = min(*x, *at_budget) - 0.5, max(x) + 0.5
    chart.axes(span, (low - 1, high))
    if "8" in labels and np.isfinite(pairs["rules"][-1]):
        ends = np.array([x[0], x[-1]])
        chart.line("6.02 dB a bit", ends, pairs["rules"][-1] + DB_A_BIT * (ends - x[-1]), THEORY, dash="dash", width=1.4, hover=False)
    for (name, values), places, color, symbol in zip(
        pairs.items(), (x, at_budget), (QUANTIZED, PINNED), ("circle", "diamond"), strict=True
    ):
        shown = [v if np.isfinite(v) else AWAY for v in values]
        order = np.argsort(places)
        known = [i for i in order if np.isfinite(values[i])]
        chart.line(name, np.array(places)[known], np.array(shown)[known], color, width=1.6, legend=False, hover=False)
        chart.points(name, np.array(places)[known], np.array(shown)[known], color, symbol=symbol, size=6)
        chart.points("now", [np.array([p]) for p in places], [np.array([v]) for v in shown], color, symbol=symbol, size=13, legend=False)
    return chart.film()


def heat_rows(f: Frames) -> list[Measured]:
    """The tensors that the heat map shows, in the file's order: those that the rules change, the largest where they are more than ``MOST_ROWS``."""
    plan = f.levels[f.request.labels[0]].rules
    changed = [m for m in f.measured if plan[m.tensor.name]]
    kept = sorted(range(len(changed)), key=lambda i: -changed[i].tensor.size)[:MOST_ROWS]
    return [changed[i] for i in sorted(kept)]


def heat_film(f: Frames) -> bytes:
    """A row for each tensor, a column for each option; in colour where it takes no more bytes than the rules give the tensor, else in grey."""
    rows, labels = heat_rows(f), f.request.labels
    power = np.array([[m.sqnr_db(o.slug) for o in f.choices] for m in rows]).reshape(len(rows), len(f.choices))
    shade = np.round(np.clip(power, 0, BRIGHT) / BRIGHT * 127).astype(np.uint8)
    sizes = np.array([[o.nbytes(m.tensor.layout) for o in f.choices] for m in rows]).reshape(power.shape)
    frames = []
    for label in labels:
        plan = f.levels[label].rules
        most = np.array([o.nbytes(m.tensor.layout) if (o := plan[m.tensor.name]) else m.tensor.nbytes for m in rows], np.int64)
        frames.append(shade + np.uint8(128) * (sizes <= most[:, None]))
    return image_film(
        Strip(labels),
        np.array(frames, np.uint8).reshape(len(labels), len(rows), len(f.choices)),
        _palette(),
        "SQNR of every tensor under every option, the widest option on the left; grey options take more bytes than the rules give",
        "0 dB",
        f"{BRIGHT:.0f} dB and more. Grey: it takes more bytes",
        rows_named=[shortened(m.tensor.name) for m in rows],
        columns_named=[o.title for o in f.choices],
        says=Says("under", BRIGHT, "dB", "more bytes than the rules give it"),
    )


def _palette() -> np.ndarray:
    """Greys below 128, colours from there on, uint8 (256, 3); each half from dark to bright."""
    colours = magma()[::2]
    greys = np.repeat((colours @ np.array([0.3, 0.59, 0.11]) * 0.6 + 30)[:, None], 3, axis=1)
    return np.concatenate([greys.astype(np.uint8), colours])


def numbers(f: Frames) -> bytes:
    """Tiles."""
    labels, tiles = f.request.labels, list[tuple[str, str, list[str]]]()
    every = {label: f.totals(label) for label in labels}
    before = kilobytes(f.totals(labels[0]).bytes_before)
    tiles.append(
        (
            f"Size, of {before}",
            f"Bytes of {_all(f)}, scales and zero points counted in",
            [kilobytes(t.bytes_after) for t in every.values()],
        )
    )
    tiles.append(("Bits per weight", "Bits of the weights over their number", [fixed(t.bits_per_weight, 2) for t in every.values()]))
    tiles.append(("SQNR", "Power of the weights over power of their error", [decibels(t.sqnr_db) for t in every.values()]))
    if f.with_outputs:
        what = f"Power of the outputs of {len(f.with_outputs)} matrices, on the activations that were brought, over power of their error"
        tiles.append(("SQNR of outputs", what, [decibels(t.output_sqnr_db) for t in every.values()]))
    budget = [decibels(f.sqnr_db(f.levels[label].of_budget)) for label in labels]
    tiles.append(
        (
            "A budget gives",
            f"SQNR{' of outputs' if f.by_outputs else ''} of the plan of least error in as many bytes as the rules take",
            budget,
        )
    )
    tiles.append(
        (
            "Left",
            f"Tensors that stay as they are, of {_all(f)}",
            [f"{len(f.listing.measured) - t.quantized}\nof {len(f.listing.measured)}" for t in every.values()],
        )
    )
    shares = [worst(f.listing.measured, f.plan(label), 1) for label in labels]
    tiles.append(("Worst tensor", "Its share of the whole squared error", [rounded_percent(w[0][1]) if w else "none" for w in shares]))
    return numbers_film(Strip(labels), tiles)


def _all(f: Frames) -> str:
    """What the numbers are of."""
    return "all tensors" if f.listing.complete else f"the {len(f.listing.measured)} tensors that are measured so far"


def better_at_size(f: Frames, label: str) -> dict[Option, int]:
    """Options of less error that take no more bytes than the plan's, and for how many tensors each is the best."""
    counts: dict[Option, int] = {}
    for m in f.measured:
        option = f.plan(label).get(m.tensor.name)
        best = best_at(m, option, f.choices) if option else None
        if best and option and best.slug != option.slug and m.loss(best.slug) < m.loss(option.slug):
            counts[best] = counts.get(best, 0) + 1
    return counts
