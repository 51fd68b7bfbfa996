"""Evaluation of a language model on a text: log-probabilities token by token, perplexity with its conditions, divergence from another.

    perplexity = exp(-mean log p(token | those before)),   bits per byte = -sum log2 p / bytes
    divergence = sum_v p(v) log(p(v) / p̂(v)),   p before quantization, p̂ after

The text is read in windows of ``context`` tokens, each ``stride`` behind the one before; of a window only those tokens are scored that
no earlier one scored. Each token of the first window has the fewer before it the earlier it stands, with a stride as long as the
context those of every window: so perplexity falls with the context and with a smaller stride, and is no number without both.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np

from quantlab.caching import cached_property
from quantlab.language.model import Hooks, Model, forward, log_softmax
from quantlab.networks.statistics import Interval
from quantlab.progress import Steps

TOP = 5
BATCH = 4  # windows at once
MOST_LOGITS = 1 << 24  # of the windows at once: 64 MB
Forward = Callable[[Model, np.ndarray, Hooks | None], np.ndarray]
BLOCK = 64  # tokens whose mean is one observation of an interval: neighbours are not independent


@dataclass(frozen=True)
class Conditions:
    """Where a perplexity comes from. text : its name. tokens : how many are read."""

    text: str = "test"
    tokens: int = 2048
    context: int = 256
    stride: int = 256

    def __post_init__(self) -> None:
        if not self.context >= 2 or not 1 <= self.stride <= self.context or self.tokens < 2:
            raise ValueError(
                f"context {self.context}, stride {self.stride}, {self.tokens} tokens: take 1 <= stride <= context, 2 tokens or more"
            )

    def __str__(self) -> str:
        return f"{self.text} text, {self.tokens} tokens, context {self.context}, stride {self.stride}"


def windows(length: int, conditions: Conditions) -> Iterator[tuple[int, int, int]]:
    """(start, end, first scored) of each window; token ``first scored`` is the first that is predicted anew.

    >>> list(windows(10, Conditions("t", 10, 4, 2)))
    [(0, 4, 1), (2, 6, 4), (4, 8, 6), (6, 10, 8)]
    >>> list(windows(10, Conditions("t", 10, 4, 4)))
    [(0, 4, 1), (3, 7, 4), (6, 10, 7)]
    """
    context = min(conditions.context, length)
    start, scored = 0, 1
    while scored < length:
        end = min(start + context, length)
        if conditions.stride == conditions.context and start:  # read the token before the window too, so that none goes unscored
            start, end = scored - 1, min(scored - 1 + context, length)
        yield start, end, scored
        scored = end
        start = max(0, end + conditions.stride - context) if conditions.stride < context else end


@dataclass(frozen=True, eq=False)
class Scores:
    """A model's answers on one text, T scored tokens. right : float32 (T,), log p of the token that comes, in nats.

    kld : float32 (T,), divergence from the reference, nats. top : int32 (T, 5), the likeliest tokens. shares : float32 (T, 5), theirs.
    same : bool (T,), whether the likeliest is that of the reference. bytes : of the scored text.
    """

    right: np.ndarray
    kld: np.ndarray
    top: np.ndarray
    shares: np.ndarray
    same: np.ndarray
    bytes: int

    @cached_property
    def perplexity(self) -> float:
        """Of a token."""
        return float(np.exp(-self.right.astype(np.float64).mean()))

    @property
    def bits_per_byte(self) -> float:
        """Bits that the text would cost under this model."""
        return float(-self.right.astype(np.float64).sum() / np.log(2) / self.bytes)

    @property
    def divergence(self) -> Interval:
        """Mean divergence from the reference, nats a token, with its interval."""
        return mean_interval(self.kld)

    @property
    def same_top(self) -> float:
        """Share of tokens whose likeliest successor is the reference's."""
        return float(self.same.mean())

    @property
    def chance(self) -> float:
        """Mean probability of the token that comes."""
        return float(np.exp(self.right.astype(np.float64)).mean())

    def ratio(self, reference: Scores) -> Interval:
        """Perplexity over the reference's on the same tokens, with its paired interval."""
        change = mean_interval(reference.right.astype(np.float64) - self.right)
        return Interval(float(np.exp(change.value)), float(np.exp(change.low)), float(np.exp(change.high)), change.n)


