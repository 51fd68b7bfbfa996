"""A network under repair, and the methods that repair it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace

import numpy as np

from quantlab.caching import cached_property
from quantlab.networks.engine.calibration import Observer
from quantlab.networks.engine.models import Network
from quantlab.networks.repairs import Repair
from quantlab.networks.settings import Setting
from quantlab.progress import Steps
from quantlab.registry import Registry
from quantlab.types import Quantized, QuantSpec


@dataclass(frozen=True, eq=False)
class Workpiece:
    """A network under repair at one setting. Methods return a new one; nothing is changed in place.

    network : in float; it answers as the trained network does. pixels : uint8 (N, H, W, C), the calibration images.
    weights : layer -> codes (out, K) of the layers whose codes a method chose; the others are rounded to nearest.
    biases : layer -> float32 (out,) in place of the network's own. shared : the observer of this very network, if there is one.
    """

    network: Network
    pixels: np.ndarray
    setting: Setting
    weights: Mapping[str, Quantized] = field(default_factory=dict)
    biases: Mapping[str, np.ndarray] = field(default_factory=dict)
    shared: Observer | None = None

    @cached_property
    def observer(self) -> Observer:
        """The ranges of the activations, from the float network."""
        return self.shared or Observer(self.network, self.pixels)

    def at(self, setting: Setting) -> Workpiece:
        """The same network at another setting, its activations observed already."""
        return replace(self, setting=setting.replace(calibration=self.setting.calibration), shared=self.observer)

    def with_network(self, network: Network) -> Workpiece:
        """The same with another network that answers the same; what was chosen for the old one is dropped."""
        return Workpiece(network, self.pixels, self.setting)

    def with_spec(self, spec: QuantSpec) -> Workpiece:
        """The same with the weights quantized in another way."""
        return replace(self, setting=self.setting.replace(weight_spec=spec), shared=self.observer)


@dataclass(frozen=True, eq=False)
class Method:
    """One repair that runs. apply : yields (done, total) and returns the repaired workpiece."""

    facts: Repair
    apply: Callable[[Workpiece], Steps[Workpiece]]

    @property
    def slug(self) -> str:
        return self.facts.slug

    @property
    def rank(self) -> int:
        return self.facts.place


METHODS: Registry[Method] = Registry("quantlab.networks.engine.repair", "METHOD")
