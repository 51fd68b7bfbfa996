"""Networks that run, quantized for real: the only place that imports torch. Loaded when first used, not before.

>>> runner = Runner(*shipped("plain"), images=200)
>>> result = Evaluator(runner, Store(None)).evaluate(Setting(weights=8, activations=8))
>>> result.top(5).value > result.top(1).value > 0.8
True
"""

import torch

from quantlab.networks.data import DATA, DataSet, Images
from quantlab.networks.engine.evaluate import CURVES, WIDTHS, Evaluator, bit_settings, evaluation_steps, widths_of
from quantlab.networks.engine.inside import FeatureMaps, Spread, activation_spread, feature_maps, weight_spread
from quantlab.networks.engine.models import MODELS, Network, Step
from quantlab.networks.engine.quantized import ACTIVATIONS, FLOAT, WEIGHTS, Setting
from quantlab.networks.engine.runner import Runner
from quantlab.networks.engine.shipped import shipped
from quantlab.networks.engine.sizes import LayerSize, Size, size
from quantlab.networks.engine.states import with_file, with_state
from quantlab.networks.engine.understand import LayerError, Sensitivity, layer_errors, sensitivity_steps
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.statistics import Difference, Interval, difference, mcnemar, wilson
from quantlab.networks.store import Store

torch.set_num_threads(1)  # batches run on threads of ours: torch's own wait for each other after every operation

__all__ = [
    "ACTIVATIONS",
    "CURVES",
    "DATA",
    "FLOAT",
    "MODELS",
    "WEIGHTS",
    "WIDTHS",
    "DataSet",
    "Difference",
    "Evaluation",
    "Evaluator",
    "FeatureMaps",
    "Images",
    "Interval",
    "LayerError",
    "LayerSize",
    "Network",
    "Runner",
    "Sensitivity",
    "Setting",
    "Size",
    "Spread",
    "Step",
    "Store",
    "activation_spread",
    "bit_settings",
    "difference",
    "evaluation_steps",
    "feature_maps",
    "layer_errors",
    "mcnemar",
    "sensitivity_steps",
    "shipped",
    "size",
    "weight_spread",
    "widths_of",
    "wilson",
    "with_file",
    "with_state",
]
