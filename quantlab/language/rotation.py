"""Changes of a model that leave its float answers alone and spread or move outliers: rotation, and SmoothQuant.

Rotation: the residual stream x is read as Q x, with Q orthogonal. Gains of the norms go into the layers that read them, embedding, o and
down are turned by Q, what reads the stream by Qᵀ; the rms of Q x is that of x. Values and o are turned head by head.
SmoothQuant: channel j is divided by s_j = max|x_j|^α / max|w_j|^(1-α) in the norm's gain, and multiplied in the layers that read it.
Sources: Ashkboos et al. 2024, arXiv:2404.00456 (here its offline part); Xiao et al. 2022, arXiv:2211.10438.
"""

from __future__ import annotations

import numpy as np

from quantlab.language.calibration import Calibration
from quantlab.language.config import EMBEDDING, HEAD, KINDS, NORM, Config, norm_name, tensor_name
from quantlab.language.model import READS, Model
from quantlab.transforms import orthogonal

ALPHA = 0.5
WRITERS = ("o", "down")  # kinds that write to the residual stream
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


def turns(config: Config, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """The rotation of the residual stream (width, width) and that of each head (D, D), float64."""
    return orthogonal(config.width, seed), orthogonal(config.head, seed + 1)


def turned(config: Config, kind: str, weight: np.ndarray, by: tuple[np.ndarray, np.ndarray]) -> np.ndarray:
    """A linear layer's weight (out, in), its norm's gain folded in, between turned streams and heads; float32. by : of ``turns``."""
    (q, turn), w = by, weight.astype(np.float64)
    w = q @ w if kind in WRITERS else w @ q.T
    if kind == "v":
        w = (turn @ w.reshape(config.key_heads, config.head, config.width)).reshape(w.shape)
    if kind == "o":
        w = (w.reshape(config.width, config.heads, config.head) @ turn.T).reshape(w.shape)
    answer: np.ndarray = w.astype(np.float32)
    return answer


def rotate(model: Model, seed: int = 0) -> Model:
    """The model that reads and writes Q x."""
    model = with_gains_folded(model)
    c, by = model.config, turns(model.config, seed)
    changed = {name: (model.weights[name] @ by[0].T).astype(np.float32) for name in (EMBEDDING, HEAD)}
    for layer in range(c.layers):
        changed |= {tensor_name(layer, kind): turned(c, kind, model.linear(layer, kind), by) for kind in KINDS}
    return model.with_weights(changed)


def smoothing(model: Model, layer: int, place: str, largest: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """s of the channels that a place behind a norm reads, float32 (width,). largest : their magnitudes on a calibration text."""
    kinds = [kind for kind in KINDS if READS[kind] == place]
    heaviest = np.maximum(np.max([np.abs(model.linear(layer, kind)).max(axis=0) for kind in kinds], axis=0), 1e-5)
    s: np.ndarray = (np.maximum(largest, 1e-5) ** alpha / heaviest ** (1 - alpha)).astype(np.float32)
    return s


def smooth(model: Model, calibration: Calibration, alpha: float = ALPHA) -> Model:
    """The model whose norms give channels of more even size."""
    changed: dict[str, np.ndarray] = {}
    for layer in range(model.config.layers):
        for norm, place, kinds in _NORMS:
            s = smoothing(model, layer, place, calibration[layer, place].largest, alpha)
            changed[norm_name(layer, norm)] = model.weights[norm_name(layer, norm)] / s
            changed |= {tensor_name(layer, kind): model.linear(layer, kind) * s for kind in kinds}
    return model.with_weights(changed)
