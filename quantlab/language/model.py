"""The forward pass of a Llama decoder in plain numpy: RMSNorm, rotary positions, grouped-query attention, SwiGLU.

    x += O · attention(rotary(Q y), rotary(K y), V y),   y = x / rms(x) · g
    x += D · (silu(G y) · U y),                          y = x / rms(x) · g

``Hooks`` see, and may change, what the linear layers read and what the cache holds: calibration, activations in few bits and the KV
cache in few bits are hooks. Keys enter the cache after their rotation.
Sources: Touvron et al. 2023, arXiv:2302.13971; Su et al. 2021, arXiv:2104.09864; Ainslie et al. 2023, arXiv:2305.13245.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from quantlab.language.config import EMBEDDING, HEAD, NORM, Config, norm_name, tensor_name

READS = {"q": "attention", "k": "attention", "v": "attention", "o": "mixed", "gate": "mlp", "up": "mlp", "down": "inner"}


class Hooks:
    """What stands between the parts of the forward pass; by itself it changes nothing."""

    def read(self, layer: int, place: str, x: np.ndarray) -> np.ndarray:
        """What linear layers read, (..., in); place : a value of ``READS``, or ``head``."""
        return x

    def cached(self, layer: int, keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Keys and values (N, heads, T, D) as attention reads them back from the cache."""
        return keys, values

    recent = 0  # tokens of the newest group that attention still reads as they were: 0, or the size of a group


@dataclass(frozen=True, eq=False)
class Model:
    """weights : float32 by Hugging Face's names, linear ones (out, in). name : for people and for keys."""

    config: Config
    weights: Mapping[str, np.ndarray]
    name: str = "model"

    def linear(self, layer: int, kind: str) -> np.ndarray:
        """One linear layer's weight, (out, in)."""
        return self.weights[tensor_name(layer, kind)]

    @property
    def head(self) -> np.ndarray:
        """The weight that makes logits, (vocabulary, width)."""
        return self.weights[EMBEDDING if self.config.tied else HEAD]

    def with_weights(self, changed: Mapping[str, np.ndarray]) -> Model:
        """The model with some tensors replaced."""
        return Model(self.config, {**self.weights, **changed}, self.name)


