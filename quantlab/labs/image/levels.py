"""Every level of one recipe on one picture: its quick numbers, and its picture as the browser gets it.

A level is the original through a table where that says it all, else a file: two megabytes a state instead of seven.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from quantlab.images import PictureFrame, PictureFrames, Recipe, numbers, picture_frames
from quantlab.images.spectra import error_spectrum_db
from quantlab.images.viewing_distance import at_viewing_distance, psnr_of_distant
from quantlab.labs.image.pictures import PictureSet, decode, encode
from quantlab.progress import Steps

MOST_SWATCHES = 256
ORIGINAL = "original"  # its name among the pictures; those of the levels are "0", "1", ...
_NO_PIXELS = np.empty((0, 0, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class ImageLevels:
    """All levels of one recipe on one picture.

    frames : the numbers; their ``rgb`` is left out, see ``whole``. distance_psnr_db : PSNR at a viewing distance.
    spectra : the error's spectrum in dB, (levels, BINS). swatches : the colours that occur, uint8 (P, 3), dark to light, where P <= 256.
    original_counts : int64 (3, 256). pictures : the original, and every level where no tables make it of the original.
    tables : uint8 (levels, 256, C) that do, or None.
    """

    recipe: Recipe
    size: tuple[int, int]
    frames: tuple[PictureFrame, ...]
    distance_psnr_db: tuple[float, ...]
    spectra: np.ndarray
    swatches: tuple[np.ndarray | None, ...]
    original_counts: np.ndarray
    original_colours: int
    pictures: PictureSet
    tables: np.ndarray | None

    @property
    def labels(self) -> tuple[str, ...]:
        return self.recipe.labels

    def whole(self) -> PictureFrames:
        """The frames with their pixels again."""
        picture = decode(self.pictures.files[ORIGINAL])
        if self.tables is None:
            rgb = [decode(self.pictures.files[str(i)]) for i in range(len(self.frames))]
        else:
            channels = np.arange(self.tables.shape[2])
            rgb = [np.broadcast_to(table[picture[..., channels], channels], picture.shape) for table in self.tables]
        frames = tuple(replace(frame, rgb=np.ascontiguousarray(p)) for frame, p in zip(self.frames, rgb, strict=True))
        return PictureFrames(self.recipe, picture, frames, self.tables)


def image_levels(picture: np.ndarray, recipe: Recipe) -> Steps[ImageLevels]:
    """Every level of a picture uint8 (H, W, 3); yields (done, total)."""
    whole = yield from picture_frames(picture, recipe)
    afar = at_viewing_distance(whole.original)
    with ThreadPoolExecutor(2) as pool:
        distant = tuple(pool.map(lambda frame: psnr_of_distant(afar, frame.rgb), whole.frames))
        spectra = np.stack(list(pool.map(lambda i: error_spectrum_db(whole.error(i)), range(len(whole.frames)))))
        levels = [] if whole.tables is not None else list(pool.map(lambda frame: encode(frame.rgb), whole.frames))
    return ImageLevels(
        recipe,
        whole.original.shape[:2],
        tuple(replace(frame, rgb=_NO_PIXELS) for frame in whole.frames),
        distant,
        spectra,
        tuple(_swatches(frame) for frame in whole.frames),
        numbers.histogram(whole.original),
        len(numbers.colour_counts(whole.original)),
        PictureSet({ORIGINAL: encode(whole.original)} | {str(i): data for i, data in enumerate(levels)}),
        whole.tables,
    )


def _swatches(frame: PictureFrame) -> np.ndarray | None:
    if frame.colours > MOST_SWATCHES:
        return None
    packed = np.unique(numbers.packed(frame.rgb))
    colours = np.stack((packed >> 16, packed >> 8 & 255, packed & 255), axis=1).astype(np.uint8)
    return colours[(colours @ np.array([0.299, 0.587, 0.114])).argsort(kind="stable")]
