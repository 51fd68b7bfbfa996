"""Every level of a recipe on a picture: the frames and their quick numbers; then the slow ones.

``picture_frames`` computes all levels and yields (done, total) while it measures them.
``similarity_frames`` follows with what takes longer: SSIM and its map, and the sizes of real files.
"""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from math import ceil
from typing import TypeVar

import numpy as np

from quantlab.images import dct, jpeg_coding, numbers
from quantlab.images.dither import DITHERS
from quantlab.images.nearest import draw
from quantlab.images.palettes import PALETTES
from quantlab.images.recipe import Recipe
from quantlab.images.spaces import SPACES, to_bytes
from quantlab.images.tables import index_tables, is_table
from quantlab.progress import Progress
from quantlab.quantizer import fake_quantize
from quantlab.types import QuantSpec

A = TypeVar("A")
B = TypeVar("B")


@dataclass(frozen=True, eq=False)
class PictureFrame:
    """One stop: rgb uint8 (H, W, 3); mse, psnr_db; how many colours occur and their entropy in bits per pixel;
    histogram int64 (3, 256); palette uint8 (P, 3) where there is one.

    Of "dct" the entropy is that of the rounded waves, and coded_bytes what they take as JPEG codes them; else 0.
    """

    label: str
    rgb: np.ndarray
    mse: float
    psnr_db: float
    colours: int
    entropy_bits: float
    histogram: np.ndarray
    palette: np.ndarray | None
    coded_bytes: int = 0


@dataclass(frozen=True, eq=False)
class PictureFrames:
    """All stops of one slider, beside the original uint8 (H, W, 3): what the frames are compared with, grey for grey.

    tables : uint8 (levels, 256, C) where the frames are nothing but the original's bytes looked up, C 3, or 1 for grey;
        else None.
    """

    recipe: Recipe
    original: np.ndarray
    frames: tuple[PictureFrame, ...]
    tables: np.ndarray | None

    @property
    def labels(self) -> tuple[str, ...]:
        return self.recipe.labels

    def error(self, level: int) -> np.ndarray:
        """The signed error frame - original, int16 (H, W, 3), -255 to 255."""
        return self.frames[level].rgb.astype(np.int16) - self.original


@dataclass(frozen=True, eq=False)
class Similarity:
    """ssim (window: ``numbers.SSIM_WINDOW``) and its map uint8 (H, W); bytes as PNG, WebP and JPEG.

    For "dct" the JPEG holds the rounded waves themselves, without its head and tables: ``jpeg_coding``.
    """

    ssim: float
    ssim_map: np.ndarray | None
    sizes: dict[str, int]


def picture_frames(picture: np.ndarray, recipe: Recipe) -> Generator[Progress, None, PictureFrames]:
    """Every level of a picture uint8 (H, W, 3); yields (done, total) on the way.

    >>> steps = picture_frames(np.full((8, 8, 3), 100, np.uint8), Recipe(full_range=True))
    >>> from quantlab.progress import finish
    >>> [frame.rgb[0, 0, 0].item() for frame in finish(steps).frames]  # the nearest of 2, 4, 8, ... levels to 100
    [0, 85, 109, 102, 99, 101, 100, 100]
    """
    if picture.dtype != np.uint8 or picture.ndim != 3 or picture.shape[2] != 3 or not picture.size:
        raise ValueError(f"a picture is uint8 (H, W, 3), not {picture.dtype} {picture.shape}; load it with sources.pictures.load_picture")
    yield 0, 2 * len(recipe.levels)
    rgb, palettes, tables = _levels(picture, recipe, recipe.levels)
    picture = compared_with(picture, recipe)
    work = partial(_measured, picture, dct.coefficients(picture) if recipe.what == "dct" else None, recipe)
    frames = []
    for done, frame in enumerate(_in_pool(work, list(zip(recipe.levels, recipe.labels, rgb, palettes, strict=True)))):
        yield len(recipe.levels) + done, 2 * len(recipe.levels)
        frames.append(frame)
    return PictureFrames(recipe, picture, tuple(frames), tables)


def compared_with(picture: np.ndarray, recipe: Recipe) -> np.ndarray:
    """What a recipe's levels are measured against: the picture uint8 (H, W, 3), grey where only grey is kept."""
    if recipe.what in SPACES and len(SPACES[recipe.what].channels) == 1:
        return to_bytes(SPACES["grey"].forward(picture))
    return picture


