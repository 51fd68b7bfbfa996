"""A model's measures: what Hugging Face's ``config.json`` of the Llama architecture says, and GGUF's metadata."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from quantlab.caching import lru_cache

KINDS = ("q", "k", "v", "o", "gate", "up", "down")
PLACES = {
    "q": "self_attn.q_proj",
    "k": "self_attn.k_proj",
    "v": "self_attn.v_proj",
    "o": "self_attn.o_proj",
    "gate": "mlp.gate_proj",
    "up": "mlp.up_proj",
    "down": "mlp.down_proj",
}
EMBEDDING, HEAD, NORM = "model.embed_tokens.weight", "lm_head.weight", "model.norm.weight"


@dataclass(frozen=True)
class Config:
    """width : of the residual stream. inner : of the SwiGLU. context : tokens it was trained on. theta : base of the rotary angles.

    tied : whether the head is the embedding.
    """

    width: int
    inner: int
    layers: int
    heads: int
    key_heads: int
    vocabulary: int
    context: int
    theta: float = 10_000.0
    epsilon: float = 1e-5
    tied: bool = False

    @property
    def head(self) -> int:
        """The width of one head."""
        return self.width // self.heads

    def shape(self, kind: str) -> tuple[int, int]:
        """(out, in) of a linear layer.

        >>> Config(256, 512, 3, 8, 2, 256, 256).shape("k")  # 64 = 2 heads * 256 / 8
        (64, 256)
        """
        keys = self.key_heads * self.head
        shapes = {"q": (self.width, self.width), "k": (keys, self.width), "v": (keys, self.width), "o": (self.width, self.width)}
        return shapes.get(kind) or ((self.width, self.inner) if kind == "down" else (self.inner, self.width))

    @property
    def weights(self) -> int:
        """How many learnt numbers there are.

        >>> Config(256, 512, 3, 8, 2, 256, 256).weights
        1804032
        """
        linear = sum(out * into for out, into in map(self.shape, KINDS))
        return self.layers * (linear + 2 * self.width) + self.width + (1 if self.tied else 2) * self.vocabulary * self.width

    def shapes(self) -> Mapping[str, tuple[int, ...]]:
        """The shape of every tensor, by Hugging Face's names."""
        return _shapes(self)


@lru_cache(maxsize=32)
def _shapes(config: Config) -> Mapping[str, tuple[int, ...]]:
    """Made once: sizes and bits of every stop of the slider ask for them tensor by tensor."""
    c = config
    table: dict[str, tuple[int, ...]] = {EMBEDDING: (c.vocabulary, c.width), NORM: (c.width,)}
    if not c.tied:
        table[HEAD] = (c.vocabulary, c.width)
    for layer in range(c.layers):
        table |= {tensor_name(layer, kind): c.shape(kind) for kind in KINDS}
        table |= {norm_name(layer, which): (c.width,) for which in ("input", "post_attention")}
    return MappingProxyType(table)


def tensor_name(layer: int, kind: str) -> str:
    """Hugging Face's name of a linear layer.

    >>> tensor_name(0, "down")
    'model.layers.0.mlp.down_proj.weight'
    """
    return f"model.layers.{layer}.{PLACES[kind]}.weight"


def norm_name(layer: int, which: str) -> str:
    """Hugging Face's name of a norm: ``input`` stands before attention, ``post_attention`` before the SwiGLU."""
    return f"model.layers.{layer}.{which}_layernorm.weight"
