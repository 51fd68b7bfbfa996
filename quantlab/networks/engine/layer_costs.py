"""Layer costs: bytes and loss of each layer at each bit width, measured for a bit budget.

A layer's loss is how far the answers move when it alone has few bits: the mean Kullback-Leibler divergence, in bits, of
the network's class probabilities from the float network's. It needs no labels, and it is measured on the calibration
images, so that no bits are chosen by looking at the test. That losses of single layers add up is an assumption;
``measured_steps`` shows beside it what each plan really does on the test images.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from math import ceil, log, nan

import numpy as np

from quantlab.networks.budget import LayerCosts, Plan
from quantlab.networks.engine.evaluate import Evaluator
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.sizes import memory
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.settings import FLOAT, Setting
from quantlab.progress import Steps

WIDTHS = (2, 3, 4, 5, 6, 8)


def on_calibration(evaluator: Evaluator) -> Evaluator:
    """An evaluator of the same network on its calibration images in place of the test images."""
    data = evaluator.runner.data
    return Evaluator(evaluator.runner.on(replace(data, test=data.calibration)), evaluator.store)


def divergence(reference: np.ndarray, logits: np.ndarray) -> float:
    """Mean divergence of the probabilities of ``logits`` from those of ``reference``, (N, C) both, in bits, 0 or more.

    >>> round(divergence(np.log([[0.5, 0.5]]), np.log([[0.25, 0.75]])), 12)  # (log2(0.5 / 0.25) + log2(0.5 / 0.75)) / 2
    0.207518749639
    """
    p, q = _log_softmax(reference), _log_softmax(logits)
    return max(float((np.exp(p) * (p - q)).sum(axis=1).mean()) / log(2), 0.0)


def layer_cost_steps(evaluator: Evaluator, setting: Setting, widths: Sequence[int] = WIDTHS) -> Steps[LayerCosts]:
    """Bytes with scales and biases, and loss, of every layer's weights at every width; yields (done, total).

    ``evaluator`` answers the images to measure on: see ``on_calibration``.
    """
    exact = FLOAT.replace(folded=setting.folded)
    layers = evaluator.runner.network(setting).layers
    sizes, losses = np.zeros((len(layers), len(widths)), np.int64), np.zeros((len(layers), len(widths)))
    for column, bits in enumerate(widths):
        sizes[:, column] = layer_bytes(evaluator.runner, setting, bits)
    yield from evaluator.answer_steps([setting.only(layer, bits, activations=False) for layer in layers for bits in widths], exact)
    for row, layer in enumerate(layers):
        for column, bits in enumerate(widths):
            alone = evaluator.evaluate(setting.only(layer, bits, activations=False), base=exact)
            losses[row, column] = divergence(alone.reference, alone.logits)
    return LayerCosts(layers, tuple(widths), sizes, losses)


def layer_bytes(runner: Runner, setting: Setting, bits: int) -> np.ndarray:
    """Bytes of every layer's weights and bias at these bits, scales among them, rounded up: int64 (L,)."""
    uniform = setting.replace(weights=bits, activations=None, inputs=None, ends_at_8=False, layer_weights=(), layer_activations=())
    return np.array([ceil(memory(p, uniform)) for p in runner.prepare(uniform) if p.step.weighted], np.int64)


def uniform_plan(costs: LayerCosts, runner: Runner, setting: Setting, bits: int) -> Plan:
    """The plan of equal bits for every layer; its loss is NaN where the costs have no such bits."""
    loss = float(costs.loss[:, costs.bits.index(bits)].sum()) if bits in costs.bits else nan
    return Plan(tuple((layer, bits) for layer in costs.layers), int(layer_bytes(runner, setting, bits).sum()), loss)


def outcome(evaluator: Evaluator, calibration: Evaluator, setting: Setting, plan: Plan) -> tuple[Evaluation, float]:
    """A plan's answers to the test images, and how far it moves the answers to those that losses are measured on, in bits."""
    whole = setting.replace(layer_weights=plan.bits)
    answers = calibration.evaluate(whole)
    return evaluator.evaluate(whole), divergence(answers.reference, answers.logits)


def measured_steps(evaluator: Evaluator, setting: Setting, plans: Sequence[Plan]) -> Steps[tuple[tuple[Plan, Evaluation], ...]]:
    """Evaluations of each plan, everything else as the setting has it; yields (done, total)."""
    outcomes = []
    for done, plan in enumerate(plans):
        yield done, len(plans)
        outcomes.append((plan, evaluator.evaluate(setting.replace(layer_weights=plan.bits))))
    return tuple(outcomes)


def _log_softmax(logits: np.ndarray) -> np.ndarray:
    shifted = logits.astype(np.float64) - logits.max(axis=1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=1, keepdims=True))
