"""A language model that lies in a file: its measures are known and its tensors checked before a value is read.

What is no Llama model as ``forward`` computes it is refused in a sentence: another architecture, experts, other angles, tensors that
have no place. A float32 number takes 4 bytes, whatever the file stores.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quantlab.language.config import Config
from quantlab.language.model import Model
from quantlab.model_file.tensors import ModelFile
from quantlab.sources.upload import Refused, show

MOST = 400_000_000  # weights: 1.6 GB in float32
_ASIDE = ("rotary_emb.inv_freq",)  # of older Hugging Face files: what the measures say too


@dataclass(frozen=True, eq=False)
class WeightsFile:
    """names : Hugging Face's -> the file's, in the order of ``config.shapes()``. halved : whether rows of q and k lie in llama.cpp's order."""

    config: Config
    file: ModelFile
    names: Mapping[str, str]
    halved: bool

    @property
    def stored(self) -> tuple[str, ...]:
        """Types in which the linear layers and the embedding are stored, the most weights first.

        They are what numbers are relative to: of float32, float16 and bfloat16 nothing was rounded before.
        """
        sizes: dict[str, int] = {}
        for tensor in self.file.tensors:
            if len(tensor.shape) == 2:
                sizes[tensor.dtype] = sizes.get(tensor.dtype, 0) + tensor.size
        return tuple(sorted(sizes, key=lambda kind: -sizes[kind]))

    def check(self) -> None:
        """Refused where a tensor is missing, has another shape than the measures say, cannot be read, or has no place."""
        there = {t.name: t for t in self.file.tensors}
        shapes = self.config.shapes()
        name = show(self.file.name)
        for ours, theirs in self.names.items():
            if theirs not in there:
                raise Refused(f"{name} has no tensor {show(theirs)}, which a llama model has: download or convert it again.")
            tensor = there[theirs]
            if tensor.refused:
                raise Refused(tensor.refused)
            if tensor.shape != shapes[ours]:
                raise Refused(f"{name} has {show(theirs)} of shape {tensor.shape} where {shapes[ours]} fits its header: convert it again.")
        known = set(self.names.values())
        if strange := [n for n in there if n not in known and not n.endswith(_ASIDE) and not (self.config.tied and n == "lm_head.weight")]:
            raise Refused(f"{name} has the tensor {show(strange[0])}, for which a llama model has no place: take a plain Llama model.")

    def model(self) -> Model:
        """The model with all its weights, float32; Refused where a value is not finite."""
        weights = {ours: self._values(ours, theirs) for ours, theirs in self.names.items()}
        self.file.release()
        return Model(self.config, weights, self.file.name)

    def _values(self, ours: str, theirs: str) -> np.ndarray:
        tensor = self.file[theirs]
        values = np.asarray(tensor.checked()(0, tensor.size), np.float32).reshape(tensor.shape)
        if not np.isfinite(values.sum()):
            raise Refused(f"{show(self.file.name)} has a value in {show(theirs)} that is not finite: download or convert it again.")
        if self.halved and ("q_proj" in ours or "k_proj" in ours):
            return halves(values, self.config.heads if "q_proj" in ours else self.config.key_heads)
        return values


def check_size(name: str, count: int, most: int = MOST) -> None:
    """Refused where a model has more than ``most`` weights.

    >>> check_size("big.gguf", 70_000_000_000)
    Traceback (most recent call last):
    quantlab.sources.upload.Refused: 'big.gguf' has 70 billion weights, and 400 million are the most here: take a smaller model.
    """
    if count > most:
        raise Refused(f"{show(name)} has {counted(count)} weights, and {counted(most)} are the most here: take a smaller model.")


def counted(count: int) -> str:
    """A number of weights in words, three digits.

    >>> counted(134_515_008), counted(1_804_032), counted(464_000), counted(999_999)
    ('135 million', '1.8 million', '464 thousand', '1 million')
    """
    for size, word in ((1e9, " billion"), (1e6, " million"), (1e3, " thousand")):
        if count >= size * 0.9995:
            return f"{float(f'{count / size:.3g}'):g}{word}" if count >= 99.5 * size else f"{float(f'{count / size:.2g}'):g}{word}"
    return str(count)


def check_measures(name: str, config: Config) -> None:
    """Refused where heads, keys and widths do not fit each other."""
    c = config
    if min(c.width, c.inner, c.layers, c.heads, c.key_heads, c.vocabulary, c.context) < 1 or c.context < 2:
        raise Refused(f"{show(name)} has a measure below 1: convert it again.")
    if c.width % c.heads or c.heads % c.key_heads or c.head % 2:
        raise Refused(f"{show(name)} has {c.heads} heads of {c.key_heads} keys in a width of {c.width}: convert it again.")


def halves(rows: np.ndarray, heads: int) -> np.ndarray:
    """Rows (heads · D, in) in llama.cpp's order, in Hugging Face's.

    >>> halves(np.arange(4)[:, None], 1).ravel()  # rows 0, 1 turn together there, 0, 2 here
    array([0, 2, 1, 3])
    """
    return np.ascontiguousarray(rows.reshape(heads, -1, 2, rows.shape[1]).swapaxes(1, 2)).reshape(rows.shape)
