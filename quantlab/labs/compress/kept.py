"""Measured levels on disk: sizes, answers and file, named by the network, its images, the way to shrink it and the code that measures.

One array of bytes in numpy's own archive; what is damaged or of another form counts as absent. The store bounds how much is kept.
"""

from __future__ import annotations

import hashlib
import io
import zipfile
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from quantlab.caching import cache
from quantlab.networks import engine
from quantlab.networks.shrinking import Shrinking

_FILES = ("kept.py", "measure.py")


@dataclass(frozen=True, eq=False)
class Record:
    """What is kept of a level. sizes : bytes of the file after each part. logits : float32 (K, N, C). file : the last part's bytes."""

    sizes: tuple[int, ...]
    logits: np.ndarray
    file: bytes


@cache
def _program() -> str:
    """A name for the code that measures, beside the one that the shrinker knows."""
    return hashlib.sha256(b"".join(Path(__file__).with_name(name).read_bytes() for name in _FILES)).hexdigest()


def key_of(of: engine.Shrinker, images: int, way: Shrinking) -> str:
    """The name of a record, which is that of the float network for ``WHOLE``."""
    return hashlib.sha256(f"level {_program()} {of.key(way)} {images} {way.huffman}".encode()).hexdigest()[:40]


def keep(of: engine.Shrinker, images: int, way: Shrinking, record: Record) -> None:
    """Keep a record beside the network's other results."""
    content = io.BytesIO()
    np.savez(content, sizes=np.array(record.sizes, np.int64), logits=record.logits, network=np.frombuffer(record.file, np.uint8))
    of.store.put(key_of(of, images, way), np.frombuffer(content.getvalue(), np.uint8))


def known(of: engine.Shrinker, images: int, way: Shrinking, sizes: int, logits: int) -> Record | None:
    """The record that was kept; None where there is none, or none with so many sizes and logits that can be read."""
    kept = of.store.get(key_of(of, images, way))
    if kept is None or kept.dtype != np.uint8:
        return None
    try:
        with np.load(io.BytesIO(kept.tobytes()), allow_pickle=False) as archive:
            parts, answers, file = archive["sizes"], archive["logits"], archive["network"]
    except (KeyError, ValueError, OSError, zipfile.BadZipFile):  # no archive, or another one
        return None
    fits = parts.shape == (sizes,) and answers.dtype == np.float32 and answers.ndim == 3 and file.dtype == np.uint8
    if not fits or answers.shape[:2] != (logits, min(images, len(of.data.test))):
        return None
    return Record(tuple(map(int, parts)), answers, file.tobytes())
