"""Measurements of one tensor: its outliers, and the error of every option, on evenly spaced rows or on all of them.

Statistics are of the whole tensor, read in pieces. Errors are of rows of the last axis that lie evenly over the tensor, at least one
and about ``sample`` values; a group or a row with a scale of its own is quantized as in the whole. One scale for a tensor comes from
the extremes of all its values; what else groups share (the scale of the scales of NVFP4) is estimated from the rows.

    error of the whole ~ Σ(w - ŵ)² of the rows · size / measured         outlier ratio = max|w| / σ,  σ² = Σ(w - mean)² / size
    output error ~ ‖X(W - Ŵ)ᵀ‖² / samples, of the rows, on the same scale
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

import numpy as np

from quantlab.model_file.options import Option, reconstructed, shared_qparams
from quantlab.model_file.tensors import PIECE, FileTensor

SAMPLE = 1 << 16  # values whose errors are measured, of each tensor
BEYOND = 6.0  # standard deviations: what is called an outlier here


@dataclass(frozen=True)
class Statistics:
    """All values of a tensor in a few numbers. beyond : how many lie more than six standard deviations from the mean."""

    size: int
    mean: float
    deviation: float
    low: float
    high: float
    power: float  # sum of squares
    zeros: int
    strange: int  # NaN and infinite ones, left out of all else

    @property
    def outlier_ratio(self) -> float:
        """Largest magnitude over the standard deviation; 0 of a constant."""
        return max(abs(self.low), abs(self.high)) / self.deviation if self.deviation else 0.0


@dataclass(frozen=True)
class Measured:
    """One tensor, measured. errors : option -> sum of squared errors of the whole tensor. outputs : the same of its outputs, if known.

    measured : values whose errors were looked at. signal, output_signal : what the errors are compared with.
    """

    tensor: FileTensor
    statistics: Statistics | None
    errors: dict[str, float] = field(default_factory=dict)
    outputs: dict[str, float] = field(default_factory=dict)
    measured: int = 0
    signal: float = 0.0
    output_signal: float = 0.0
    why: str = ""  # it was not measured

    def sqnr_db(self, slug: str) -> float:
        """SQNR of an option in dB; infinite without an error."""
        return decibels(self.signal, self.errors[slug])

    def loss(self, slug: str) -> float:
        """What a budget weighs: the output's error where activations were brought, else the weights'."""
        return self.outputs[slug] if self.outputs else self.errors[slug]


def decibels(signal: float, error: float) -> float:
    """Power of the signal over power of the error in dB.

    >>> decibels(100.0, 1.0), decibels(1.0, 0.0)
    (20.0, inf)
    """
    if error <= 0:
        return math.inf
    return 10 * math.log10(signal / error) if signal > 0 else -math.inf


def statistics_of(tensor: FileTensor, let_go: Callable[[], None] = lambda: None) -> Statistics:
    """One pass over all values, in pieces, sums in float64. let_go : called after each piece, so that mapped pages do not pile up."""
    size = strange = zeros = 0
    mean = squares = power = 0.0
    low, high = math.inf, -math.inf
    for piece in tensor.pieces():
        let_go()
        sound = np.isfinite(piece)
        if not sound.all():
            strange += int(piece.size - sound.sum())
            piece = piece[sound]
        if not (n := piece.size):
            continue
        own = float(piece.mean(dtype=np.float64))
        total = float(np.einsum("i,i->", piece, piece, dtype=np.float64))
        zeros += int(n - np.count_nonzero(piece))
        low, high = min(low, float(piece.min())), max(high, float(piece.max()))
        apart = own - mean  # pieces join as in Chan, Golub and LeVeque 1983
        squares += max(total - n * own * own, 0.0) + apart * apart * size * n / (size + n)
        mean += apart * n / (size + n)
        power += total
        size += n
    if not size:
        return Statistics(0, 0.0, 0.0, 0.0, 0.0, 0.0, 0, strange)
    return Statistics(size, mean, math.sqrt(squares / size), low, high, power, zeros, strange)


def measure(
    tensor: FileTensor,
    choices: Sequence[Option],
    sample: int | None = SAMPLE,
    x: np.ndarray | None = None,
    let_go: Callable[[], None] = lambda: None,
    known: Statistics | None = None,
) -> Measured:
    """A tensor under every option.

    sample : values to measure errors on, None for all. x : activations (samples, inputs), if brought. let_go : see ``statistics_of``.
    known : the tensor's statistics where they were measured before.
    """
    if tensor.refused:
        return Measured(tensor, None, why=tensor.refused)
    if not tensor.weights or not tensor.size:
        return Measured(
            tensor, None, why=tensor.note or (f"{tensor.dtype}: codes or indices, left as they are" if tensor.size else "no value")
        )
    s = known or statistics_of(tensor, let_go)
    if s.strange:
        return Measured(tensor, s, why=f"{s.strange} of {tensor.size} values are NaN or infinite; mend the file first")
    specs = {option.slug: option.of(tensor.layout) for option in choices}
    shared = {slug: shared_qparams(spec, s.low, s.high) for slug, spec in specs.items()}
    errors, outputs = dict.fromkeys(specs, 0.0), dict.fromkeys(specs, 0.0)
    measured, signal, output_signal = 0, 0.0, 0.0
    if x is not None and (len(tensor.shape) != 2 or x.ndim != 2 or x.shape[1] != tensor.width):
        raise ValueError(
            f"the activations of {tensor.name} have the shape {x.shape} and its weights {tensor.shape}; bring (samples, {tensor.width})"
        )
    for rows in _rows(tensor, sample):  # (R, width)
        let_go()
        measured += rows.size
        signal += _power(rows)
        if x is not None:
            output_signal += _power(rows @ x.T) / len(x)
        for slug, spec in specs.items():
            error = reconstructed(rows, spec, shared[slug]) - rows
            errors[slug] += _power(error)
            if x is not None:
                outputs[slug] += _power(error @ x.T) / len(x)
    scale = tensor.size / measured
    errors, outputs = ({slug: e * scale for slug, e in some.items()} for some in (errors, outputs))
    return Measured(tensor, s, errors, outputs if x is not None else {}, measured, signal * scale, output_signal * scale)


def _rows(tensor: FileTensor, sample: int | None) -> Iterator[np.ndarray]:
    """Rows to measure, float32 (R, width): the whole tensor in pieces, or rows that lie evenly over it, all at once."""
    if sample is None or tensor.size <= sample:
        most = max(1, PIECE // tensor.width)
        yield from (tensor.read(first, min(first + most, tensor.rows)) for first in range(0, tensor.rows, most))
        return
    count = min(tensor.rows, max(1, sample // tensor.width))
    run = max(1, min(8, count // 8))  # a few neighbours at a time: fewer readings, still spread over the tensor
    starts = np.unique(np.linspace(0, tensor.rows - run, max(1, count // run)).round().astype(int))
    yield np.concatenate([tensor.read(int(start), int(start) + run) for start in starts])


def _power(x: np.ndarray) -> float:
    return float(np.einsum("ij,ij->", x, x, dtype=np.float64))