@dataclass
class Cache:
    """Keys and values of all layers so far, (N, heads, T, D) each."""

    keys: list[np.ndarray] = field(default_factory=list)
    values: list[np.ndarray] = field(default_factory=list)

    @property
    def length(self) -> int:
        """Tokens held."""
        return self.keys[0].shape[2] if self.keys else 0

    def extend(self, layer: int, keys: np.ndarray, values: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Append, and give all of the layer."""
        if layer == len(self.keys):
            self.keys.append(keys)
            self.values.append(values)
        else:
            self.keys[layer] = np.concatenate([self.keys[layer], keys], axis=2)
            self.values[layer] = np.concatenate([self.values[layer], values], axis=2)
        return self.keys[layer], self.values[layer]


def normed(x: np.ndarray, gain: np.ndarray, epsilon: float) -> np.ndarray:
    """RMSNorm.

    >>> normed(np.array([[3.0, 4.0]]), np.ones(2), 0.0).round(4)  # rms = sqrt(25 / 2) = 3.5355
    array([[0.8485, 1.1314]])
    """
    scale: np.ndarray = 1 / np.sqrt(np.mean(np.square(x), axis=-1, keepdims=True) + epsilon)
    return x * scale * gain


def rotated(x: np.ndarray, start: int, theta: float) -> np.ndarray:
    """Rotary positions on (N, heads, T, D), the first of them ``start``: number i turns with number i + D / 2."""
    half = x.shape[-1] // 2
    angles = np.outer(np.arange(start, start + x.shape[-2]), theta ** (-np.arange(half) / half))  # (T, D / 2)
    cos, sin = np.cos(angles).astype(x.dtype), np.sin(angles).astype(x.dtype)
    a, b = x[..., :half], x[..., half:]
    return np.concatenate([a * cos - b * sin, b * cos + a * sin], axis=-1)


def softmax(x: np.ndarray) -> np.ndarray:
    """Shares along the last axis."""
    e = x - x.max(axis=-1, keepdims=True)
    np.exp(e, out=e)
    e /= e.sum(axis=-1, keepdims=True)
    return e


def log_softmax(logits: np.ndarray) -> np.ndarray:
    """Logarithms of the shares along the last axis, in nats."""
    shifted = logits - logits.max(axis=-1, keepdims=True)
    return shifted - np.log(np.exp(shifted).sum(axis=-1, keepdims=True))


def attention(q: np.ndarray, k: np.ndarray, v: np.ndarray, layer: int, hooks: Hooks) -> np.ndarray:
    """(N, heads, T, D) from queries of the last T tokens, keys and values (N, key heads, all, D)."""
    n, heads, t, width = q.shape
    every, share = k.shape[2], heads // k.shape[1]
    place, seen = np.arange(every - t, every)[:, None], np.arange(every)[None]
    q = q.reshape(n, k.shape[1], share * t, width) / np.float32(np.sqrt(width))
    kept_k, kept_v = hooks.cached(layer, k, v)
    scores = (q @ kept_k.swapaxes(-1, -2)).reshape(n, heads, t, every)
    if hooks.recent:  # what is not a whole group yet lies in the cache as it was
        old = seen // hooks.recent < (place + 1) // hooks.recent
        scores = np.where(old, scores, (q @ k.swapaxes(-1, -2)).reshape(n, heads, t, every))
    np.copyto(scores, np.float32(-np.inf), where=seen > place)
    shares = softmax(scores)

    def mix(shares: np.ndarray, v: np.ndarray) -> np.ndarray:
        return (shares.reshape(n, v.shape[1], share * t, every) @ v).reshape(n, heads, t, width)

    return mix(shares * old, kept_v) + mix(shares * ~old, v) if hooks.recent else mix(shares, kept_v)


def embedded(model: Model, tokens: np.ndarray) -> np.ndarray:
    """The residual stream before the first layer, (N, T, width), of tokens (N, T); ValueError where one is none of the vocabulary."""
    tokens = np.asarray(tokens)
    if tokens.size == 0 or tokens.min() < 0 or tokens.max() >= model.config.vocabulary:
        raise ValueError(
            f"tokens must be whole numbers from 0 to {model.config.vocabulary - 1}, at least one; tokenize with the model's own tokenizer"
        )
    return model.weights[EMBEDDING][tokens]


def residual(model: Model, x: np.ndarray, layers: range, hooks: Hooks | None = None, cache: Cache | None = None) -> np.ndarray:
    """The residual stream behind some layers, (N, T, width), from what it is before the first of them."""
    c, hooks, (n, t, _) = model.config, hooks or Hooks(), x.shape
    start = cache.length if cache else 0
    for layer in layers:
        y = hooks.read(layer, "attention", normed(x, model.weights[norm_name(layer, "input")], c.epsilon))
        q, k, v = (
            (y @ model.linear(layer, kind).T).reshape(n, t, count, c.head).swapaxes(1, 2)
            for kind, count in (("q", c.heads), ("k", c.key_heads), ("v", c.key_heads))
        )
        q, k = rotated(q, start, c.theta), rotated(k, start, c.theta)
        if cache is not None:
            k, v = cache.extend(layer, k, v)
        mixed = attention(q, k, v, layer, hooks).swapaxes(1, 2).reshape(n, t, c.width)
        x = x + hooks.read(layer, "mixed", mixed) @ model.linear(layer, "o").T
        y = hooks.read(layer, "mlp", normed(x, model.weights[norm_name(layer, "post_attention")], c.epsilon))
        gate = y @ model.linear(layer, "gate").T
        with np.errstate(over="ignore"):  # exp of a large number is infinite, and silu then 0
            inner = gate / (1 + np.exp(-gate)) * (y @ model.linear(layer, "up").T)
        x = x + hooks.read(layer, "inner", inner) @ model.linear(layer, "down").T
    return x


def logits_of(model: Model, x: np.ndarray, hooks: Hooks | None = None) -> np.ndarray:
    """Logits (N, T, vocabulary) from the residual stream behind the last layer."""
    c, hooks = model.config, hooks or Hooks()
    return hooks.read(c.layers, "head", normed(x, model.weights[NORM], c.epsilon)) @ model.head.T


def forward(model: Model, tokens: np.ndarray, hooks: Hooks | None = None, cache: Cache | None = None) -> np.ndarray:
    """Logits (N, T, vocabulary), float32, of tokens (N, T), which stand behind those that the cache holds.

    Raises ValueError where a token is none of the vocabulary.
    """
    return logits_of(model, residual(model, embedded(model, tokens), range(model.config.layers), hooks, cache), hooks)


def generate(
    model: Model, prompt: Sequence[int], count: int, temperature: float = 0.0, seed: int = 0, hooks: Hooks | None = None
) -> Iterator[int]:
    """Tokens that continue a prompt, at most as many as the context has room for.

    temperature : 0 takes the likeliest token; above it draws, and the same seed draws alike whatever the model's precision.
    Raises ValueError for an empty prompt and for one that fills the context.
    """
    context = model.config.context
    if not len(prompt):
        raise ValueError("the prompt is empty; write at least one character")
    if len(prompt) >= context:
        raise ValueError(f"the prompt has {len(prompt)} tokens and the context {context}; shorten it to {context - 1} or fewer")
    rng, cache, tokens = np.random.default_rng(seed), Cache(), list(prompt)
    for _ in range(min(count, context - len(prompt))):
        logits = forward(model, np.array([tokens]), hooks, cache)[0, -1].astype(np.float64)
        draw = rng.random()
        token = int(logits.argmax()) if temperature == 0 else _drawn(softmax(logits / temperature), draw)
        yield token
        tokens = [token]


def _drawn(shares: np.ndarray, draw: float) -> int:
    return min(int(np.searchsorted(np.cumsum(shares), draw, side="right")), len(shares) - 1)