def mean_interval(values: np.ndarray) -> Interval:
    """The mean with its 95 % interval by Student's t over blocks of 64 tokens; without an end where there are fewer than two blocks.

    >>> i = mean_interval(np.repeat([1.0, 2.0, 3.0], 64))  # 2 ± 4.303 / sqrt(3)
    >>> round(i.low, 3), i.value, round(i.high, 3)
    (-0.484, 2.0, 4.484)
    """
    from scipy.stats import t

    values = np.asarray(values, np.float64)
    blocks = (
        [b.mean() for b in np.split(values[: len(values) // BLOCK * BLOCK], max(1, len(values) // BLOCK))] if len(values) >= BLOCK else []
    )
    mean = float(values.mean())
    if len(blocks) < 2:
        return Interval(mean, -np.inf, np.inf, len(values))
    half = float(t.ppf(0.975, len(blocks) - 1) * np.std(blocks, ddof=1) / np.sqrt(len(blocks)))
    return Interval(mean, mean - half, mean + half, len(values))


def scores(
    model: Model,
    tokens: np.ndarray,
    conditions: Conditions,
    reference: np.ndarray | None = None,
    hooks: Hooks | None = None,
    size: int | None = None,
    ask: Forward = forward,
) -> Steps[tuple[Scores, np.ndarray]]:
    """The scores, and the log-shares (T, vocabulary) to compare others with; yields (windows done, windows).

    reference : log-shares of the model before, itself if left out. size : bytes of the scored text, as many as tokens if left out. ask : the forward pass.
    """
    asked = list(windows(len(tokens), conditions))
    most = max(1, min(BATCH, MOST_LOGITS // (conditions.context * model.config.vocabulary)))
    parts: list[_Part] = []
    kept: list[np.ndarray] = []
    at = 0
    while at < len(asked):
        yield at, len(asked)
        length = asked[at][1] - asked[at][0]
        batch = [w for w in asked[at : at + most] if w[1] - w[0] == length]
        logits = ask(model, np.stack([tokens[a:b] for a, b, _ in batch]), hooks)
        for row, (a, b, scored) in zip(logits, batch, strict=True):
            for first in range(scored, b, BLOCK):  # in pieces, for a real vocabulary makes rows of 200 kB
                last = min(first + BLOCK, b)
                found = log_softmax(row[first - a - 1 : last - a - 1])  # (T, vocabulary)
                base = found if reference is None else reference[first - 1 : last - 1]
                parts.append(_part(found, base, tokens[first:last]))
                if reference is None:
                    kept.append(found)
        at += len(batch)
    right, kld, top, shares, same = (np.concatenate(column) for column in zip(*parts, strict=True))
    base = np.concatenate(kept) if reference is None else reference
    return Scores(right, kld, top, shares, same, len(tokens) - 1 if size is None else size), base


_Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _part(found: np.ndarray, base: np.ndarray, right: np.ndarray) -> _Part:
    """The fields of ``Scores`` of some places: log-shares (T, vocabulary) found and of the reference, and the tokens that come (T,)."""
    hit = np.take_along_axis(found, right[:, None].astype(np.int64), axis=1)[:, 0]
    kld = np.maximum((np.exp(base) * (base - found)).sum(axis=1), 0) if found is not base else np.zeros(len(found), np.float32)
    top = np.argpartition(-found, TOP, axis=1)[:, :TOP]
    top = np.take_along_axis(top, np.argsort(-np.take_along_axis(found, top, axis=1), axis=1, kind="stable"), axis=1)
    same = found.argmax(axis=1) == base.argmax(axis=1)
    return hit, kld, top.astype(np.int32), np.exp(np.take_along_axis(found, top, axis=1)), same
