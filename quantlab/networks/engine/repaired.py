"""Networks repaired after training: a recipe's methods applied in order, and the answers of what comes out.

Everything is chosen on the calibration images; the test images are only answered. Logits are kept on disk, named by weights,
images, setting and recipe, so that the same question is answered at once the next time.
"""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial
from threading import Lock

import numpy as np
import torch
from cachetools import cached

import quantlab as ql
from quantlab import workers
from quantlab.caching import cached_property
from quantlab.memory import Cache
from quantlab.networks.engine.calibration import flowing
from quantlab.networks.engine.evaluate import Evaluator, Given, evaluator_of, program
from quantlab.networks.engine.models import Network
from quantlab.networks.engine.repair import METHODS
from quantlab.networks.engine.repair._choosing import Rounder, chosen_codes
from quantlab.networks.engine.repair._flow import prepared
from quantlab.networks.engine.repair._grid import Grid, grid_of
from quantlab.networks.engine.repair._moments import moments, output_error
from quantlab.networks.engine.repair._pairs import columns, pairs, rows
from quantlab.networks.engine.repair.adaround import learnt_codes
from quantlab.networks.engine.repair.base import Workpiece
from quantlab.networks.engine.repair.gptq import Column, codes_by_column, columns_rounded
from quantlab.networks.engine.runner import Runner
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.repairs import REPAIRS, Recipe
from quantlab.networks.settings import FLOAT, Setting
from quantlab.networks.store import Store
from quantlab.progress import Steps, finish
from quantlab.types import QuantSpec

ROUNDERS: dict[str, Rounder] = {"adaround": learnt_codes, "gptq": codes_by_column}


def repair_steps(network: Network, pixels: np.ndarray, setting: Setting, recipe: Recipe) -> Steps[Workpiece]:
    """The network repaired for this setting; ``pixels`` uint8 (N, H, W, C) calibrate. Yields (done, total) of the repair at work."""
    piece = Workpiece(network, pixels, setting.replace(calibration=min(setting.calibration, len(pixels))))
    return (yield from _applied(piece, recipe.repairs))


def _applied(piece: Workpiece, slugs: Sequence[str]) -> Steps[Workpiece]:
    for slug in slugs:
        piece = yield from METHODS[slug].apply(piece)
    return piece


@cached(Cache(24), key=lambda runner, recipe, calibration: (runner, rewriting(recipe), calibration), lock=Lock())
def _rewritten(runner: Runner, recipe: Recipe, calibration: int) -> Workpiece:
    """The float network rewritten as the recipe says, once for all bits: with it the ranges of its activations are shared."""
    piece = Workpiece(runner.networks[False], runner.data.calibration.pixels, FLOAT.replace(calibration=calibration))
    return finish(_applied(piece, rewriting(recipe)))


def rewriting(recipe: Recipe) -> tuple[str, ...]:
    """The repairs of a recipe after which the float network answers as before, whatever the bits."""
    return tuple(slug for slug in recipe.repairs if REPAIRS[slug].rewrites)


def repaired_answers(runner: Runner, piece: Workpiece) -> np.ndarray:
    """What the repaired network answers to the runner's test images, float32 (N, classes).

    >>> from quantlab.networks.engine import shipped
    >>> from quantlab.progress import finish
    >>> network, data = shipped("small")
    >>> piece = finish(repair_steps(network, data.calibration.pixels, Setting(weights=4), Recipe(("bias",))))
    >>> repaired_answers(Runner(network, data, images=100), piece).shape
    (100, 10)
    """
    return runner.answers(prepared(piece), piece.network)


def repaired_steps(evaluator: Evaluator, setting: Setting, recipe: Recipe) -> Steps[Evaluation]:
    """The answers of the repaired network, beside those of the float network; from disk where they are known there."""
    runner = evaluator.runner
    key = _key(evaluator, setting, recipe)
    logits = evaluator.store.get(key)
    if logits is None or logits.dtype != np.float32 or logits.ndim != 2 or len(logits) != len(runner.test):
        if workers.POOL.elsewhere:
            logits = yield from workers.steps(partial(_repairing, evaluator.given, setting, recipe), evaluator.digest)
        else:
            logits = yield from _repaired_logits(runner, setting, recipe)
        evaluator.store.put(key, logits)
    return Evaluation(setting, logits, evaluator.logits(FLOAT), runner.test.labels)


