"""Pixels of 16 bits a channel as 8, rounded: round(v / 257), whatever the channels.

Pillow keeps 16 bits of grey only; of colours it keeps the upper byte, which is v // 256 and up to one level too small. So such a file
is decoded twice, with the upper and with the lower bytes (Pillow's raw modes 16B and 16L).
"""

from __future__ import annotations

import io
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from PIL import Image, ImageFile

_WAYS = {"RGB;16B": ("RGB;16B", "RGB;16L"), "RGBA;16B": ("RGBA;16B", "RGBA;16L")}  # upper bytes, lower bytes


def is_deep(image: ImageFile.ImageFile) -> bool:
    """Whether an opened picture that is not decoded yet has 16 bits a channel."""
    return image.mode.startswith("I") or any(";16" in str(tile.args) for tile in image.tile)


def as_bytes(image: ImageFile.ImageFile, png: bytes) -> Image.Image:
    """An opened picture of 16 bits as L, LA, RGB or RGBA of 8; ``png`` is the file again. A transparent value becomes alpha."""
    from PIL import Image

    raw = str(_raw(image))
    key = image.info.get("transparency")
    if raw in _WAYS:
        high, low = (_decoded(png, way) for way in _WAYS[raw])
        deep = high.astype(np.uint16) << 8 | low
    elif raw == "LA;16B":  # four bytes a pixel, as RGBA has: grey, its lower byte, alpha, its lower byte
        deep = _decoded(png, "RGBA").astype(np.uint16)
        deep = deep[..., ::2] << 8 | deep[..., 1::2]
    else:
        image.load()
        deep = np.clip(np.asarray(image), 0, 65535).astype(np.uint16)[..., None]
    flat = np.rint(deep / np.float32(257)).astype(np.uint8)  # (H, W, C)
    if key is not None and flat.shape[2] in (1, 3):
        seen = (deep != np.asarray(key, np.uint16)).any(axis=2)
        flat = np.dstack((flat, np.where(seen, 255, 0).astype(np.uint8)))
    return Image.fromarray(flat[..., 0] if flat.shape[2] == 1 else flat)


def _raw(image: ImageFile.ImageFile) -> object:
    args = image.tile[0].args
    return args[0] if isinstance(args, tuple) else args


def _decoded(png: bytes, raw: str) -> np.ndarray:
    """The bytes that a raw mode takes out of each pixel, uint8 (H, W, C)."""
    from PIL import Image

    with Image.open(io.BytesIO(png), formats=("PNG",)) as image:
        image.tile = [image.tile[0]._replace(args=raw)]
        image.load()
        return np.asarray(image)
