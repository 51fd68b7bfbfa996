"""A language model in few bits: linear layers by a method, embedding and head apart, and what all of it takes.

>>> from quantlab.language.quantized import Plan, quantized
>>> from quantlab.language.shipped import load
>>> model, plan = load("small"), Plan("nearest", "4")
>>> small = quantized(model, plan)
>>> round(plan.bytes(model.config) / Plan("nearest", "16").bytes(model.config), 3)  # 4.5625 of 16 bits in the linear layers
0.378
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.caching import lru_cache
from quantlab.grouping import Granularity, per_group
from quantlab.language.calibration import Calibration, place_of
from quantlab.language.config import EMBEDDING, HEAD, KINDS, Config, tensor_name
from quantlab.language.methods import FLOAT, METHODS
from quantlab.language.model import Model
from quantlab.quantizer import fake_quantize
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

GROUPS = per_group(64)
TOGETHER = (("q", "k", "v"), ("o",), ("gate", "up"), ("down",))


@dataclass(frozen=True)
class Plan:
    """method, stop : of ``METHODS``; stop ``16`` leaves the linear layers alone. scheme : of even steps, for methods that have a choice.

    embedding, head : bits of those two, to nearest in the same groups; 16 leaves them alone. only : the one layer and kind to touch.
    """

    method: str = "nearest"
    stop: str = "4"
    scheme: str = "int-asymmetric"
    granularity: Granularity = GROUPS
    embedding: str = FLOAT
    head: str = FLOAT
    only: tuple[int, str] | None = None

    def __post_init__(self) -> None:
        if self.method not in METHODS:
            raise ValueError(f"there is no method {self.method!r}; choose one of {', '.join(METHODS)}")
        if self.stop not in (*METHODS[self.method].stops, FLOAT):
            raise ValueError(f"{self.method} has no {self.stop!r}; choose one of {', '.join(METHODS[self.method].stops)} or {FLOAT}")

    @property
    def spec(self) -> QuantSpec | None:
        """The quantizer of the linear layers, None where they stay."""
        return None if self.stop == FLOAT else METHODS[self.method].spec(self.stop, self.scheme, self.granularity)

    def bits(self, config: Config, name: str) -> float:
        """Bits of a weight of this tensor, scales counted; 16 of one that stays."""
        shape = config.shapes()[name]
        if name in (EMBEDDING, HEAD):
            stop = self.embedding if name == EMBEDDING else self.head
            spec = None if stop == FLOAT else QuantSpec(self.scheme, bits=int(stop), granularity=self.granularity)
        else:
            touched = self.only is None or name == tensor_name(*self.only)
            spec = self.spec if len(shape) == 2 and touched else None
        return 16.0 if spec is None else SCHEMES[spec.scheme].bits_per_value(shape, spec)

    def bytes(self, config: Config) -> float:
        """Bytes of all weights."""
        return _bytes(self, config)

    def bits_per_weight(self, config: Config) -> float:
        """Bits a weight over all tensors, embedding and head among them."""
        return 8 * self.bytes(config) / config.weights


@lru_cache(maxsize=1024)
def _bytes(plan: Plan, config: Config) -> float:
    return sum(float(np.prod(shape)) * plan.bits(config, name) for name, shape in config.shapes().items()) / 8


def quantized(model: Model, plan: Plan, calibration: Calibration | None = None) -> Model:
    """The model with the plan's weights; ValueError where the method needs a calibration and has none."""
    changed: dict[str, np.ndarray] = {}
    for name, stop in ((EMBEDDING, plan.embedding), (HEAD, plan.head)):
        if stop != FLOAT and name in model.weights:
            changed[name] = fake_quantize(model.weights[name], QuantSpec(plan.scheme, bits=int(stop), granularity=plan.granularity))
    if (spec := plan.spec) is None:
        return model.with_weights(changed)
    method = METHODS[plan.method]
    if method.calibrated and calibration is None:
        raise ValueError(f"{method.title} looks at what the layers read; give it a calibration")
    for layer in range(model.config.layers):
        for kinds in TOGETHER:
            wanted = [kind for kind in kinds if plan.only in (None, (layer, kind))]
            if not wanted:
                continue
            seen = calibration[place_of(layer, kinds[0])] if calibration is not None else None
            rounded = method.round([model.linear(layer, kind) for kind in wanted], spec, seen)
            changed |= {tensor_name(layer, kind): w.astype(np.float32) for kind, w in zip(wanted, rounded, strict=True)}
    return model.with_weights(changed)


assert {kind for kinds in TOGETHER for kind in kinds} == set(KINDS)
