"""The two shipped language models: one training at two widths, in folders as Hugging Face's.

``large`` has 1.8 M weights, ``small`` a quarter of them; both read bytes.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
from safetensors.numpy import load_file

from quantlab.caching import lru_cache
from quantlab.language.config import Config
from quantlab.language.model import Model
from quantlab.language.texts import FOLDER, held_out

CONFIGS = {
    "large": Config(width=256, inner=512, layers=3, heads=8, key_heads=2, vocabulary=256, context=256),
    "small": Config(width=128, inner=256, layers=3, heads=4, key_heads=2, vocabulary=256, context=256),
}


def folder_of(name: str) -> Path:
    """The folder of a shipped model."""
    return FOLDER / name


def config_json(config: Config) -> dict[str, object]:
    """A config as Hugging Face's ``config.json`` of a Llama model."""
    return {
        "architectures": ["LlamaForCausalLM"],
        "model_type": "llama",
        "hidden_size": config.width,
        "intermediate_size": config.inner,
        "num_hidden_layers": config.layers,
        "num_attention_heads": config.heads,
        "num_key_value_heads": config.key_heads,
        "vocab_size": config.vocabulary,
        "max_position_embeddings": config.context,
        "rope_theta": config.theta,
        "rms_norm_eps": config.epsilon,
        "tie_word_embeddings": config.tied,
        "hidden_act": "silu",
        "torch_dtype": "float16",
    }


@lru_cache(maxsize=4)
def load(name: str) -> Model:
    """A shipped model; ValueError where there is none of that name."""
    if name not in CONFIGS:
        raise ValueError(f"there is no language model {name!r}; choose one of {', '.join(CONFIGS)}")
    tensors = load_file(folder_of(name) / "model.safetensors")
    return Model(CONFIGS[name], {key: value.astype(np.float32) for key, value in tensors.items()}, name)


def tokens_of(text: str, count: int | None = None) -> np.ndarray:
    """The first tokens of a held-out text, as the shipped models read it: bytes."""
    return np.frombuffer(held_out(text)[:count], np.uint8).astype(np.int64)
