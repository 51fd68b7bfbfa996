"""Choosing the codes of all layers, one after the other, so that each layer's output moves little.

A rounder sees the weights (out, K), their grid and the second moments (G, K, K) of what the layer multiplies in the network
that is quantized so far, and gives codes. Rows do not depend on one another: where a rounder's row moves the output
more than the nearest codes do, the nearest stay, so that no row is ever worse on the calibration images.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from quantlab.networks.engine.quantized import QuantizedStep
from quantlab.networks.engine.repair._flow import Arrival, walk, with_codes
from quantlab.networks.engine.repair._grid import Grid, grid_of, with_chosen
from quantlab.networks.engine.repair._moments import moments, output_error
from quantlab.networks.engine.repair.base import Workpiece
from quantlab.progress import Steps

Rounder = Callable[[np.ndarray, Grid, np.ndarray], Steps[np.ndarray]]  # (weight, grid, moments) -> codes


def choose_codes(piece: Workpiece, rounder: Rounder) -> Steps[Workpiece]:
    """The workpiece whose layers have the rounder's codes; yields (done, total)."""

    def choose(arrival: Arrival) -> Steps[QuantizedStep]:
        codes = arrival.quantized.weights
        assert codes is not None
        weight = matrix(arrival)
        chosen = yield from chosen_codes(weight, grid_of(codes), moments(arrival.step.layer, arrival.read), rounder)
        return with_codes(arrival.quantized, with_chosen(codes, chosen))

    steps = yield from walk(piece, choose)
    return replace(piece, shared=piece.observer, weights={step.step.name: step.weights for step in steps if step.weights is not None})


def matrix(arrival: Arrival) -> np.ndarray:
    """The float weights of a layer, float64 (out, K)."""
    return arrival.step.layer.weight.detach().double().flatten(1).numpy()


def chosen_codes(weight: np.ndarray, grid: Grid, h: np.ndarray, rounder: Rounder) -> Steps[np.ndarray]:
    """The rounder's codes, of each row that is no worse for them; the nearest of the others."""
    codes = yield from rounder(weight, grid, h)
    nearest = grid.nearest(weight)
    better = output_error(weight - grid.value(codes), h) < output_error(weight - grid.value(nearest), h)
    return np.where(better[:, None], codes, nearest)
