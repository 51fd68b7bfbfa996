"""Networks of one's own: any ``nn.Module`` of supported layers becomes a list of steps.

The module is traced once with symbols in place of numbers (torch.fx): what it calls, in which order, on which results. A skip
connection is a sum of two results. What is not supported is refused by name, with what to write instead.
"""

from __future__ import annotations

import copy
import operator
from collections.abc import Callable
from typing import Any  # arguments of traced calls have no static types

import torch
from torch import fx, nn
from torch.nn import functional

from quantlab.networks.engine.models import Network, Step
from quantlab.networks.engine.wrapping import Add

LAYERS: tuple[type[nn.Module], ...] = (
    nn.Conv2d,
    nn.Linear,
    nn.BatchNorm1d,
    nn.BatchNorm2d,
    nn.ReLU,
    nn.ReLU6,
    nn.MaxPool2d,
    nn.AvgPool2d,
    nn.AdaptiveAvgPool2d,
    nn.Flatten,
    nn.Dropout,
    nn.Identity,
    Add,
)
_INSTEAD = {
    "GELU": "nn.ReLU",
    "SiLU": "nn.ReLU",
    "Hardswish": "nn.ReLU6",
    "LeakyReLU": "nn.ReLU",
    "Sigmoid": "nn.ReLU, and nothing after the last layer",
    "Softmax": "nothing after the last layer: the outputs are logits",
    "LayerNorm": "nn.BatchNorm2d",
    "GroupNorm": "nn.BatchNorm2d",
    "view": "nn.Flatten()",
    "reshape": "nn.Flatten()",
    "size": "nn.Flatten() in place of a view",
    "mean": "nn.AdaptiveAvgPool2d(1)",
    "cat": "a sum of two results, a + b",
}


def wrap_module(module: nn.Module, slug: str = "own", title: str = "A network of one's own") -> Network:
    """The module as a network, evaluating; its weights are copies, the module stays as it is.

    It takes one tensor float32 (N, C, H, W) of pixels from 0 to 1 and gives logits (N, classes). ValueError names what is not
    supported and the remedy.
    """
    try:
        traced = fx.symbolic_trace(copy.deepcopy(module))
    except (fx.proxy.TraceError, TypeError) as error:
        raise ValueError(
            f"the module decides on values while it runs ({error}); write its forward without if and for over tensors"
        ) from error
    places: dict[fx.Node, int] = {}
    steps: list[Step] = []
    for node in traced.graph.nodes:
        if node.op == "placeholder":
            if places:
                raise ValueError(f"the module takes more than one input ({node.name}); give it one tensor of pixels")
            places[node] = -1
        elif node.op == "output":
            _check_output(node, steps, places)
        else:
            steps.append(Step(node.name, _module(traced, node), tuple(_reads(node, places))))
            places[node] = len(steps) - 1
    network = Network(slug, title, tuple(steps))
    if not network.layers:
        raise ValueError("the module has no Conv2d and no Linear, so that there is nothing to quantize; give it at least one")
    for step in steps:
        step.module.eval()
    return network


def _check_output(node: fx.Node, steps: list[Step], places: dict[fx.Node, int]) -> None:
    result = node.args[0]
    if not isinstance(result, fx.Node):
        raise ValueError("the module gives several results; give its logits alone")
    if places[result] != len(steps) - 1:
        raise ValueError(f"the module computes {steps[-1].name} and does not give it; leave out what is not used")


def _reads(node: fx.Node, places: dict[fx.Node, int]) -> list[int]:
    """The places of the tensors that a call reads; of a sum both."""
    tensors = [argument for argument in node.args if isinstance(argument, fx.Node)]
    if any(isinstance(value, fx.Node) for value in node.kwargs.values()):
        raise ValueError(f"{node.name} takes a tensor by name; give it by place")
    return [places[tensor] for tensor in tensors]


def _module(traced: fx.GraphModule, node: fx.Node) -> nn.Module:
    """The module that does what a call does."""
    if node.op == "call_module":
        module = traced.get_submodule(str(node.target))
        if not isinstance(module, LAYERS):
            raise _refused(node.name, type(module).__name__)
        if hasattr(module, "inplace"):
            module.inplace = False  # type: ignore[assignment]
        return copy.deepcopy(module)
    name = node.target if isinstance(node.target, str) else getattr(node.target, "__name__", str(node.target))
    make = _CALLS.get(str(name)) if node.op in ("call_function", "call_method") else None
    if make is None:
        raise _refused(node.name, str(name))
    options = [argument for argument in node.args if not isinstance(argument, fx.Node)]
    return _made(make, node, options)


def _made(make: Callable[..., nn.Module], node: fx.Node, options: list[Any]) -> nn.Module:
    tensors = len(node.args) - len(options)
    if make is Add and (tensors != 2 or options or node.kwargs):
        raise ValueError(f"{node.name} does not add two results of the network; a sum adds two of them and nothing else")
    try:
        return make(*options, **{name: value for name, value in node.kwargs.items() if name not in ("inplace", "training")})
    except TypeError as error:
        raise ValueError(f"{node.name} is called in a way that is not supported ({error}); write it as a module of torch.nn") from error


def _flatten(start_dim: int = 0, end_dim: int = -1) -> nn.Module:
    if start_dim != 1:
        raise ValueError(f"a flatten begins at dimension {start_dim}, where the images are; write flatten(1)")
    return nn.Flatten(start_dim, end_dim)


_CALLS: dict[str, Callable[..., nn.Module]] = {
    **{call.__name__: Add for call in (operator.add, operator.iadd, torch.add)},
    torch.relu.__name__: nn.ReLU,
    functional.relu6.__name__: nn.ReLU6,
    "flatten": _flatten,
    functional.dropout.__name__: nn.Dropout,
    "max_pool2d": nn.MaxPool2d,
    functional.avg_pool2d.__name__: nn.AvgPool2d,
    functional.adaptive_avg_pool2d.__name__: nn.AdaptiveAvgPool2d,
}


def _refused(name: str, kind: str) -> ValueError:
    supported = ", ".join(layer.__name__ for layer in LAYERS if layer is not Add)
    instead = f"use {_INSTEAD[kind]}" if kind in _INSTEAD else f"supported are {supported} and sums of two results"
    return ValueError(f"{name} is {kind}, which is not supported here; {instead}")