def _repairing(given: Given, setting: Setting, recipe: Recipe) -> Steps[np.ndarray]:
    """The logits of the repaired network, in a worker."""
    return _repaired_logits(evaluator_of(given).runner, setting, recipe)


def _repaired_logits(runner: Runner, setting: Setting, recipe: Recipe) -> Steps[np.ndarray]:
    piece = _rewritten(runner, recipe, min(setting.calibration, len(runner.data.calibration))).at(setting)
    piece = yield from _applied(piece, [slug for slug in recipe.repairs if not REPAIRS[slug].rewrites])
    return repaired_answers(runner, piece)


def _key(evaluator: Evaluator, *parts: object) -> str:
    return hashlib.sha256(f"{program()} {evaluator.digest} {parts!r}".encode()).hexdigest()[:40]


@dataclass(frozen=True, eq=False)
class LayerCase:
    """One layer with what flows in, to look at how its weights are rounded.

    weight : float64 (out, K), batch norm folded in. h : second moments of what flows in from the float network (G, K, K).
    shape : of the weights as the layer has them.
    """

    weight: np.ndarray
    h: np.ndarray
    shape: tuple[int, ...]

    def grid(self, spec: QuantSpec) -> Grid:
        """The grid of the weights."""
        return grid_of(ql.quantize(self.weight.astype(np.float32), spec))

    def error(self, weight: np.ndarray) -> np.ndarray:
        """The mean squared error of each row's output with these weights, float64 (out,)."""
        return output_error(self.weight - weight, self.h)

    @cached_property
    def digest(self) -> str:
        """A name for exactly these weights and moments."""
        return hashlib.sha256(self.weight.tobytes() + self.h.tobytes()).hexdigest()


def layer_case(runner: Runner, layer: str, calibration: int) -> LayerCase:
    """The layer of the folded network, with its inputs from the first calibration images; ValueError where there is none."""
    network = runner.networks[True]
    if layer not in network.layers:
        raise ValueError(f"there is no layer {layer!r}; this network has {', '.join(network.layers)}")
    for step, x in flowing(network, runner.data.calibration.pixels[:calibration]):
        if step.name == layer:
            weight = step.layer.weight.detach().double().flatten(1).numpy()
            return LayerCase(weight, moments(step.layer, x), tuple(step.layer.weight.shape))
    raise AssertionError("every weighted layer is passed")


def rounding_steps(store: Store, case: LayerCase, spec: QuantSpec, rounder: str) -> Steps[np.ndarray]:
    """The codes (out, K) that "adaround" or "gptq" choose for one layer, whole numbers; from disk where they are known there."""
    key = hashlib.sha256(f"{program()} {case.digest} {spec!r} {rounder}".encode()).hexdigest()[:40]
    codes = store.get(key)
    if codes is None or codes.shape != case.weight.shape:
        codes = yield from chosen_codes(case.weight, case.grid(spec), case.h, ROUNDERS[rounder])
        store.put(key, codes)
    return codes


def column_steps(case: LayerCase, spec: QuantSpec, row: int) -> list[Column]:
    """GPTQ of one row, column by column."""
    grid, group = case.grid(spec), row * len(case.h) // len(case.weight)
    one = Grid(grid.scale[[row]], grid.zero[[row]], grid.qmin, grid.qmax)
    return list(columns_rounded(case.weight[[row]], one, case.h[[group]]))


@dataclass(frozen=True, eq=False)
class ChannelRanges:
    """The largest magnitude of each channel's weights where two layers meet, float64 (channels,)."""

    first: str
    second: str
    written: np.ndarray
    read: np.ndarray


def channel_ranges(network: Network) -> tuple[ChannelRanges, ...]:
    """The ranges of all pairs of layers that channels pass between, from the first on."""
    steps, found = network.steps, []
    for pair in pairs(network):
        written, read = (np.abs(of).max(axis=1) for of in (rows(steps[pair.first].layer), columns(steps[pair.second].layer)))
        found.append(ChannelRanges(steps[pair.first].name, steps[pair.second].name, written, read))
    return tuple(found)


def largest_change(before: Network, after: Network, x: torch.Tensor) -> float:
    """The largest change of a logit, as a share of the largest logit; x (N, C, H, W)."""
    with torch.inference_mode():
        a, b = before(x), after(x)
    return float((a - b).abs().max() / a.abs().max())
