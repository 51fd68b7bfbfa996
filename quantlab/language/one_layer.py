"""One linear layer and what it reads: as it is, with SmoothQuant, and with a rotation, the rest of the model left alone.

    reads x / s, weighs w s          SmoothQuant, where a norm gives x; elsewhere nothing changes
    reads Q x / g, weighs w g Qᵀ     rotation, where a norm of gain g gives x; values turn head by head, outputs by Q

The same numbers as of a model that is changed as a whole (``rotation.py``), without its other layers.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quantlab.language.config import norm_name
from quantlab.language.model import READS, Model
from quantlab.language.outliers import reads
from quantlab.language.rotation import smoothing, turned, turns

_NORMS = {"attention": "input", "mlp": "post_attention"}


@dataclass(frozen=True, eq=False)
class OneLayer:
    """reads : what the layer reads on a text, (T, K). weight : (out, K)."""

    reads: np.ndarray
    weight: np.ndarray


def changes(model: Model, tokens: np.ndarray, layer: int, kind: str, largest: np.ndarray) -> Mapping[str, OneLayer]:
    """The layer as it is (``none``), with SmoothQuant (``smooth``) and rotated (``rotate``).

    tokens : at most one context of them is read. largest : each channel's largest magnitude on a calibration text, (K,).
    """
    c, place, weight = model.config, READS[kind], model.linear(layer, kind)
    by = turns(c)
    if place not in _NORMS:
        x = reads(model, tokens, (layer, place))
        spun = x if place == "inner" else (x.reshape(len(x), c.heads, c.head) @ by[1].T).reshape(x.shape).astype(np.float32)
        return {"none": OneLayer(x, weight), "smooth": OneLayer(x, weight), "rotate": OneLayer(spun, turned(c, kind, weight, by))}
    name = norm_name(layer, _NORMS[place])
    gain = model.weights[name]
    plain = reads(model.with_weights({name: np.ones_like(gain)}), tokens, (layer, place))  # what the norm gives before its gain
    x, s = plain * gain, smoothing(model, layer, place, largest)
    return {
        "none": OneLayer(x, weight),
        "smooth": OneLayer(plain * (gain / s), weight * s),
        "rotate": OneLayer((plain @ by[0].T).astype(np.float32), turned(c, kind, weight * gain, by)),
    }
