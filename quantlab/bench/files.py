"""Subjects from files: a float model, its examples (npz, or a zip of pictures), and a quantized model where one is brought."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from quantlab.bench.insertion import Plan
from quantlab.bench.model import Model, read_model
from quantlab.bench.pictures import PIXELS, is_pictures, picture_examples
from quantlab.bench.subject import Examples, Subject, brought, examples_of
from quantlab.sources import list_tensors, load_tensor

NAMES = ("x", "y", "slice")  # of the arrays of an npz


def of_files(
    exact: tuple[str, bytes],
    data: tuple[str, bytes | Path],
    plan: Plan | None = None,
    quantized: tuple[str, bytes] | None = None,
    pixels: str = next(iter(PIXELS)),
) -> Subject:
    """The subject of files, each a name and its content; ValueError in one sentence for what cannot be tested.

    plan : how quantizers are inserted, where no quantized model is brought. pixels : how a model of pictures reads them, see ``PIXELS``.
    """
    model = read_model(*exact)
    examples = read_examples(*data, model, pixels)
    return brought(exact[0], model, examples, plan, read_model(*quantized) if quantized else None)


def read_examples(name: str, content: bytes | Path, model: Model, pixels: str = next(iter(PIXELS))) -> Examples:
    """The examples of a file, as the model reads them; whole numbers stay such."""
    if is_pictures(content):
        return picture_examples(name, content, model, pixels)
    infos = [info for info in list_tensors(name, content) if info.name in NAMES]
    arrays: dict[str, np.ndarray] = {info.name: load_tensor(name, content, info.name).astype(info.dtype) for info in infos}
    return examples_of(arrays)
