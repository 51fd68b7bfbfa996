"""Forward passes of models that share their first layers: what lies before the first difference is computed once."""

from __future__ import annotations

import numpy as np

from quantlab.language.model import Hooks, Model, embedded, logits_of, residual


class Suffix:
    """``forward`` of models that differ from ``model`` from one layer on: what lies before it is computed once for each text.

    What a hook would see or change before that layer is passed over.
    """

    def __init__(self, model: Model, layer: int) -> None:
        self.model, self.layer = model, layer
        self._known: dict[tuple[bytes, tuple[int, ...]], np.ndarray] = {}

    def __call__(self, model: Model, tokens: np.ndarray, hooks: Hooks | None = None) -> np.ndarray:
        """Logits (N, T, vocabulary) of tokens (N, T)."""
        key = tokens.tobytes(), tokens.shape
        if key not in self._known:
            self._known[key] = residual(self.model, embedded(self.model, tokens), range(self.layer))
        return logits_of(model, residual(model, self._known[key], range(self.layer, model.config.layers), hooks), hooks)
