"""A folded network whose weighted steps round their weights and what flows into them while it learns.

Each quantizer is a module with ``forward``; what it is called is the request's slug. Weights are symmetric, restricted (q =
2^(b-1) - 1), activations after ReLU unsigned. The picture enters at 8 bits, which is exact.
"""

from __future__ import annotations

import copy
from collections.abc import Callable

import numpy as np
import torch
from torch import nn

import quantlab as ql
from quantlab.networks.engine.calibration import Observer
from quantlab.networks.engine.models import Network, Step, Weighted
from quantlab.networks.engine.training import few_levels
from quantlab.networks.engine.training.gradients import with_rounded_gradient
from quantlab.networks.engine.training.lsq import learned_step
from quantlab.networks.engine.training.pact import clipped
from quantlab.networks.engine.training.passing import passing
from quantlab.networks.training import TrainingRequest
from quantlab.types import QuantSpec

LEAST = 1e-6  # of a step that is held above zero
CALIBRATED_ON = 200  # images
MOMENTUM = 0.05  # of an observer's running range


class Quantizer(nn.Module):
    """A quantizer that trains. ``step`` : float32, one or one an output channel; nan where levels have no common step."""

    step: torch.Tensor
    qmax: int

    def mend(self) -> None:
        """After each step of the optimizer: what keeps the quantizer sound. Nothing, where nothing can go wrong."""


class LearnedStep(Quantizer):
    """LSQ with the request's cure. ``step`` : float32, of any sign where there is no cure."""

    def __init__(self, start: torch.Tensor, qmin: int, qmax: int, request: TrainingRequest) -> None:
        super().__init__()
        self.qmin, self.qmax, self.cure = qmin, qmax, request.cure
        start = start.clamp(min=LEAST)
        self.learned = nn.Parameter(start.log() if self.cure == "log" else start.clone())

    @property
    def step(self) -> torch.Tensor:  # type: ignore[override]
        return self.learned.exp() if self.cure == "log" else self.learned

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return learned_step(x, self.step, self.qmin, self.qmax)

    def mend(self) -> None:
        """After each step of the optimizer: what the cure does."""
        if self.cure == "floor":
            self.learned.data.clamp_(min=LEAST)


class Momentary(Quantizer):
    """The straight-through estimator with the range of the moment: the step follows from the largest magnitude."""

    def __init__(self, start: torch.Tensor, qmin: int, qmax: int, request: TrainingRequest) -> None:
        super().__init__()
        self.qmin, self.qmax = qmin, qmax
        self.register_buffer("step", start.clone())

    def of_moment(self, w: torch.Tensor) -> torch.Tensor:
        """The step of these weights, of the shape that it began with."""
        axes = tuple(i for i in range(w.ndim) if self.step.ndim and self.step.shape[i] == 1) or tuple(range(w.ndim))
        return (w.detach().abs().amax(dim=axes, keepdim=bool(self.step.ndim)) / self.qmax).clamp(min=LEAST)

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        self.step = self.of_moment(w) if self.training else self.step
        return learned_step(w, self.step, self.qmin, self.qmax, 0.0)


class FewLevels(Quantizer):
    """Ternary or binary weights."""

    def __init__(self, rule: Callable[[torch.Tensor], torch.Tensor]) -> None:
        super().__init__()
        self.rule = rule
        self.register_buffer("step", torch.tensor(float("nan")))

    def forward(self, w: torch.Tensor) -> torch.Tensor:
        return self.rule(w)


class LearnedClip(Quantizer):
    """PACT."""

    def __init__(self, start: torch.Tensor, qmin: int, qmax: int, request: TrainingRequest) -> None:
        super().__init__()
        self.bits, self.qmax = request.width, qmax
        self.clip = nn.Parameter(start * qmax)

    @property
    def step(self) -> torch.Tensor:  # type: ignore[override]
        return self.clip / self.qmax

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return clipped(x, self.clip, self.bits)

    def mend(self) -> None:
        """A clip of zero would let nothing through."""
        self.clip.data.clamp_(min=LEAST * self.qmax)


class Observed(Quantizer):
    """The largest value seen, running. observing : goes on outside of training too, so that an answer depends on its batch."""

    def __init__(self, start: torch.Tensor, qmin: int, qmax: int, request: TrainingRequest) -> None:
        super().__init__()
        self.qmin, self.qmax, self.observing = qmin, qmax, request.observing
        self.register_buffer("step", start.clone())

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        if self.training or self.observing:
            now = x.detach().amax() / self.qmax
            self.step = ((1 - MOMENTUM) * self.step + MOMENTUM * now).clamp(min=LEAST)
        return learned_step(x, self.step, self.qmin, self.qmax, 0.0)


