"""The slower numbers of a picture: SSIM, its maps and file sizes of every level, and the curves of other dithers."""

from __future__ import annotations

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace

import numpy as np

from quantlab.images import DITHERS, PictureFrame, Recipe, Similarity, numbers, picture_frames, similarity_frames
from quantlab.images.viewing_distance import at_viewing_distance, psnr_of_distant
from quantlab.labs.image.levels import ImageLevels
from quantlab.labs.image.pictures import PictureSet, encode
from quantlab.progress import Steps, finish


@dataclass(frozen=True, eq=False)
class DitherCurve:
    """One dither along the levels: PSNR, PSNR at a viewing distance, SSIM, each float64 (levels,)."""

    dither: str
    psnr_db: np.ndarray
    distance_psnr_db: np.ndarray
    ssim: np.ndarray

    @property
    def title(self) -> str:
        return "No dither" if self.dither == "none" else DITHERS[self.dither].title


@dataclass(frozen=True, eq=False)
class Comparison:
    """SSIM and file sizes of every level; its SSIM maps "0", "1", ... (none below 7 pixels); the dithers' curves."""

    similar: tuple[Similarity, ...]
    maps: PictureSet
    curves: tuple[DitherCurve, ...]


def comparison(picture: np.ndarray, levels: ImageLevels, dithers: Sequence[str], plain: ImageLevels | None = None) -> Steps[Comparison]:
    """The levels beside these dithers; yields (done, total). plain : the same without dither, if it is known already."""
    similar = yield from similarity_frames(levels.whole())
    maps = {str(i): encode(s.ssim_map) for i, s in enumerate(similar) if s.ssim_map is not None}
    this = _curve(levels.frames, levels.distance_psnr_db, [s.ssim for s in similar], levels.recipe.dither)
    others = [d for d in dithers if d != levels.recipe.dither]
    curves = []
    for done, dither in enumerate(others):
        yield done, len(others)
        curves.append(_measured(picture, replace(levels.recipe, dither=dither, serpentine=False), plain))
    return Comparison(similar, PictureSet(maps), (*curves, this))


def curve_without_ssim(levels: ImageLevels) -> DitherCurve:
    """The curve of what is known at once."""
    return _curve(levels.frames, levels.distance_psnr_db, [np.nan] * len(levels.labels), levels.recipe.dither)


def _measured(picture: np.ndarray, recipe: Recipe, plain: ImageLevels | None) -> DitherCurve:
    known = plain if plain is not None and recipe.dither == "none" else None
    whole = known.whole() if known else finish(picture_frames(picture, recipe))
    with ThreadPoolExecutor(2) as pool:
        if known:
            distant: Sequence[float] = known.distance_psnr_db
        else:
            afar = at_viewing_distance(whole.original)
            distant = list(pool.map(lambda f: psnr_of_distant(afar, f.rgb), whole.frames))
        ssim = list(pool.map(lambda f: numbers.ssim(whole.original, f.rgb)[0], whole.frames))
    return _curve(whole.frames, distant, ssim, recipe.dither)


def _curve(frames: Sequence[PictureFrame], distance_psnr_db: Sequence[float], ssim: Sequence[float], dither: str) -> DitherCurve:
    return DitherCurve(dither, np.array([frame.psnr_db for frame in frames]), np.array(distance_psnr_db), np.array(ssim))
