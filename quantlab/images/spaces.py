"""The spaces in which a picture is quantized: grey or RGB, as bytes or as light; luma and chroma apart.

A space turns a picture (H, W, 3) uint8 into values (H, W, C) and back. Each channel lies in [low, high] and is looked
up at ``size`` even points: index u = (value - low) / (high - low) · (size - 1). Bytes have their 256 values; the others
4097 points, a sixteenth of a byte's step apart, of which chroma's 2048 is exactly neutral.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np

from quantlab.images import light

Turn = Callable[[np.ndarray], np.ndarray]
_FINE = 4097


@dataclass(frozen=True)
class Space:
    """forward : (H, W, 3) uint8 to values (H, W, C) float32; backward : values to 0 ... 255, (H, W, 3), not rounded.

    shown : values to the nearest ones a screen can show, where each channel can be so alone; else themselves.
    apart : whether channel 0 is luma, the others chroma with bits of their own.
    """

    slug: str
    title: str
    channels: tuple[str, ...]
    low: tuple[float, ...]
    high: tuple[float, ...]
    size: int
    forward: Turn = field(repr=False)
    backward: Turn = field(repr=False)
    shown: Turn = field(default=lambda values: values, repr=False)
    apart: bool = False

    def index(self, values: np.ndarray) -> np.ndarray:
        """Values (..., C) in units of the table's index, float32; bytes stay what they are."""
        low, step = self._grid()
        return values if self.size == 256 else np.clip((values - low) / step, 0, self.size - 1)

    def values(self, index: np.ndarray) -> np.ndarray:
        """The way back, (..., C) float32."""
        low, step = self._grid()
        return index * step + low

    def points(self) -> np.ndarray:
        """The values that are looked up, float32 (N, C)."""
        low, high = (np.array(end, np.float64) for end in (self.low, self.high))
        return (low + (high - low) * np.arange(self.size)[:, None] / (self.size - 1)).astype(np.float32)

    def picture(self, index: np.ndarray) -> np.ndarray:
        """Indices (H, W, C) as a picture, uint8 (H, W, 3)."""
        if index.dtype == np.uint8:
            return np.ascontiguousarray(np.broadcast_to(index, (*index.shape[:2], 3)))
        return to_bytes(self.backward(self.values(index)))

    def _grid(self) -> tuple[np.ndarray, np.ndarray]:
        low = np.array(self.low, np.float32)
        return low, ((np.array(self.high) - self.low) / (self.size - 1)).astype(np.float32)


def to_bytes(rgb: np.ndarray) -> np.ndarray:
    """Values 0 to 255, rounded and clipped, as uint8 (H, W, 3); one channel becomes three."""
    rounded = np.clip(np.rint(rgb), 0, 255).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(rounded, (*rounded.shape[:-1], 3)))


def _luma(picture: np.ndarray) -> np.ndarray:
    return np.rint(light.to_ycbcr(picture)[..., :1])


def _screen_light(values: np.ndarray) -> np.ndarray:
    return light.to_linear(np.rint(light.to_srgb(values)))


_CHROMA = ((-128.0,) * 2, (128.0,) * 2)
_ENTRIES = (
    Space("grey", "Grey", ("grey",), (0,), (255,), 256, _luma, lambda v: v, np.rint),
    Space("rgb", "RGB", ("red", "green", "blue"), (0,) * 3, (255,) * 3, 256, lambda p: p.astype(np.float32), lambda v: v, np.rint),
    Space(
        "grey-linear", "Grey, linear light", ("grey",), (0,), (1,), _FINE,
        lambda p: light.to_linear(_luma(p).astype(np.uint8)), light.to_srgb, _screen_light,
    ),
    Space(
        "rgb-linear", "RGB, linear light", ("red", "green", "blue"), (0,) * 3, (1,) * 3, _FINE,
        light.to_linear, light.to_srgb, _screen_light,
    ),
    Space(
        "ycbcr", "Luma and chroma (YCbCr)", ("Y", "Cb", "Cr"), (0, *_CHROMA[0]), (255, *_CHROMA[1]), _FINE,
        light.to_ycbcr, light.from_ycbcr, apart=True,
    ),
    Space(
        "lab", "Lightness and colour (L*a*b*)", ("L*", "a*", "b*"), (0, *_CHROMA[0]), (100, *_CHROMA[1]), _FINE,
        light.to_lab, light.from_lab, apart=True,
    ),
)  # fmt: skip
SPACES: dict[str, Space] = {space.slug: space for space in _ENTRIES}
