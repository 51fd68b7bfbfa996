"""Measures: the numbers that lessons ask about, each computed by a lab at a state and never written down.

A state is a page with its query, ``tensor?scheme=nf4``; a measure is a column of the lab's table of all levels, or what the
quantizer of a tensor was given. An expression is measures and numbers with + and − between: ``sqnr_db @ bits=5 - 6``; what
follows ``@`` changes the state at hand, or names another one.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from urllib.parse import parse_qsl

import numpy as np

from quantlab.caching import lru_cache
from quantlab.labs.address import Address
from quantlab.labs.catalog import LABS
from quantlab.labs.lab import Lab
from quantlab.labs.tensor.result import quantizer_at
from quantlab.labs.text import fixed, kilobytes, plain, rounded_percent, signed
from quantlab.progress import Steps, finish
from quantlab.quantizer import fake_quantize, one_group, quantize
from quantlab.schemes import SCHEMES
from quantlab.storage.entropy_coding import huffman
from quantlab.tasks import ENGINE, Task


@dataclass(frozen=True)
class Measure:
    """A number of a lab. title : in a sentence. write : a value as a person reads it. unit : of what a person types."""

    title: str
    write: Callable[[float], str]
    unit: str = ""

    @property
    def share(self) -> bool:
        """Whether it is a share from 0 to 1, which people write in percent."""
        return self.write is _times_100


def _decibels(value: float) -> str:
    return f"{fixed(value)} dB"


def _times_100(value: float) -> str:
    return rounded_percent(value, 1)


def _whole(value: float) -> str:
    return fixed(value, 0)


def _points(value: float) -> str:
    return f"{signed(100 * value)} points"


MEASURES: Mapping[str, Measure] = {
    "sqnr_db": Measure("SQNR", _decibels, "dB"),
    "psnr_db": Measure("PSNR", _decibels, "dB"),
    "psnr_afar_db": Measure("PSNR from afar", _decibels, "dB"),
    "segmental_db": Measure("segmental SNR", _decibels, "dB"),
    "noise_a_db": Measure("noise, A-weighted", lambda value: f"{fixed(value)} dB(A)", "dB(A)"),
    "noise_heard_db": Measure("noise above the threshold of hearing", _decibels, "dB"),
    "stuck": Measure("share of the time in which the copy stands still", _times_100),
    "mse": Measure("MSE", plain),
    "granular": Measure("error of rounding", plain),
    "overload": Measure("error of clipping", plain),
    "max_error": Measure("largest error", plain),
    "bits_per_value": Measure("bits per value", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "entropy_bits": Measure("entropy of the codes", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "levels_used": Measure("levels used", lambda value: f"{value:.0f}", "levels"),
    "clipped": Measure("share of values clipped", _times_100),
    "ssim": Measure("SSIM", lambda value: fixed(value, 3)),
    "colours": Measure("colours", lambda value: f"{value:.0f}", "colours"),
    "png_bytes": Measure("PNG file", kilobytes, "bytes"),
    "jpeg_bytes": Measure("JPEG file", kilobytes, "bytes"),
    "bit_rate": Measure("bit rate", lambda value: f"{value / 1000:.0f} kbit/s", "bit/s"),
    "flac_bytes": Measure("FLAC file", kilobytes, "bytes"),
    "top1": Measure("Top-1", _times_100),
    "top1_low": Measure("lower end of Top-1's interval", _times_100),
    "top1_high": Measure("upper end of Top-1's interval", _times_100),
    "mcnemar_p": Measure("p of McNemar's test against the float network", plain),
    "top5": Measure("Top-5", _times_100),
    "agreement": Measure("agreement with the float network", _times_100),
    "memory": Measure("bytes in memory", kilobytes, "bytes"),
    "huffman": Measure("Huffman-coded file", kilobytes, "bytes"),
    "float_top1": Measure("Top-1 of the float network", _times_100),
    "nearest_top1": Measure("Top-1 of the network rounded to nearest", _times_100),
    "gain": Measure("gain over rounding to nearest", _points, "points"),
    "gain_low": Measure("lower end of the gain's interval", _points, "points"),
    "gain_high": Measure("upper end of the gain's interval", _points, "points"),
    "channels": Measure("channels", lambda value: f"{value:.0f}", "channels"),
    "written_lost_before": Measure("channels rounded to zero as a whole", lambda value: f"{value:.0f}", "channels"),
    "written_lost_after": Measure("such channels after equalisation", lambda value: f"{value:.0f}", "channels"),
    "spread_before": Measure("widest channel over the narrowest", fixed),
    "spread_after": Measure("the same after equalisation", fixed),
    "other_way": Measure("share of weights that AdaRound rounds the other way", _times_100),
    "weight_error_ratio": Measure("squared error of the weights over that of nearest", lambda value: fixed(value, 2)),
    "output_error_ratio": Measure("squared error of the output over that of nearest", lambda value: fixed(value, 2)),
    "output_error": Measure("squared error of the output", plain),
    "output_error_nearest": Measure("the same with nothing made good", plain),
    "file_bytes": Measure("file on disk", kilobytes, "bytes"),
    "float32_bytes": Measure("file in float32", kilobytes, "bytes"),
    "pruned_bytes": Measure("file once pruned", kilobytes, "bytes"),
    "packed_bytes": Measure("file before Huffman's words", kilobytes, "bytes"),
    "kept": Measure("share of the weights that is kept", _times_100),
    "code_bits": Measure("mean length of a code's word", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "code_entropy": Measure("entropy of the codes of all layers", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "top1_float32": Measure("Top-1 in float32", _times_100),
    "top1_pruned": Measure("Top-1 once pruned", _times_100),
    "answer_entropy": Measure("entropy of the answer", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "likeliest": Measure("probability of the likeliest class", _times_100),
    "share_float": Measure("points on their side, in float", _times_100),
    "share_rounded": Measure("points on their side, rounded after training", _times_100),
    "share_trained": Measure("points on their side, trained with rounding", _times_100),
    "code": Measure("code", lambda value: f"{value:.0f}"),
    "flips": Measure("codes that flip in an epoch", lambda value: f"{value:.0f}"),
    "bias_nearest": Measure("mean distance of a gradient rounded to the nearest", plain),
    "bias_stochastic": Measure("mean distance of the mean of gradients rounded by chance", plain),
    "flipped": Measure("answers that differ from the float model's", _times_100),
    "ece": Measure("expected calibration error", _times_100),
    "lost": Measure("right answers lost", _whole, "answers"),
    "gained": Measure("right answers gained", _whole, "answers"),
    "weight_ratio": Measure("rms error over step of the weights", lambda value: fixed(value, 3)),
    "white_findings": Measure("findings of the white box", _whole, "findings"),
    "grey_findings": Measure("findings of the grey box", _whole, "findings"),
    "black_findings": Measure("findings of the black box", _whole, "findings"),
    "boxes": Measure("boxes that find the fault", _whole, "boxes"),
    "worst_share": Measure("share of the error in the worst tensor", _times_100),
    "budget_gain_db": Measure("gain of a budget of the same size", _decibels, "dB"),
    "better": Measure("tensors with a better option of no more bytes", _whole, "tensors"),
    "read_bytes": Measure("bytes that a step reads", kilobytes, "bytes"),
    "intensity": Measure("operations a byte", fixed, "operations"),
    "steps_a_second": Measure("steps a second at most", plain, "steps"),
    "scale": Measure("scale", lambda value: plain(value, 4)),
    "zero_point": Measure("zero point", lambda value: f"{fixed(value, 0)}"),
    "differing": Measure("codes that differ", _whole, "codes"),
    "differing_same_biases": Measure("codes that differ with the same biases", _whole, "codes"),
    "differing_exact": Measure("codes that differ in exact arithmetic", _whole, "codes"),
    "compared": Measure("codes compared", _whole, "codes"),
    "answers_differ": Measure("answers that differ", _whole, "answers"),
    "top1_saturate": Measure("Top-1 with sums that saturate", _times_100),
    "top1_int32": Measure("Top-1 with sums of 32 bits", _times_100),
    "beyond": Measure("share of sums that do not fit", _times_100),
    "differ_float": Measure("codes that a float32 factor rounds otherwise", _times_100),
    "differ_twice": Measure("codes that differ where it is rounded twice", _times_100),
    "differ_once": Measure("codes that differ where it is rounded once", _times_100),
    "differ_cut": Measure("codes that differ where it is cut off", _times_100),
    "accumulator": Measure("accumulator", _whole),
    "raw": Measure("sum of the products of codes", _whole),
    "of_weights": Measure("term of the weights' sum", _whole),
    "of_inputs": Measure("term of the inputs' sum", _whole),
    "constant": Measure("constant term", _whole),
    "sum_w": Measure("sum of the weights' codes", _whole),
    "sum_x": Measure("sum of the inputs' codes", _whole),
    "w_zero": Measure("zero point of the weights", _whole),
    "x_zero": Measure("zero point of the inputs", _whole),
    "perplexity": Measure("perplexity", lambda value: fixed(value, 3)),
    "perplexity_before": Measure("perplexity of the model as it is", lambda value: fixed(value, 3)),
    "ratio": Measure("perplexity after over before", lambda value: fixed(value, 3), "times"),
    "ratio_low": Measure("lower end of that ratio's interval", lambda value: fixed(value, 3)),
    "ratio_high": Measure("upper end of that ratio's interval", lambda value: fixed(value, 3)),
    "bits_per_byte": Measure("bits per byte of text", lambda value: f"{fixed(value, 3)} bits", "bits"),
    "bits_per_weight": Measure("bits a weight", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "divergence": Measure("divergence of the next token's probabilities", lambda value: plain(value, 2), "nats"),
    "same_top": Measure("places that keep their likeliest token", _times_100),
    "right_byte": Measure("mean probability of the byte that comes", _times_100),
    "cache_bytes": Measure("cache of a whole context", kilobytes, "bytes"),
    "huffman_bits": Measure("Huffman-coded length of a code", lambda value: f"{fixed(value, 2)} bits", "bits"),
    "clip": Measure("end of the range", lambda value: plain(value, 3)),
    "share_at_level": Measure("share of the values at each level", _times_100),
}
_OF_QUANTIZER = ("scale", "zero_point", "huffman_bits", "clip")
_MOST_LEVELS = 32  # that a curve over levels has


@dataclass(frozen=True)
class State:
    """A lab at an address, as a page and its query write it."""

    page: str
    query: tuple[tuple[str, str], ...]

    @property
    def lab(self) -> Lab:
        return LABS[self.page]

    @property
    def text(self) -> str:
        """The state as a link: ``tensor?bits=3``."""
        return self.page + ("?" if self.query else "") + "&".join(f"{name}={value}" for name, value in self.query)

    def address(self) -> Address:
        """The lab's address."""
        return self.lab.read(dict(self.query))

    def changed(self, text: str) -> State:
        """Another state as a text names it: ``bits=3`` changes this one, ``image?bits=3`` is one of its own."""
        return (
            state_of(text) if "?" in text or text in LABS else State(self.page, tuple((dict(self.query) | dict(parse_qsl(text))).items()))
        )


