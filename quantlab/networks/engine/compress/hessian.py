"""Curvature: the trace of the loss's second derivatives with respect to each layer's weights, and the losses it foretells.

    trace H = E[v' H v]   for v of independent signs (Hutchinson)        foretold loss = trace H / (2 n) ||W_b - W||²

H v is a derivative of (gradient · v), so that H itself is never written down. A layer of small mean curvature can bear few
bits: HAWQ-V2's order.
Sources: Hutchinson 1989, doi:10.1080/03610918908812806; Dong et al. 2020, arXiv:1911.03852.
"""

from __future__ import annotations

import torch
from torch.nn.functional import cross_entropy

from quantlab.networks.data import Images
from quantlab.networks.engine.compress.tune import answers, weight_names
from quantlab.networks.engine.models import Network, tensor_of
from quantlab.progress import Steps

DRAWS = 12
IMAGES = 100


def trace_steps(network: Network, images: Images, draws: int = DRAWS, seed: int = 0) -> Steps[dict[str, float]]:
    """layer -> the trace over its weights, of the mean cross-entropy on these images; yields (draws done, draws)."""
    state = network.modules.state_dict()
    weights = {name: state[name].detach().clone().requires_grad_(True) for name in weight_names(network)}
    loss = cross_entropy(answers(network, weights, tensor_of(images.pixels)), torch.from_numpy(images.labels))
    gradients = torch.autograd.grad(loss, list(weights.values()), create_graph=True)
    draw, sums = torch.Generator().manual_seed(seed), [0.0] * len(weights)
    for done in range(draws):
        yield done, draws
        signs = [torch.randint(0, 2, w.shape, generator=draw) * 2.0 - 1 for w in weights.values()]
        for i, (weight, gradient, v) in enumerate(zip(weights.values(), gradients, signs, strict=True)):
            (product,) = torch.autograd.grad((gradient * v).sum(), weight, retain_graph=True)
            sums[i] += float((product * v).sum()) / draws
    return {name.rpartition(".")[0]: total for name, total in zip(weights, sums, strict=True)}