class Picture(Quantizer):
    """The input at 8 bits, range 0 to 1."""

    def __init__(self) -> None:
        super().__init__()
        self.qmax = 255
        self.register_buffer("step", torch.tensor(1 / 255))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        return (x * 255).round().clamp(0, 255) / 255


_OF_WEIGHTS: dict[str, Callable[[torch.Tensor, int, int, TrainingRequest], Quantizer]] = {
    "lsq": LearnedStep,
    "ste": Momentary,
    "ternary": lambda *_: FewLevels(few_levels.ternary),
    "binary": lambda *_: FewLevels(few_levels.binary),
}
_OF_ACTIVATIONS: dict[str, Callable[[torch.Tensor, int, int, TrainingRequest], Quantizer]] = {
    "lsq": LearnedStep,
    "pact": LearnedClip,
    "observed": Observed,
}


class RoundedLayer(nn.Module):
    """A convolution or linear layer, its latent weights in float and its quantizers."""

    def __init__(self, layer: Weighted, weights: Quantizer, flowing_in: Quantizer | None, request: TrainingRequest) -> None:
        super().__init__()
        self.layer, self.weights = copy.deepcopy(layer).requires_grad_(True), weights
        self.flowing_in, self.request = flowing_in, request
        self.draws = torch.Generator().manual_seed(request.seed)

    @property
    def latent(self) -> torch.Tensor:
        """The weights that learn, as the forward pass reads them."""
        w = self.layer.weight
        return passing(w, w.bfloat16().float()) if self.request.precision != "float32" else w

    @property
    def used(self) -> torch.Tensor:
        """The weights that the forward pass uses."""
        values: torch.Tensor = self.weights(self.latent)
        return values

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        x = self.flowing_in(x) if self.flowing_in is not None else x
        y = self._linear(x, self.used)
        r = self.request
        return y if r.gradient == "float" else with_rounded_gradient(y, r.gradient_bits, r.gradient == "stochastic", self.draws)

    def _linear(self, x: torch.Tensor, w: torch.Tensor) -> torch.Tensor:
        layer = self.layer
        if isinstance(layer, nn.Linear):
            return nn.functional.linear(x, w, layer.bias)
        return layer._conv_forward(x, w, layer.bias)

    def mend(self) -> None:
        """After each step of the optimizer."""
        self.weights.mend()
        if self.flowing_in is not None:
            self.flowing_in.mend()
        if self.request.precision == "bf16-only":
            for parameter in self.layer.parameters():
                parameter.data = parameter.data.bfloat16().float()


def rounded_network(network: Network, calibration: np.ndarray, request: TrainingRequest) -> Network:
    """The folded network with quantizers of least squared error, found on calibration images; uint8 (N, H, W, C)."""
    observer = Observer(network, calibration)
    steps = [
        _rounded(step, network, observer, request) if step.weighted else Step(step.name, copy.deepcopy(step.module), step.reads)
        for step in network.steps
    ]
    return Network(network.slug, network.title, tuple(steps))


def layers_of(network: Network) -> dict[str, RoundedLayer]:
    """The weighted steps by name."""
    return {step.name: step.module for step in network.steps if isinstance(step.module, RoundedLayer)}


def _rounded(step: Step, network: Network, observer: Observer, request: TrainingRequest) -> Step:
    weight = step.layer.weight.detach()
    q = 2 ** (request.width - 1) - 1
    weights = _OF_WEIGHTS[request.weights](_weight_step(weight, request), -q, q, request)
    into: Quantizer | None = Picture() if step.name == network.layers[0] else None
    if into is None and request.activations != "float":
        spec = QuantSpec("int-asymmetric", bits=request.width, calibrator="mse", arithmetic="torch_fake")
        images = min(CALIBRATED_ON, len(observer.pixels))
        start = torch.tensor(float(observer.qparams(step.name, spec, images).scale.ravel()[0]))
        into = _OF_ACTIVATIONS[request.activations](start, 0, 2**request.width - 1, request)
    return step.with_module(RoundedLayer(step.layer, weights, into, request))


def _weight_step(weight: torch.Tensor, request: TrainingRequest) -> torch.Tensor:
    """The step of least squared error: a number, or (out, 1, ...)."""
    channel = request.sharing == "channel"
    spec = QuantSpec("int-symmetric", bits=request.width, calibrator="mse", granularity=ql.per_channel(0) if channel else ql.per_tensor())
    scale = torch.from_numpy(ql.quantize(weight.reshape(len(weight), -1).numpy(), spec).qparams.scale).float()
    return scale.reshape(-1, *[1] * (weight.ndim - 1)) if channel else scale.reshape(())
