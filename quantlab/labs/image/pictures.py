"""Pictures as a browser gets them: WebP without loss, by name."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class PictureSet:
    """Pictures that belong together. files : name -> WebP."""

    files: Mapping[str, bytes]


def encode(picture: np.ndarray) -> bytes:
    """uint8 (H, W, 3) or (H, W) as WebP without loss: quicker than the quickest PNG, and smaller."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, method=0, quality=0)
    return file.getvalue()


def decode(data: bytes) -> np.ndarray:
    """A picture made by ``encode`` as uint8 (H, W, 3).

    >>> decode(encode(np.array([[[1, 2, 3]]], np.uint8))).tolist()
    [[[1, 2, 3]]]
    """
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data), formats=("WEBP",)).convert("RGB"))