def similarity_frames(frames: PictureFrames) -> Generator[Progress, None, tuple[Similarity, ...]]:
    """SSIM and file sizes of every frame; yields (done, total)."""
    similarities = []
    for done, one in enumerate(_in_pool(partial(_similarity, frames.original), list(frames.frames))):
        yield done, len(frames.frames)
        similarities.append(one)
    return tuple(similarities)


def one_frame(picture: np.ndarray, recipe: Recipe, level: int) -> np.ndarray:
    """A single level (bits, colours, quality) of a picture uint8 (H, W, 3), in the same type and size.

    >>> one_frame(np.full((1, 2, 3), 100, np.uint8), Recipe(full_range=True), 2)[0, 0].tolist()  # 0, 85, 170, 255
    [85, 85, 85]
    """
    if level not in recipe.levels:
        raise ValueError(f"level={level} is none of this recipe's: choose one of {', '.join(recipe.labels)}")
    return _levels(picture, recipe, (level,))[0][0]


def _levels(picture: np.ndarray, recipe: Recipe, levels: tuple[int, ...]) -> tuple[np.ndarray, list[np.ndarray | None], np.ndarray | None]:
    """The frames uint8 (levels, H, W, 3), their palettes, and the tables where these say it all."""
    none: list[np.ndarray | None] = [None] * len(levels)
    dither = DITHERS[recipe.dither]
    if recipe.what == "dct":
        waves = dct.coefficients(picture)
        rounded = (dct.quantize_waves(waves, quality, recipe.dead_zone) for quality in levels)
        return np.stack([dct.from_coefficients(w, *picture.shape[:2]) for w in rounded]), none, None
    if recipe.what == "palette":
        palettes = PALETTES[recipe.method].make(picture, levels)
        return draw(picture, palettes, dither, recipe.strength, recipe.seed), list(palettes), None
    space = SPACES[recipe.what]
    values = space.forward(picture)
    if not is_table(recipe.spec):
        coarse = [space.shown(_in_rows(values, recipe.spec.replace(bits=bits))) for bits in levels]
        return np.stack([space.picture(space.index(np.clip(v, space.low, space.high).astype(np.float32))) for v in coarse]), none, None
    bits = [recipe.bits_at(level) for level in levels]
    tables = index_tables(recipe.spec, bits, space.points()[None] if recipe.full_range else values, space)
    index = dither.apply(space.index(values), tables, recipe.strength, recipe.serpentine, recipe.seed)
    looked_up = recipe.dither == "none" and space.size == 256
    return np.stack([space.picture(i) for i in index]), none, tables.astype(np.uint8) if looked_up else None


def _in_rows(values: np.ndarray, spec: QuantSpec) -> np.ndarray:
    """(H, W, C) through a quantizer; groups and blocks run along a row of one channel, not over a pixel's channels."""
    if spec.granularity.kind != "group":
        return fake_quantize(values, spec)
    return np.moveaxis(fake_quantize(np.ascontiguousarray(np.moveaxis(values, 2, 0)), spec), 0, 2)


def _measured(
    picture: np.ndarray, waves: np.ndarray | None, recipe: Recipe, level: tuple[int, str, np.ndarray, np.ndarray | None]
) -> PictureFrame:
    value, label, rgb, palette = level
    mse = numbers.mse(picture, rgb)
    counts = numbers.colour_counts(rgb)
    entropy, coded = numbers.entropy_bits(counts), 0
    if waves is not None:
        codes = dct.codes_of(dct.quantize_waves(waves, value, recipe.dead_zone), value, recipe.dead_zone)
        entropy, coded = jpeg_coding.entropy_bits(codes), ceil(jpeg_coding.coded_bits(codes) / 8)
    return PictureFrame(label, rgb, mse, numbers.psnr_db(mse), len(counts), entropy, numbers.histogram(rgb), palette, coded)


def _similarity(original: np.ndarray, frame: PictureFrame) -> Similarity:
    sizes = {kind: len(data) for kind, data in numbers.files(frame.rgb).items()}
    if frame.coded_bytes:
        sizes["JPEG"] = frame.coded_bytes
    return Similarity(*numbers.ssim(original, frame.rgb), sizes)


def _in_pool(work: Callable[[A], B], items: list[A]) -> Iterator[B]:
    """``work`` on every item, two at a time, in order."""
    with ThreadPoolExecutor(2) as pool:
        yield from pool.map(work, items)
