"""The eighth room: bytes of the cache against the context, beside the weights', and the speed that the memory's bandwidth allows."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, numbers_film
from quantlab.film.figures import OTHER, PINNED, QUANTIZED, THEORY, Chart, decades
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import LanguageResult, lines, words_of
from quantlab.labs.language.words import titled
from quantlab.labs.text import fixed, kilobytes, plain, rounded_percent
from quantlab.language.config import EMBEDDING, Config
from quantlab.language.few_bits import FewBits, cache_bytes, cache_parts
from quantlab.language.methods import FLOAT
from quantlab.language.shapes import SHAPES
from quantlab.progress import Steps

VIEWS = {
    "cache": "bytes of keys and values against the context, beside those of the weights",
    "speed": "the bound of tokens a second against the context, by the memory's bandwidth",
    "numbers": "bytes of weights and cache, the context at which the cache is as large, tokens a second",
}
CONTEXTS = 2 ** np.arange(7, 18)  # 128 to 131 072 tokens
OTHERS = {"a single text": 1, "32 texts at once": 32}


@dataclass(frozen=True)
class Counts:
    """Bytes of one request. config : whose. weights : of all, by stop. read : of those that one token reads, by stop."""

    config: Config
    few: FewBits
    weights: Mapping[str, float]
    read: Mapping[str, float]

    @property
    def products(self) -> float:
        """Products that a token takes in the linear layers and the head, whatever the weights' bits."""
        head = self.config.vocabulary * self.config.width
        return head + sum(float(np.prod(shape)) for name, shape in self.config.shapes().items() if len(shape) == 2 and "proj" in name)

    def parts(self, tokens: int) -> tuple[float, float]:
        """Keys and values of a text."""
        return cache_parts(self.config.layers, self.config.key_heads, self.config.head, tokens, self.few)

    def cache(self, tokens: int) -> float:
        """Both of them."""
        return cache_bytes(self.config.layers, self.config.key_heads, self.config.head, tokens, self.few)

    def even(self, stop: str) -> float:
        """The context at which the cache is as large as the weights, tokens."""
        return self.weights[stop] / self.cache(1)

    def bound(self, stop: str, tokens: int, bandwidth: float, texts: int = 1) -> float:
        """Tokens a second of all texts, if every byte that is read passes the memory's bus once: weights once for all, a cache for each."""
        return texts * bandwidth / (self.read[stop] + texts * self.cache(tokens))


