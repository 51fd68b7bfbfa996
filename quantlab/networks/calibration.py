"""Which ranges do the activations of a layer have? Observed once, on calibration images that pass the float network.

What flows into each weighted layer is kept and sorted once; any of the core's calibrators at any bit width then reads
its range from the same sorted values.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import torch

from quantlab.calibrators import choose_range
from quantlab.networks.models import Network, tensor_of
from quantlab.rows import Rows
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, QuantSpec

FINE = 14  # bits from which the least-error range was the whole one (within .0003) on every layer measured; its search takes seconds


class Observed:
    """An observer of all weighted layers of one network; ``pixels`` uint8 (N, H, W, C) are the images to calibrate on."""

    def __init__(self, network: Network, pixels: np.ndarray):
        self.network = network
        self.pixels = pixels
        self.rows = lru_cache(maxsize=4)(self._rows)
        self.qparams = lru_cache(maxsize=1024)(self._qparams)

    @torch.inference_mode()
    def _rows(self, count: int) -> dict[str, Rows]:
        """For each layer all values that flowed into it from the first ``count`` images, as one group."""
        if not 1 <= count <= len(self.pixels):
            raise ValueError(f"{count} calibration images are asked for and there are {len(self.pixels)}; choose 1 to {len(self.pixels)}")
        results, seen = {-1: tensor_of(self.pixels[:count])}, {}
        for place, step in enumerate(self.network.steps):
            inputs = [results[i] for i in step.reads]
            if step.weighted:
                seen[step.name] = Rows(inputs[0].contiguous().numpy().reshape(1, -1))
            results[place] = step.module(*inputs)
        return seen

    def _qparams(self, layer: str, spec: QuantSpec, count: int) -> QParams:
        """The parameters of one layer's activations that the spec's calibrator chooses."""
        rows = self.rows(count)[layer]
        how = spec.replace(calibrator="minmax") if spec.calibrator == "mse" and spec.bits >= FINE else spec
        return SCHEMES[spec.scheme].choose_qparams(rows, *choose_range(rows, how), spec)