def state_of(text: str) -> State:
    """The state that a text names; ValueError for a lab that there is none of.

    >>> state_of("tensor?scheme=nf4").changed("bits=4").text
    'tensor?scheme=nf4&bits=4'
    """
    page, _, query = text.strip().lstrip("/").partition("?")
    if page not in LABS:
        raise ValueError(f"there is no lab {page!r}; write one of {', '.join(slug for slug, lab in LABS.items() if lab.views)}")
    return State(page, tuple(parse_qsl(query)))


def problems_of(state: State) -> list[str]:
    """What of a state its lab cannot read: unknown parameters, values that are not supported."""
    address, known = state.address(), {parameter.name for parameter in state.lab.parameters}
    strange = [f"{state.page} has no parameter {name!r}; it has {', '.join(sorted(known))}" for name, _ in state.query if name not in known]
    silent = [
        f"{name} has no meaning in this state; leave it out" for name, _ in state.query if name in known and name not in address.values
    ]
    return [*strange, *silent, *address.notices, *address.problems]


def curve(state: State, measure: str) -> dict[str, float]:
    """The measure at every level of the slider, by label; ValueError for a measure that the lab has not."""
    if measure == "share_at_level":
        return _shares(state)
    if measure in _OF_QUANTIZER:
        labels = list(_table(state))
        return {label: _of_quantizer(state.changed(f"bits={label}"), measure) for label in labels}
    table = _table(state)
    if any(measure not in row for row in table.values()):
        known = [name for row in table.values() for name in row]
        raise ValueError(f"{state.page} measures no {measure!r}; it measures {', '.join(dict.fromkeys(known))}")
    return {label: row[measure] for label, row in table.items()}


