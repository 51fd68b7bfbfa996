"""Films of one picture: its feature maps in a layer, and the classes it is taken for in the end."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.film import Strip, answers_film, figures, image_film
from quantlab.labs.network.answers.films import LARGE, halved
from quantlab.labs.network.answers.frames import top_five
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import FeatureMaps

MAPS = 12  # channels shown
SIDE = 56  # pixels: larger maps travel smaller
_FIRST = np.zeros(1, int)


@dataclass(frozen=True, eq=False)
class Picture:
    """The test image that is looked at. pixels : uint8 (H, W, C). classes : names, ``truth`` : whether the label is one."""

    number: int
    pixels: np.ndarray
    label: int
    classes: tuple[str, ...]
    truth: bool


def picture_film(strip: Strip, picture: Picture, levels: Sequence[Evaluation | None]) -> bytes:
    """The picture, and what float and quantized network take it for; levels are evaluations of it alone."""
    rgb = np.repeat(picture.pixels, 3, axis=-1) if picture.pixels.shape[-1] == 1 else picture.pixels
    rgb = halved(rgb[None]) if len(rgb) > LARGE else rgb[None]
    first = next(level for level in levels if level)
    before = top_five(type(first)(first.setting, first.reference, first.reference, first.labels), _FIRST)
    after = [top_five(level, _FIRST) if level else None for level in levels]
    return answers_film(strip, rgb, picture.classes, [picture.label], before, after, f"Test image {picture.number}", picture.truth)


def maps_film(strip: Strip, levels: Sequence[FeatureMaps | None]) -> bytes:
    """Three rows of feature maps: float, quantized, size of the error, on one scale of brightness a channel."""
    first = next(level for level in levels if level)
    before = _channels(first.before)
    low, high = (f(before, axis=(1, 2), keepdims=True) for f in (np.min, np.max))
    span = np.where(high > low, high - low, 1.0)
    empty = np.zeros_like(before)

    def shade(values: np.ndarray) -> np.ndarray:
        return np.rint(254 * np.clip(values, 0, 1)).astype(np.uint8)

    frames = []
    for level in levels:
        after = _channels(level.after) if level else empty
        exact = _channels(level.before) if level else empty
        rows = (
            [shade((exact - low) / span), shade((after - low) / span), shade(np.abs(after - exact) / span)] if level else [shade(empty)] * 3
        )
        frames.append(np.vstack([_row(_small(row)) for row in rows])[:-1])
    palette = np.concatenate([figures.magma()[:255], [[128, 128, 128]]]).astype(np.uint8)
    alt = "Feature maps of one picture: above in float, in the middle quantized, below the size of the error"
    return image_film(strip, np.stack(frames), palette, alt, "least", "most of the channel in float", square=True)


def _channels(values: np.ndarray) -> np.ndarray:
    """The first channels as (C, H, W); a vector as one row."""
    return values[None, None, :].astype(np.float32) if values.ndim == 1 else values[:MAPS]


def _small(maps: np.ndarray) -> np.ndarray:
    """Maps uint8 (C, H, W) at half their size and half again until they are no larger than ``SIDE``."""
    while maps.shape[1] > SIDE:
        maps = halved(maps[..., None])[..., 0]
    return maps


def _row(maps: np.ndarray) -> np.ndarray:
    """Maps side by side with a grey line between and below, uint8."""
    edged = np.pad(maps, ((0, 0), (0, 1), (0, 1)), constant_values=255)
    return np.hstack(list(edged))[:, :-1]
