"""Words of the language lab: what to notice at a stop, tiles, the table of all stops."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np

from quantlab.labs.language.result import Frames, lines
from quantlab.labs.text import fixed, kilobytes, plain, rounded_percent
from quantlab.language.evaluation import Scores
from quantlab.language.methods import FLOAT, METHODS
from quantlab.networks.statistics import Interval

UNKNOWN = "This level is still being measured."
NOT_YET = "…"
BANDWIDTH = 50e9  # bytes a second: two channels of DDR5, roughly
WORST = 0.05  # of the places

Tile = tuple[str, str, list[str]]


def notices(f: Frames) -> Mapping[str, str]:
    """What to notice at every stop."""
    return {stop: notice(f, stop) for stop in f.request.labels}


def notice(f: Frames, stop: str) -> str:
    """The sentences of one stop."""
    level = f.levels.get(stop)
    if level is None:
        return UNKNOWN
    if f.untouched(stop) and f.request.before == "none":
        return (
            f"At **16 bits** the model is as it is: perplexity **{fixed(level.perplexity, 3)}** a {f.unit} of {f.request.conditions}. "
            f"{rounded_before(f)}Another context or stride gives the same model another perplexity, so compare numbers of the same "
            "conditions only."
        )
    ratio = level.ratio(f.exact)
    words = (
        f"{subject(f, stop)}, perplexity goes from {fixed(f.exact.perplexity, 3)} to **{fixed(level.perplexity, 3)}** a {f.unit}: "
        f"**{times(ratio)}**, on the same {f.request.conditions}. The likeliest next {f.unit} stays what it was in "
        f"**{rounded_percent(level.same_top, 1)}** of the places. "
    )
    return words + " ".join(filter(None, (verdict(level, ratio, f.unit), few_words(f), rounded_before(f).strip(), cheating(f))))


def rounded_before(f: Frames) -> str:
    """What the file had done to the weights before, as a sentence with a space; "" where that was nothing."""
    kind = f.request.model.rounded_before
    return f"All of this is relative to {kind}, as the file stores most weights: it holds no float original. " if kind else ""


def subject(f: Frames, stop: str) -> str:
    """What is rounded, as the beginning of a sentence."""
    r = f.request
    bits = f"{fixed(f.linear_bits(stop), 2)} bits a weight with all scales"
    if stop == FLOAT:
        return "With the linear layers left alone"
    return f"At **{titled(stop)}** ({METHODS[r.method].title}; {bits} in the linear layers)"


def titled(stop: str) -> str:
    """A stop in a sentence.

    >>> titled("2"), titled("NF4")
    ('2 bits', 'NF4')
    """
    return f"{stop} bits" if stop[0].isdigit() else stop


def times(ratio: Interval) -> str:
    """A ratio of perplexities with its interval.

    >>> times(Interval(1.2338, 1.2007, 1.2678, 2047))
    '1.234 times, 95 % interval 1.201 to 1.268'
    """
    return f"{fixed(ratio.value, 3)} times, 95 % interval {fixed(ratio.low, 3)} to {fixed(ratio.high, 3)}"


def verdict(level: Scores, ratio: Interval, unit: str) -> str:
    """What the interval and the divergence say together."""
    if not level.kld.any():
        return "Nothing has changed at all."
    if ratio.low > 1:
        worst = np.sort(level.kld)[::-1]
        share = float(worst[: max(1, round(WORST * len(worst)))].sum() / worst.sum())
        return f"The loss is not spread evenly: a twentieth of the places carries {rounded_percent(share)} of the divergence."
    if ratio.high < 1:
        return "Perplexity is lower than before, on this text; the answers moved all the same, and another text may tell otherwise."
    return (
        "The interval holds 1: **no loss is seen on this text**. That is not the same as none: "
        f"the answers moved by {plain(level.divergence.value, 2)} nats a {unit}."
    )


def few_words(f: Frames) -> str:
    """What else than weights is in few bits, or was changed first."""
    few, parts = f.request.few, []
    if few.activations is not None:
        parts.append(f"activations in {few.activations} bits with {'one fixed range a layer' if few.static else 'a range for each token'}")
    if few.keys is not None or few.values is not None:
        sizes = [f"{name} in {bits} bits" for name, bits in (("keys", few.keys), ("values", few.values)) if bits is not None]
        parts.append(f"the cache's {' and '.join(sizes)}, {kilobytes(f.cache)} at the full context")
    before = {"none": "", "smooth": "SmoothQuant moved outliers into weights first.", "rotate": "A rotation spread outliers first."}
    told = f"This counts {' and '.join(parts)}." if parts else ""
    return " ".join(filter(None, (told, before[f.request.before])))


def cheating(f: Frames) -> str:
    """That the test text was looked at."""
    return "**The calibration looked at the test text: this number is too good.**" if f.request.cheats else ""


def tiles(f: Frames) -> list[Tile]:
    """Name, help and a text for every stop."""
    config, c = f.request.model.config, f.request.conditions

    def each(text: Callable[[str, Scores], str]) -> list[str]:
        return [text(stop, f.levels[stop]) if stop in f.levels else NOT_YET for stop in f.request.labels]

    def interval(i: Interval, decimals: int) -> str:
        return f"{fixed(i.low, decimals)} to {fixed(i.high, decimals)}"

    def read(stop: str) -> float:  # of the embedding one row alone
        size = config.vocabulary * config.width * f.request.plan(stop).bits(config, "model.embed_tokens.weight") / 8
        return f.bytes(stop) - size * (1 - 1 / config.vocabulary) + f.cache

    return [
        (
            "Perplexity",
            f"Of a {f.unit}: e to the mean of minus log p of the {f.unit} that comes, on {c}",
            each(lambda s, v: f"{fixed(v.perplexity, 3)}\n{fixed(f.exact.perplexity, 3)} before"),
        ),
        (
            "Times",
            "Perplexity after over before on the same tokens, with its paired 95 % interval (Student's t over blocks of 64 tokens)",
            each(lambda s, v: f"{fixed((r := v.ratio(f.exact)).value, 3)}\n{interval(r, 3)}"),
        ),
        (
            "Bits per byte",
            "What a byte of the text costs if it is coded with these probabilities",
            each(lambda s, v: f"{fixed(v.bits_per_byte, 3)}\n{fixed(f.exact.bits_per_byte, 3)} before"),
        ),
        (
            "Divergence",
            f"Kullback-Leibler divergence of the next {f.unit}'s probabilities from those before, nats a {f.unit}, with its 95 % interval",
            each(lambda s, v: f"{fixed((d := v.divergence).value, 4)}\n{interval(d, 4)}"),
        ),
        ("Same top", f"Share of places where the likeliest {f.unit} stays the same", each(lambda s, v: rounded_percent(v.same_top, 1))),
        (
            f"Right {f.unit}",
            f"Mean probability of the {f.unit} that comes",
            each(lambda s, v: f"{rounded_percent(v.chance, 1)}\n{rounded_percent(f.exact.chance, 1)} before"),
        ),
        (
            "Size",
            "Bytes of all weights, scales counted; embedding, head and norms too",
            each(lambda s, v: f"{kilobytes(f.bytes(s))}\n{fixed(f.bits(s), 2)} bits a weight"),
        ),
        (
            "Read a token",
            "Bytes that one new token reads: all weights but the other rows of the embedding, and the cache of a full context. Memory of "
            f"{BANDWIDTH / 1e9:.0f} GB/s bounds the speed: a model, not a measurement",
            each(lambda s, v: f"{kilobytes(read(s))}\n≤ {plain(BANDWIDTH / read(s), 2)} tokens/s"),
        ),
    ]


COLUMNS = [
    "stop", "bits_per_weight", "bytes", "cache_bytes", "perplexity", "perplexity_before", "ratio", "ratio_low", "ratio_high", "bits_per_byte",
    "divergence", "divergence_low", "divergence_high", "same_top", "right_byte", "text", "tokens", "context", "stride",
]  # fmt: skip


def csv(f: Frames) -> str:
    """Every stop that is known; divergence in nats, shares from 0 to 1."""
    c = f.request.conditions
    rows = []
    for stop in f.known:
        v, ratio = f.levels[stop], f.levels[stop].ratio(f.exact)
        d = v.divergence
        numbers = [v.perplexity, f.exact.perplexity, ratio.value, ratio.low, ratio.high, v.bits_per_byte, d.value, d.low, d.high]
        cells = [stop, f"{f.bits(stop):.6f}", f"{f.bytes(stop):.0f}", f"{f.cache:.0f}"]
        cells += [f"{x:.6f}" for x in (*numbers, v.same_top, v.chance)]
        rows.append([*cells, c.text, str(c.tokens), str(c.context), str(c.stride)])
    return lines(COLUMNS, rows)