def counts_of(request: LanguageRequest) -> Counts:
    """The counts of a request: of an embedding one row a token is read, unless it is the head too."""
    config = request.model.config if request.look.shape == "own" else SHAPES[request.look.shape].config
    weights, read = {}, {}
    for stop in request.labels:
        plan = request.plan(stop)
        weights[stop] = plan.bytes(config)
        size = float(np.prod(config.shapes()[EMBEDDING])) * plan.bits(config, EMBEDDING) / 8
        read[stop] = weights[stop] - (0 if config.tied else size * (1 - 1 / config.vocabulary))
    return Counts(config, request.few, weights, read)


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films: counting takes no time."""
    yield 0, 1
    return result(request, counts_of(request), stage)


def result(request: LanguageRequest, c: Counts, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(request.labels)
    texts = {stop: notice(request, c, stop) for stop in strip.labels}
    films = {
        "cache": cache_film(strip, c),
        "speed": speed_film(strip, request, c),
        "numbers": tiles_film(strip, request, c),
        "words": words_of(texts),
    }
    return LanguageResult(request, films, texts, partial(csv, request, c), program, stage)


def _bytes_ticks(low: float, high: float) -> dict[str, list[float] | list[str]]:
    """Powers of ten with their unit."""
    values = [10.0**k for k in range(int(np.ceil(low)), int(np.floor(high)) + 1)]
    return {"tickvals": values, "ticktext": [kilobytes(v) for v in values]}


_TICKS = {"tickvals": [128, 512, 2048, 8192, 32_768, 131_072], "ticktext": ["128", "512", "2048", "8192", "33 k", "131 k"]}
_SPAN = float(np.log10(CONTEXTS[0])) - 0.05, float(np.log10(CONTEXTS[-1])) + 0.05


def cache_film(strip: Strip, c: Counts) -> bytes:
    """Keys, values and both against the context; the weights of this stop across."""
    keys, values = (np.array([c.parts(int(t))[i] for t in CONTEXTS]) for i in (0, 1))
    x, all_of_it = CONTEXTS.astype(float), [*keys, *values, *(keys + values), *c.weights.values()]
    low, high = float(np.log10(min(all_of_it))) - 0.1, float(np.log10(max(all_of_it))) + 0.15
    chart = Chart(
        strip, 320, "Bytes of the cache's keys and values against the context, beside the weights at this width", "context, tokens", ""
    )
    chart.axes(_SPAN, (low, high), xaxis_type="log", xaxis=_TICKS, yaxis_type="log", yaxis=_bytes_ticks(low, high))
    chart.line("keys", x, keys, PINNED, dash="dash", width=1.6)
    chart.line("values", x, values, OTHER, dash="dot", width=1.6)
    chart.line("cache", x, keys + values, THEORY, width=2.2)
    chart.line("weights", x[[0, -1]], [np.full(2, c.weights[s]) for s in strip.labels], QUANTIZED, width=2.2)
    chart.layout["margin"] = chart.layout["margin"] | {"l": 66}
    return chart.film()


def speed_film(strip: Strip, request: LanguageRequest, c: Counts) -> bytes:
    """The bound of tokens a second against the context, of one text and of many at once."""
    bandwidth = request.look.bandwidth * 1e9
    curves = {
        title: {s: np.array([c.bound(s, int(t), bandwidth, n) for t in CONTEXTS]) for s in strip.labels} for title, n in OTHERS.items()
    }
    every = [v for curve in curves.values() for one in curve.values() for v in one]
    ends = float(np.floor(np.log10(min(every)))), float(np.ceil(np.log10(max(every)) + 1e-9))
    alt = f"The bound of tokens a second against the context, from {request.look.bandwidth} GB/s of bandwidth: a model, not a measurement"
    chart = Chart(strip, 320, alt, "context, tokens", "tokens a second, at most")
    chart.axes(_SPAN, ends, xaxis_type="log", xaxis=_TICKS, yaxis_type="log", yaxis=decades(*ends))
    for (title, curve), (color, dash) in zip(curves.items(), ((QUANTIZED, "solid"), (PINNED, "dash")), strict=True):
        chart.line(title, CONTEXTS.astype(float), [curve[s] for s in strip.labels], color, dash=dash, width=2)
    chart.line("one text, weights in 16 bits", CONTEXTS.astype(float), curves["a single text"][FLOAT], THEORY, dash="dot", width=1.4)
    return chart.film()


def tiles_film(strip: Strip, request: LanguageRequest, c: Counts) -> bytes:
    """Bytes and speeds of every stop."""
    context, bandwidth = c.config.context, request.look.bandwidth * 1e9
    keys, values = c.parts(context)

    def each(text: str | None = None, of: object = None) -> list[str]:
        return [text or str(of) for _ in strip.labels]

    entries = [
        ("Weights", "Bytes of all weights, scales counted", [f"{kilobytes(c.weights[s])}" for s in strip.labels]),
        ("Cache", f"Of one text of {context} tokens, the whole context", each(f"{kilobytes(keys + values)}\nkeys {kilobytes(keys)}, values {kilobytes(values)}")),
        ("As large", "The context at which the cache of one text has as many bytes as the weights", [f"{plain(c.even(s), 3)} tokens" for s in strip.labels]),
        (
            "Tokens a second",
            f"At most, one text of half the context, {request.look.bandwidth} GB/s: a model, not a measurement",
            [f"≤ {plain(c.bound(s, context // 2, bandwidth), 2)}\n{plain(c.bound(FLOAT, context // 2, bandwidth), 2)} with weights in 16 bits" for s in strip.labels],
        ),
    ]  # fmt: skip
    return numbers_film(strip, entries, layout="pairs")


def notice(request: LanguageRequest, c: Counts, stop: str) -> str:
    """When the cache overtakes the weights, and what few bits win where."""
    context, bandwidth = c.config.context, request.look.bandwidth * 1e9
    whole = c.cache(context)
    half = context // 2
    faster = c.bound(stop, half, bandwidth) / c.bound(FLOAT, half, bandwidth)
    many = c.bound(stop, half, bandwidth, 32) / c.bound(FLOAT, half, bandwidth, 32)
    words = (
        f"{subject(request)} at **{titled(stop)}** has {kilobytes(c.weights[stop])} of weights. A text of {context} tokens, its whole context, "
        f"adds {kilobytes(whole)} of cache, {rounded_percent(whole / c.weights[stop])} of that; the two are equal at **{plain(c.even(stop), 3)} tokens**. "
    )
    if stop != FLOAT:
        words += (
            f"Weights in few bits raise the bound of speed **{fixed(faster, 1)} times** for one text of half the context, and {fixed(many, 1)} times "
            "for 32 texts at once, which share the weights and not the cache. "
        )
    rotary = c.config.heads // c.config.key_heads
    if rotary > 1:
        words += f"{rotary} heads share their keys and values here; without that the cache would be {rotary} times as large."
    else:
        words += "Every head has keys and values of its own here."
    return words


def subject(request: LanguageRequest) -> str:
    """Whose measures are counted, as the beginning of a sentence."""
    if request.look.shape == "own":
        title = request.model.title
        return title[:1].upper() + title[1:]
    return SHAPES[request.look.shape].title


def csv(request: LanguageRequest, c: Counts) -> str:
    """Bytes and the bound of speed by stop and context."""
    rows = []
    for stop in request.labels:
        for t in CONTEXTS.tolist():
            keys, values = c.parts(t)
            bound = c.bound(stop, t, request.look.bandwidth * 1e9)
            rows.append([stop, str(t), f"{c.weights[stop]:.0f}", f"{keys:.0f}", f"{values:.0f}", f"{bound:.6g}"])
    return lines(["stop", "context", "weights_bytes", "keys_bytes", "values_bytes", "tokens_per_second_bound"], rows)


def program(request: LanguageRequest, label: str) -> str:
    """The program of one stop."""
    from quantlab.labs.language.program import few_text, plan_text

    own, model = request.look.shape == "own", request.model
    source, config = "shapes import SHAPES", f'SHAPES["{request.look.shape}"].config'
    if own:
        which = model.python.partition("(")[0]
        source, config = (
            ("shipped import CONFIGS", f'CONFIGS["{model.name}"]')
            if model.shipped
            else (f"catalogue import {which}", f"{model.python}.config")
        )
    path = "from pathlib import Path\n\n" if "Path(" in config else ""
    plan = plan_text(request.plan(label))
    core = "import quantlab as ql\n" if "ql." in plan else ""
    return f"""{path}{core}from quantlab.language.few_bits import FewBits, cache_bytes
from quantlab.language.quantized import Plan
from quantlab.language.{source}

config, plan, few = {config}, {plan}, {few_text(request.few)}
cache = cache_bytes(config.layers, config.key_heads, config.head, config.context, few)
print(f"weights {{plan.bytes(config):.0f}} bytes, cache of {{config.context}} tokens {{cache:.0f}} bytes")
print(f"as large at {{plan.bytes(config) * config.context / cache:.0f}} tokens")
"""
