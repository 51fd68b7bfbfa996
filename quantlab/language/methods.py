"""Ways to put a model's linear layers into few bits: a table, one entry a method, each with the stops of the slider.

A method takes weights (out, K) that read the same and gives them rounded; ``spec`` says which scheme a stop means, and how many bits a
weight takes with all scales counted.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.grouping import Granularity
from quantlab.language.awq import awq
from quantlab.language.calibration import Observation
from quantlab.language.gptq import gptq
from quantlab.language.importance import LAYOUTS, weighted
from quantlab.quantizer import fake_quantize
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

FLOAT = "16"
Round = Callable[[Sequence[np.ndarray], QuantSpec, Observation | None], list[np.ndarray]]
WIDTHS = ("2", "3", "4", "5", "6", "8")


@dataclass(frozen=True)
class Method:
    """spec : the quantizer of a stop, for a scheme of even steps and a granularity. stops : of the slider, without ``FLOAT``.

    calibrated : whether it looks at activations. source : who described it.
    """

    slug: str
    title: str
    blurb: str
    source: str
    round: Round
    spec: Callable[[str, str, Granularity], QuantSpec]
    stops: tuple[str, ...] = WIDTHS
    calibrated: bool = False


def _even(stop: str, scheme: str, granularity: Granularity) -> QuantSpec:
    if stop == "1.58":
        return QuantSpec("ternary", granularity=granularity)
    return QuantSpec(scheme, bits=int(stop), granularity=granularity)


def _clipped(stop: str, scheme: str, granularity: Granularity) -> QuantSpec:
    return _even(stop, scheme, granularity).replace(calibrator="mse")


def _zero_anywhere(stop: str, scheme: str, granularity: Granularity) -> QuantSpec:
    return QuantSpec("hqq", bits=int(stop), granularity=granularity, numbers="float16")


_FORMATS: dict[str, Callable[[Granularity], QuantSpec]] = {
    "FP4": lambda g: QuantSpec("float", format="e2m1fn", granularity=g, scaled=True),
    "MXFP4": lambda g: QuantSpec("mx", format="mxfp4"),
    "NVFP4": lambda g: QuantSpec("nvfp4"),
    "NF4": lambda g: QuantSpec("nf4", granularity=g),
    "MXFP6": lambda g: QuantSpec("mx", format="mxfp6-e2m3"),
    "MXFP8": lambda g: QuantSpec("mx", format="mxfp8-e4m3"),
}


def _format(stop: str, scheme: str, granularity: Granularity) -> QuantSpec:
    return _FORMATS[stop](granularity)


def _gguf(stop: str, scheme: str, granularity: Granularity) -> QuantSpec:
    return QuantSpec("gguf", format=stop.lower())


def _nearest(weights: Sequence[np.ndarray], spec: QuantSpec, seen: Observation | None) -> list[np.ndarray]:
    return [fake_quantize(w, spec) for w in weights]


def _important(weights: Sequence[np.ndarray], spec: QuantSpec, seen: Observation | None) -> list[np.ndarray]:
    return [weighted(w, spec, np.diag(_needed(seen).moments)) for w in weights]


def _needed(seen: Observation | None) -> Observation:
    if seen is None:
        raise ValueError("this method looks at what the layer reads; calibrate first")
    return seen


_GGUF = sorted(
    (QuantSpec("gguf", format=f) for f in SCHEMES["gguf"].knobs["format"].choices),
    key=lambda s: SCHEMES["gguf"].bits_per_value((1, 256), s),
)
_GGUF_STOPS = tuple(str(spec.format).upper() for spec in _GGUF)
_WEIGHTED_STOPS = tuple(stop for stop in _GGUF_STOPS if stop.lower() in LAYOUTS)  # those with even steps
METHODS = {
    m.slug: m
    for m in (
        Method("nearest", "Round to nearest", "Every weight to its nearest level; the range is that of its group.", "", _nearest, _even, ("1.58", *WIDTHS)),
        Method("clip", "Least-error clip", "Each group's range is cut where the squared error is least.", "", _nearest, _clipped),
        Method("hqq", "HQQ", "The zero point moves so that a few large errors count less; no data.", "Badri and Shaji 2023", _nearest, _zero_anywhere),
        Method("gptq", "GPTQ", "Column by column; what one leaves, the next ones make good.", "arXiv:2210.17323", lambda w, s, o: [gptq(x, s, _needed(o).moments) for x in w], _even, calibrated=True),
        Method("awq", "AWQ", "Channels that read large values are scaled up before rounding.", "arXiv:2306.00978", lambda w, s, o: awq(w, s, _needed(o)), _even, calibrated=True),
        Method("formats", "Formats of 4 bits and more", "Levels of a format: NF4, FP4, MX, NVFP4.", "", _nearest, _format, tuple(_FORMATS)),
        Method("gguf", "GGUF blocks", "The blocks that llama.cpp reads.", "ggml-quants.c", _nearest, _gguf, _GGUF_STOPS),
        Method("imatrix", "GGUF with importance", "The same blocks; errors count more where a channel reads large values.", "ggml-quants.c", _important, _gguf, _WEIGHTED_STOPS, calibrated=True),
    )
}  # fmt: skip