def value(state: State, measure: str) -> float:
    """The measure at the state's own level."""
    if measure in _OF_QUANTIZER:
        return _of_quantizer(state, measure)
    return curve(state, measure)[str(state.address()["bits"])]


@lru_cache(maxsize=64)
def levels_of(state: State) -> tuple[float, ...]:
    """The levels of the quantizer of a tensor's first group, ascending; ValueError for other labs."""
    if state.page != "tensor":
        raise ValueError(f"levels are those of a tensor's quantizer; {state.page} has none to name")
    quantized = quantize(*quantizer_at(state.address()))
    levels = SCHEMES[quantized.spec.scheme].levels(one_group(quantized.qparams), quantized.spec)
    return tuple(float(level) for level in np.sort(np.ravel(levels)))


def _shares(state: State) -> dict[str, float]:
    """Level -> share of the tensor's values that it stands for."""
    levels = np.array(levels_of(state))
    if len(levels) > _MOST_LEVELS:
        raise ValueError(f"{len(levels)} levels are too many to draw; take fewer bits, {_MOST_LEVELS} levels at most")
    values = np.ravel(fake_quantize(*quantizer_at(state.address())))
    nearest = np.abs(values[:, None] - levels).argmin(axis=1)  # (N, L) -> (N,)
    counts = np.bincount(nearest, minlength=len(levels))
    return {plain(float(level), 2): float(count / values.size) for level, count in zip(levels, counts, strict=True)}


