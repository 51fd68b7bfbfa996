"""The error of a quantized network layer by layer, and what each layer costs by itself."""

from __future__ import annotations

import torch

from quantlab import metrics
from quantlab.networks.engine.evaluate import Evaluator
from quantlab.networks.engine.models import release, tensor_of
from quantlab.networks.engine.runner import Runner
from quantlab.networks.results import LayerError, Sensitivity
from quantlab.networks.settings import FLOAT, Setting
from quantlab.progress import Steps, counted


@torch.inference_mode()
def layer_errors(runner: Runner, setting: Setting, images: int = 200) -> tuple[LayerError, ...]:
    """The growth of the error from layer to layer, measured on the first test images."""
    x = tensor_of(runner.test.pixels[:images])
    network, prepared = runner.network(setting), runner.prepare(setting)
    last = network.last_reader()
    exact, coarse, errors = {-1: x}, {-1: x}, []
    for place, (step, quantized) in enumerate(zip(network.steps, prepared, strict=True)):
        float_in, quantized_in = [exact[i] for i in step.reads], [coarse[i] for i in step.reads]
        exact[place], coarse[place] = step.module(*float_in), quantized(*quantized_in)
        if step.weighted:
            alone = quantized(*float_in)
            pairs = ((float_in[0], quantized_in[0]), (exact[place], coarse[place]), (exact[place], alone))
            errors.append(LayerError(step.name, *(metrics.sqnr_db(a.numpy(), b.numpy()) for a, b in pairs)))
        release(exact, last, place)
        release(coarse, last, place)
    return tuple(errors)


def sensitivity_steps(
    evaluator: Evaluator, setting: Setting, bits: int, weights: bool = True, activations: bool = True
) -> Steps[tuple[Sensitivity, ...]]:
    """Each layer alone at ``bits``, and all but it; yields (done, total). What comes before the layer is computed once."""
    layers = evaluator.runner.network(setting).layers
    exact = FLOAT.replace(folded=setting.folded)
    everything = setting.all_but("", bits, weights, activations).replace(layer_weights=(), layer_activations=())
    sensitivities = []
    alone_at = [setting.only(layer, bits, weights, activations) for layer in layers]
    others_at = [setting.all_but(layer, bits, weights, activations) for layer in layers]
    for done, (settings, base) in enumerate(((alone_at, exact), (others_at, everything))):
        yield from counted(evaluator.answer_steps(settings, base), done * len(layers), 2 * len(layers))
    for place, layer in enumerate(layers):
        alone, others = evaluator.evaluate(alone_at[place]), evaluator.evaluate(others_at[place])
        sensitivities.append(Sensitivity(layer, alone, others))
    return tuple(sensitivities)
