"""The subject of the bench: a float model, a quantized one, and examples with what is right for each."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass, field, replace
from typing import Any  # what several boxes ask of the float model: outputs, ranges

import numpy as np

from quantlab.bench.insertion import Plan, inserted, quantized, ranges_of
from quantlab.bench.model import Layer, Model, layers_of, read_model
from quantlab.caching import lru_cache
from quantlab.sources.upload import Refused, show

CALIBRATION = 100  # examples that ranges are chosen from, where nobody says how many
LEAST = 10


@dataclass(frozen=True, eq=False)
class Examples:
    """Inputs and what is right for each. x : (N, ...) as the model reads it. truth : labels int64 (N,), or targets float32 (N, ...).

    slices : of each example a word or number that names the part of the data that it belongs to, (N,); None for none. names : of the
    classes, where they are known.
    """

    x: np.ndarray
    truth: np.ndarray
    slices: np.ndarray | None = None
    names: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.x)

    @property
    def classes(self) -> bool:
        """Whether the truth is labels."""
        return self.truth.dtype.kind in "iu"

    def part(self, places: slice | np.ndarray) -> Examples:
        """Some of them."""
        return Examples(self.x[places], self.truth[places], None if self.slices is None else self.slices[places], self.names)


@dataclass(frozen=True, eq=False)
class Subject:
    """What is tested. plan : how it was quantized, None for a model that was brought. calibration : what its ranges were chosen from."""

    title: str
    exact: Model
    model: Model
    test: Examples
    calibration: np.ndarray
    plan: Plan | None = None
    known: dict[Hashable, Any] = field(default_factory=dict, repr=False)  # of the float model, shared by its quantized forms: see the users

    @property
    def layers(self) -> tuple[Layer, ...]:
        """The float model's layers with weights."""
        return layers_of(self.exact)

    def with_model(self, model: Model) -> Subject:
        """The same examples and the same plan for another quantized model."""
        return replace(self, model=model)

    def quantized_by(self, plan: Plan) -> Subject:
        """The same float model and examples, quantized here by another plan."""
        asked = ("ranges", plan.activations, plan.calibrator, plan.left)
        if asked not in self.known:
            self.known[asked] = ranges_of(self.exact, plan, self.calibration)
        return replace(self, model=inserted(self.exact, plan, self.known[asked]), plan=plan)


def examples_of(arrays: dict[str, np.ndarray]) -> Examples:
    """Examples of arrays by name: ``x`` and ``y``; ValueError in one sentence where they do not fit."""
    x, y = arrays.get("x"), arrays.get("y")
    if x is None or y is None:
        raise Refused(
            f"the data holds {', '.join(map(show, arrays)) or 'nothing'}, and the bench reads x (inputs) and y: save both by name."
        )
    if x.ndim < 2 or len(x) != len(y):
        raise Refused(f"x has the shape {x.shape} and y {y.shape}: both need one row an example.")
    if len(x) < LEAST:
        raise Refused(f"{len(x)} examples say too little: bring at least {LEAST}.")
    if x.dtype.kind not in "fiu" or y.dtype.kind not in "fiu":
        raise Refused(f"x is {x.dtype} and y is {y.dtype}: save numbers.")
    if (x.dtype.kind == "f" and not np.isfinite(x).all()) or (y.dtype.kind == "f" and not np.isfinite(y).all()):
        raise Refused("the data holds NaN or infinity: leave those examples out.")
    if y.dtype.kind in "iu" and y.ndim != 1:
        raise Refused(f"y holds whole numbers of the shape {y.shape}: give one label an example, or targets as float32.")
    slices = arrays.get("slice")
    if slices is not None and (slices.shape != (len(x),) or slices.dtype.kind not in "iuU"):
        raise Refused(f"slice is {slices.dtype} of the shape {slices.shape}: give one whole number an example.")
    return Examples(x, y.astype(np.int64) if y.dtype.kind in "iu" else y.astype(np.float32), slices)


def brought(title: str, exact: Model, examples: Examples, plan: Plan | None = None, model: Model | None = None) -> Subject:
    """The subject of a float model with examples, and a quantized one that is brought or made by the plan.

    Ranges are chosen from the first third of the examples (at most ``CALIBRATION``); the others are the test.
    """
    count = min(CALIBRATION, len(examples) // 3)
    calibration, test = examples.x[:count], examples.part(slice(count, None))
    if model is not None:
        return Subject(title, exact, model, test, calibration)
    plan = plan or Plan()
    return Subject(title, exact, quantized(exact, plan, calibration), test, calibration, plan)


def of_network(slug: str, plan: Plan, images: int = 200) -> Subject:
    """The subject of a shipped network, quantized by the plan; its ranges are chosen from calibration images of its own data."""
    exact, data = _network(slug)
    calibration = _read(data.calibration.pixels[:CALIBRATION])
    test = data.test.first(images)
    model = quantized(exact, plan, calibration)
    return Subject(slug, exact, model, Examples(_read(test.pixels), test.labels, names=data.classes), calibration, plan)


@lru_cache(maxsize=4)
def _network(slug: str):  # type: ignore[no-untyped-def]  # a model and a data set
    from quantlab.networks import engine

    network, data = engine.shipped(slug)
    shape = data.test.pixels.shape[1:]
    return read_model(f"{slug}.onnx", engine.float_onnx(network, (shape[0], shape[1], shape[2]))), data


def _read(pixels: np.ndarray) -> np.ndarray:
    """Pictures uint8 (N, H, W, C) as float32 (N, C, H, W) from 0 to 1."""
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2)).astype(np.float32) / np.float32(255)