def evaluate(text: str, state: State) -> float:
    """The value of an expression at a state; ValueError where it cannot be read.

    >>> evaluate("bits_per_value @ bits=3 + 1", state_of("tensor?source=normal&size=4096")).__round__(2)
    4.01
    """
    total, sign = 0.0, 1.0
    for term, sign in terms_of(text):
        total += sign * _value_of(term, state)
    return total


def terms_of(text: str) -> list[tuple[str, float]]:
    """The terms of an expression with their signs; a term is a number, or a measure with the state it is taken at."""
    terms, sign, words = [], 1.0, text.split()
    while words:
        word = words.pop(0)
        if word in "+-−" and len(word) == 1:
            sign = 1.0 if word == "+" else -1.0
            continue
        if words[:1] == ["@"]:
            word = f"{word} @ {words[1]}" if len(words) > 1 else word
            words = words[2:]
        terms.append((word, sign))
        sign = 1.0
    if not terms:
        raise ValueError("an expression is missing; write a measure such as sqnr_db @ bits=3, or a number")
    return terms


def holds(text: str, state: State) -> bool:
    """Whether a comparison is true at a state: ``sqnr_db @ bits=5 > sqnr_db + 6``."""
    for sign in (" > ", " < "):
        left, found, right = text.partition(sign)
        if found:
            low, high = (right, left) if sign == " > " else (left, right)
            return evaluate(low, state) < evaluate(high, state)
    raise ValueError(f"{text[:60]!r} compares nothing; write two measures or numbers with < or > between")


def written(text: str, state: State) -> str:
    """An expression's value as a person reads it, in the form of its first measure."""
    first = terms_of(text)[0][0].partition(" @ ")[0]
    result = evaluate(text, state)
    return MEASURES[first].write(result) if first in MEASURES else plain(result)


def _value_of(term: str, state: State) -> float:
    name, _, changes = term.partition(" @ ")
    if name not in MEASURES:
        try:
            return float(name)
        except ValueError:
            raise ValueError(f"{name[:40]!r} is neither a number nor a measure; measures are {', '.join(MEASURES)}") from None
    return value(state.changed(changes) if changes else state, name)


def _table(state: State) -> dict[str, dict[str, float]]:
    """Label -> column -> number: the lab's table of all levels, computed once."""
    address = state.address()
    key = ("learn table", state.page, address.without("bits"))

    def steps() -> Steps[dict[str, dict[str, float]]]:
        result = yield from state.lab.show(address, ())
        rows = list(csv.reader(io.StringIO(result.csv())))
        return {
            row[0]: {name: float(cell or "nan") for name, cell in zip(rows[0][1:], row[1:], strict=True) if _is_number(cell)}
            for row in rows[1:]
        }

    return finish(ENGINE.once(Task(key, steps, "Measuring")))


def _is_number(cell: str) -> bool:
    try:
        float(cell or "nan")
    except ValueError:
        return False
    return True


def _of_quantizer(state: State, measure: str) -> float:
    """What the quantizer of the tensor's first group was given, or the length of its codes."""
    if state.page != "tensor":
        raise ValueError(f"{measure} is a measure of the tensor lab; {state.page} has none")
    quantized = quantize(*quantizer_at(state.address()))
    if measure == "huffman_bits":
        return huffman(quantized.codes).bits_per_code
    if measure == "clip":
        return levels_of(state)[-1]
    return float((quantized.qparams.scale if measure == "scale" else quantized.qparams.zero_point).ravel()[0])
