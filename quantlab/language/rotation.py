"""Changes of a model that leave its float answers alone and spread or move outliers: rotation, and SmoothQuant.

Rotation: the residual stream x is read as Q x, with Q orthogonal. Gains of the norms go into the layers that read them, embedding, o and
down are turned by Q, what reads the stream by Qᵀ; the rms of Q x is that of x. Values and o are turned head by head.
SmoothQuant: channel j is divided by s_j = max|x_j|^α / max|w_j|^(1-α) in the norm's gain, and multiplied in the layers that read it.
Sources: Ashkboos et al. 2024, arXiv:2404.00456 (here its offline part); Xiao et al. 2022, arXiv:2211.10438.
"""

from __future__ import annotations

import numpy as np

from quantlab.language.calibration import Calibration
from quantlab.language.config import EMBEDDING, HEAD, NORM, norm_name, tensor_name
from quantlab.language.model import Model
from quantlab.transforms import orthogonal

ALPHA = 0.5
_NORMS = (("input", "attention", ("q", "k", "v")), ("post_attention", "mlp", ("gate", "up")))


def with_gains_folded(model: Model) -> Model:
    """The same model whose norms have gains of one; a tied head becomes a tensor of its own."""
    changed: dict[str, np.ndarray] = {}
    for layer in range(model.config.layers):
        for norm, _, kinds in _NORMS:
            gain = model.weights[norm_name(layer, norm)]
            changed |= {tensor_name(layer, kind): model.linear(layer, kind) * gain for kind in kinds}
            changed[norm_name(layer, norm)] = np.ones_like(gain)
    changed[HEAD] = model.head * model.weights[NORM]
    changed[NORM] = np.ones_like(model.weights[NORM])
    return untied(model).with_weights(changed)


def untied(model: Model) -> Model:
    """The same model with a head of its own."""
    from dataclasses import replace

    if not model.config.tied:
        return model
    return Model(replace(model.config, tied=False), {**model.weights, HEAD: model.head}, model.name)


def rotate(model: Model, seed: int = 0) -> Model:
    """The model that reads and writes Q x."""
    model = with_gains_folded(model)
    c, changed = model.config, {}
    q, turn = orthogonal(c.width, seed), orthogonal(c.head, seed + 1)
    for name in (EMBEDDING, HEAD):
        changed[name] = model.weights[name] @ q.T
    for layer in range(c.layers):
        linear = {kind: model.linear(layer, kind).astype(np.float64) for kind in ("q", "k", "v", "o", "gate", "up", "down")}
        for kind in ("q", "k", "v", "gate", "up"):
            linear[kind] = linear[kind] @ q.T
        linear["o"], linear["down"] = q @ linear["o"], q @ linear["down"]
        linear["v"] = (turn @ linear["v"].reshape(c.key_heads, c.head, c.width)).reshape(linear["v"].shape)
        linear["o"] = (linear["o"].reshape(c.width, c.heads, c.head) @ turn.T).reshape(linear["o"].shape)
        changed |= {tensor_name(layer, kind): w for kind, w in linear.items()}
    return model.with_weights({name: w.astype(np.float32) for name, w in changed.items()})


def smooth(model: Model, calibration: Calibration, alpha: float = ALPHA) -> Model:
    """The model whose norms give channels of more even size."""
    changed: dict[str, np.ndarray] = {}
    for layer in range(model.config.layers):
        for norm, place, kinds in _NORMS:
            largest = np.maximum(calibration[layer, place].largest, 1e-5)
            heaviest = np.maximum(np.max([np.abs(model.linear(layer, kind)).max(axis=0) for kind in kinds], axis=0), 1e-5)
            s = (largest**alpha / heaviest ** (1 - alpha)).astype(np.float32)
            changed[norm_name(layer, norm)] = model.weights[norm_name(layer, norm)] / s
            changed |= {tensor_name(layer, kind): model.linear(layer, kind) * s for kind in kinds}
    return model.with_weights(changed)
