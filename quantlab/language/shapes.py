"""Measures of published models, by their ``config.json``: enough to count bytes, without any weights.

>>> {slug: f"{shape.config.weights:,}" for slug, shape in SHAPES.items()}  # what the model cards round to 135M, 6.7B and 8B
{'smollm2-135m': '134,515,008', 'llama-2-7b': '6,738,415,616', 'llama-3.1-8b': '8,030,261,248'}
"""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.language.config import Config


@dataclass(frozen=True)
class Shape:
    """title : what the model is called."""

    title: str
    config: Config


SHAPES = {
    "smollm2-135m": Shape("SmolLM2 135M", Config(576, 1536, 30, 9, 3, 49_152, 8192, 100_000.0, tied=True)),
    "llama-2-7b": Shape("Llama 2 7B", Config(4096, 11_008, 32, 32, 32, 32_000, 4096)),
    "llama-3.1-8b": Shape("Llama 3.1 8B", Config(4096, 14_336, 32, 32, 8, 128_256, 131_072, 500_000.0)),
}
