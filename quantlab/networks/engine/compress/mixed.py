"""Bits for each layer's codebook: what they cost in the file, and the loss that is measured, or foretold by curvature.

Both losses are read off the calibration images: measured, the divergence of the answers when this layer alone is shared; foretold,
by the trace of the Hessian (``hessian.py``). ``budget.py`` spends the bytes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from quantlab.networks.budget import LayerCosts
from quantlab.networks.compressed import section
from quantlab.networks.engine.compress.hessian import IMAGES, trace_steps
from quantlab.networks.engine.compress.shrink import Answers, Shrinker, network_of, pruned_steps, shared, shrink_steps
from quantlab.networks.engine.layer_costs import divergence
from quantlab.networks.shrinking import Shrinking
from quantlab.progress import Steps

OFFERED = (1, 2, 3, 4, 5, 6)  # bits that a layer's codebook may have


@dataclass(frozen=True, eq=False)
class MixedCosts:
    """Costs of every layer at every width. measured, foretold : the same bytes with two kinds of losses. traces : layer -> trace."""

    measured: LayerCosts
    foretold: LayerCosts
    traces: dict[str, float]


def mixed_cost_steps(of: Shrinker, shrinking: Shrinking, offered: Sequence[int] = OFFERED) -> Steps[MixedCosts]:
    """Costs from the network pruned as ``shrinking`` says; yields (done, total)."""
    layers = of.network.layers
    total = (len(layers) + 1) * len(offered)
    yield 0, total
    base = shrinking.replace(bits=None, layer_bits=(), epochs=0)
    pruned = yield from pruned_steps(of, base)
    tensors = {tensor.name.rpartition(".")[0]: tensor for tensor in pruned.tensors if tensor.name in of.magnitudes}
    traces = yield from trace_steps(network_of(of.network, pruned), of.data.calibration.first(IMAGES))
    answers = Answers(network_of(of.network, pruned), replace(of.data, test=of.data.calibration), len(of.data.calibration))
    sizes, losses, foretold = np.zeros((len(layers), len(offered)), np.int64), *(np.zeros((len(layers), len(offered))) for _ in range(2))
    for row, layer in enumerate(layers):
        for column, bits in enumerate(offered):
            yield (row + 1) * len(offered) + column, total
            alone = base.replace(layer_bits=((layer, bits),))
            (coded,) = (t for t in shared(pruned, alone).tensors if t.name == f"{layer}.weight")
            sizes[row, column] = len(section(coded, shrinking.huffman))
            moved = np.square(coded.array() - tensors[layer].array()).sum()
            foretold[row, column] = max(traces[layer], 0.0) / (2 * tensors[layer].kept) * float(moved) if tensors[layer].kept else 0.0
            small = yield from shrink_steps(of, alone)
            losses[row, column] = divergence(answers.reference, answers.evaluate(small).logits)
    args = layers, tuple(offered), sizes
    return MixedCosts(LayerCosts(*args, losses), LayerCosts(*args, foretold), traces)
