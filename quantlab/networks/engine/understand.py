"""Where in the network does the damage arise? The error layer by layer, and what each layer costs by itself."""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass

import torch

from quantlab import metrics
from quantlab.networks.engine.evaluate import Evaluator, Progress
from quantlab.networks.engine.models import let_go, tensor_of
from quantlab.networks.engine.quantized import FLOAT, Bits, Setting
from quantlab.networks.engine.runner import Runner
from quantlab.networks.evaluation import Evaluation


@dataclass(frozen=True)
class LayerError:
    """SQNR in dB, inf without error. arriving : of what the earlier layers hand on, before it is quantized here.

    output : of what this layer hands on in the quantized network. alone : of its output, had it been given the float
    network's activations.
    """

    layer: str
    arriving: float
    output: float
    alone: float


@torch.inference_mode()
def layer_errors(runner: Runner, setting: Setting, images: int = 200) -> tuple[LayerError, ...]:
    """How the error grows from layer to layer, measured on the first test images."""
    x = tensor_of(runner.test.pixels[:images])
    network, prepared = runner.network(setting), runner.prepare(setting)
    last = network.last_reader()
    exact, coarse, found = {-1: x}, {-1: x}, []
    for place, (step, quantized) in enumerate(zip(network.steps, prepared, strict=True)):
        float_in, quantized_in = [exact[i] for i in step.reads], [coarse[i] for i in step.reads]
        exact[place], coarse[place] = step.module(*float_in), quantized(*quantized_in)
        if step.weighted:
            alone = quantized(*float_in)
            pairs = ((float_in[0], quantized_in[0]), (exact[place], coarse[place]), (exact[place], alone))
            found.append(LayerError(step.name, *(metrics.sqnr_db(a.numpy(), b.numpy()) for a, b in pairs)))
        let_go(exact, last, place)
        let_go(coarse, last, place)
    return tuple(found)


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """alone : this layer quantized and all others float. all_but : all quantized and this one float."""

    layer: str
    alone: Evaluation
    all_but: Evaluation


def only(setting: Setting, layer: str, bits: Bits, weights: bool = True, activations: bool = True) -> Setting:
    """One layer at these bits, all else float."""
    return setting.replace(
        weights=None,
        activations=None,
        inputs=None,
        ends_at_8=False,
        layer_weights=((layer, bits),) if weights else (),
        layer_activations=((layer, bits),) if activations else (),
    )


def all_but(setting: Setting, layer: str, bits: Bits, weights: bool = True, activations: bool = True) -> Setting:
    """Every layer at these bits, the input picture as the setting has it; this one layer float."""
    return setting.replace(
        weights=bits if weights else None,
        activations=bits if activations else None,
        ends_at_8=False,
        layer_weights=((layer, None),),
        layer_activations=((layer, None),),
    )


def sensitivity_steps(
    evaluator: Evaluator, setting: Setting, bits: int, weights: bool = True, activations: bool = True
) -> Generator[Progress, None, tuple[Sensitivity, ...]]:
    """Each layer alone at ``bits``, and all but it; yields (done, total). What comes before the layer is computed once."""
    layers = evaluator.runner.network(setting).layers
    exact = FLOAT.replace(folded=setting.folded)
    everything = all_but(setting, "", bits, weights, activations).replace(layer_weights=(), layer_activations=())
    found = []
    for done, layer in enumerate(layers):
        yield 2 * done, 2 * len(layers)
        alone = evaluator.evaluate(only(setting, layer, bits, weights, activations), base=exact)
        yield 2 * done + 1, 2 * len(layers)
        found.append(Sensitivity(layer, alone, evaluator.evaluate(all_but(setting, layer, bits, weights, activations), base=everything)))
    return tuple(found)
