"""What does the image lab keep of a recipe on a picture? Every level's numbers, and its picture as the browser gets it.

A level is the original through a table where that says it all, else a file: two megabytes a state instead of seven.
``look`` makes what is shown at once; ``compare`` the slower things that follow, SSIM and files, beside other dithers.
"""

from __future__ import annotations

import io
from collections.abc import Generator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from quantlab.images import DITHERS, PictureFrame, PictureFrames, Recipe, Similarity, numbers, picture_frames, similarity_frames
from quantlab.images.afar import psnr_from_afar
from quantlab.images.spectra import error_spectrum_db
from quantlab.progress import Progress, finish

MOST_SWATCHES = 256
_NO_PIXELS = np.empty((0, 0, 3), np.uint8)


@dataclass(frozen=True, eq=False)
class Seen:
    """All levels of one recipe on one picture.

    frames : the numbers; their ``rgb`` is left out, see ``rgb``.
    afar_db : PSNR seen from afar. swatches : the colours that occur, uint8 (P, 3), dark to light, where P <= 256. spectra : the error's spectrum in dB, (levels, BINS). original_counts : int64 (3, 256).
    files : a WebP for each level, or nothing where ``tables`` uint8 (levels, 256, C) make them of ``original``, a WebP too.
    """

    recipe: Recipe
    size: tuple[int, int]
    frames: tuple[PictureFrame, ...]
    afar_db: tuple[float, ...]
    spectra: np.ndarray
    swatches: tuple[np.ndarray | None, ...]
    original: bytes
    original_counts: np.ndarray
    original_colours: int
    files: tuple[bytes, ...]
    tables: np.ndarray | None

    @property
    def labels(self) -> tuple[str, ...]:
        return self.recipe.labels

    def whole(self) -> PictureFrames:
        """The frames with their pixels again."""
        picture = pixels(self.original)
        if self.tables is None:
            rgb = [pixels(data) for data in self.files]
        else:
            channels = np.arange(self.tables.shape[2])
            rgb = [np.broadcast_to(table[picture[..., channels], channels], picture.shape) for table in self.tables]
        frames = tuple(replace(frame, rgb=np.ascontiguousarray(p)) for frame, p in zip(self.frames, rgb, strict=True))
        return PictureFrames(self.recipe, picture, frames, self.tables)


@dataclass(frozen=True, eq=False)
class DitherCurve:
    """One dither along the levels: PSNR, PSNR from afar, SSIM, each float64 (levels,)."""

    dither: str
    psnr_db: np.ndarray
    afar_db: np.ndarray
    ssim: np.ndarray

    @property
    def title(self) -> str:
        return "No dither" if self.dither == "none" else DITHERS[self.dither].title


@dataclass(frozen=True, eq=False)
class Compared:
    """The slower things: SSIM and files of every level, its map as WebP (or nothing, below 7 pixels), the dithers' curves."""

    similar: tuple[Similarity, ...]
    maps: tuple[bytes, ...]
    curves: tuple[DitherCurve, ...]


def look(picture: np.ndarray, recipe: Recipe) -> Generator[Progress, None, Seen]:
    """What is shown at once; yields (done, total)."""
    made = yield from picture_frames(picture, recipe)
    levels = range(len(made.frames))
    with ThreadPoolExecutor(2) as pool:
        afar = tuple(pool.map(lambda i: psnr_from_afar(made.original, made.frames[i].rgb), levels))
        spectra = np.stack(list(pool.map(lambda i: error_spectrum_db(made.error(i)), levels)))
        files = () if made.tables is not None else tuple(pool.map(lambda frame: lossless(frame.rgb), made.frames))
    return Seen(
        recipe,
        made.original.shape[:2],
        tuple(replace(frame, rgb=_NO_PIXELS) for frame in made.frames),
        afar,
        spectra,
        tuple(_swatches(frame) for frame in made.frames),
        lossless(made.original),
        numbers.histogram(made.original),
        len(numbers.colour_counts(made.original)),
        files,
        made.tables,
    )


def _swatches(frame: PictureFrame) -> np.ndarray | None:
    if frame.colours > MOST_SWATCHES:
        return None
    found = np.unique(numbers.packed(frame.rgb))
    colours = np.stack((found >> 16, found >> 8 & 255, found & 255), axis=1).astype(np.uint8)
    return colours[(colours @ np.array([0.299, 0.587, 0.114])).argsort(kind="stable")]


def compare(picture: np.ndarray, seen: Seen, dithers: Sequence[str], plain: Seen | None = None) -> Generator[Progress, None, Compared]:
    """SSIM, its maps and file sizes, and the curves of these dithers beside the recipe's own; yields (done, total).

    plain : the same without dither, if it is known already.
    """
    similar = yield from similarity_frames(seen.whole())
    maps = tuple(lossless(s.ssim_map) for s in similar if s.ssim_map is not None)
    own = _curve(seen.frames, seen.afar_db, [s.ssim for s in similar], seen.recipe.dither)
    others = [d for d in dithers if d != seen.recipe.dither]
    curves = []
    for done, dither in enumerate(others):
        yield done, len(others)
        curves.append(_measured(picture, replace(seen.recipe, dither=dither, serpentine=False), plain))
    return Compared(similar, maps, (*curves, own))


def _measured(picture: np.ndarray, recipe: Recipe, plain: Seen | None) -> DitherCurve:
    known = plain if plain is not None and recipe.dither == "none" else None
    made = known.whole() if known else finish(picture_frames(picture, recipe))
    with ThreadPoolExecutor(2) as pool:
        afar = known.afar_db if known else list(pool.map(lambda f: psnr_from_afar(made.original, f.rgb), made.frames))
        ssim = list(pool.map(lambda f: numbers.ssim(made.original, f.rgb)[0], made.frames))
    return _curve(made.frames, afar, ssim, recipe.dither)


def _curve(frames: Sequence[PictureFrame], afar_db: Sequence[float], ssim: Sequence[float], dither: str) -> DitherCurve:
    return DitherCurve(dither, np.array([frame.psnr_db for frame in frames]), np.array(afar_db), np.array(ssim))


def lossless(picture: np.ndarray) -> bytes:
    """uint8 (H, W, 3) or (H, W) as WebP without loss: quicker than the quickest PNG, and smaller."""
    from PIL import Image

    file = io.BytesIO()
    Image.fromarray(picture).save(file, "WEBP", lossless=True, method=0, quality=0)
    return file.getvalue()


def pixels(data: bytes) -> np.ndarray:
    """A picture made by ``lossless`` as uint8 (H, W, 3).

    >>> pixels(lossless(np.array([[[1, 2, 3]]], np.uint8))).tolist()
    [[[1, 2, 3]]]
    """
    from PIL import Image

    return np.asarray(Image.open(io.BytesIO(data), formats=("WEBP",)).convert("RGB"))
