"""Inputs of layers that somebody brings beside a model, so that the error of its outputs can be measured.

An archive holds one array (samples, inputs) a matrix, under the matrix's name, which may leave out ``.weight``. Arrays are checked by
their headers before any is read, and read one by one.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np

from quantlab.model_file.tensors import FileTensor, ModelFile
from quantlab.sources.upload import Refused, show

MAX_VALUES = 1 << 26  # of one array: 256 MiB as float32
MAX_SAMPLES = 256  # that a page takes, evenly spaced: the error of more differs little


@dataclass(frozen=True, eq=False)
class Activations:
    """Inputs by the name of the weights. arrays : not read yet. samples : the most that are taken of each, None for all."""

    arrays: dict[str, FileTensor] = field(default_factory=dict)
    samples: int | None = None

    def of(self, name: str) -> np.ndarray | None:
        """The inputs of a matrix, float32 (samples, inputs); None where none were brought. ValueError for NaN and infinity."""
        if (tensor := self.arrays.get(name)) is None:
            return None
        x = tensor.read()
        if self.samples is not None and len(x) > self.samples:
            x = x[np.linspace(0, len(x) - 1, self.samples).round().astype(int)]
        if strange := int(x.size - np.isfinite(x).sum()):
            raise Refused(f"The inputs of {show(tensor.name)} hold {strange} values that are NaN or infinite: bring finite ones.")
        return x


def activations_of(brought: ModelFile, model: ModelFile, samples: int | None = None) -> Activations:
    """The arrays of a file as inputs of a model's matrices; ValueError in one sentence where one fits no matrix.

    samples : the most that are taken of each array, evenly spaced; None for all.
    """
    known = {t.name.removesuffix(".weight"): t for t in model.tensors} | {t.name: t for t in model.tensors}
    arrays: dict[str, FileTensor] = {}
    for x in brought.tensors:
        if (weights := known.get(x.name)) is None:
            some = ", ".join(show(t.name) for t in model.tensors if t.weights and len(t.shape) == 2)[:200]
            raise Refused(
                f"{show(brought.name)} holds inputs of {show(x.name)}, and the model has no such tensor: name the arrays after its matrices ({some or 'it has none'})."
            )
        if weights.name in arrays:
            raise Refused(f"{show(brought.name)} holds inputs of {show(weights.name)} twice: leave one of them out.")
        arrays[weights.name] = _checked(x, weights)
    return Activations(arrays, samples)


def _checked(x: FileTensor, weights: FileTensor) -> FileTensor:
    """The inputs, where their shape and type fit the matrix."""
    if x.refused:
        raise Refused(x.refused)
    if len(weights.shape) != 2 or not weights.weights:
        raise Refused(
            f"{show(weights.name)} has the shape {show(weights.shape)} and the type {weights.dtype}, and inputs are for matrices: leave its inputs out."
        )
    if not x.weights:
        raise Refused(f"The inputs of {show(x.name)} are {x.dtype}: bring them as float32.")
    if len(x.shape) != 2 or x.shape[1] != weights.shape[1] or not x.shape[0]:
        raise Refused(
            f"The inputs of {show(x.name)} have the shape {show(x.shape)}: bring (samples, {weights.shape[1]}), one sample or more."
        )
    if x.size > MAX_VALUES:
        raise Refused(f"The inputs of {show(x.name)} have {x.size} values, and {MAX_VALUES} are the most: bring fewer samples.")
    return x
