"""CPU time of what pages compute, all threads together: it tells two checkouts apart on a machine that is busy.

    python -m tests.benchmarks.cpu [what its line holds]

The least of several runs each, after one that is not counted.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator

import numpy as np
from PIL import Image

import quantlab as ql
from quantlab.images import DITHERS, PALETTES
from quantlab.images.nearest import draw
from quantlab.labs.catalog import LABS
from quantlab.progress import finish

from . import pictures, sounds

Case = tuple[str, Callable[[], object]]


def milliseconds(work: Callable[[], object], runs: int = 3) -> float:
    work()
    times = []
    for _ in range(runs):
        start = time.process_time()
        work()
        times.append(1e3 * (time.process_time() - start))
    return min(times)


def cases() -> Iterator[Case]:
    yield from core()
    for scheme in ("mu-law", "int-asymmetric", "nf4", "power-of-two", "log"):
        yield f"tensor lab, 10⁶ values, {scheme}: all films", lambda scheme=scheme: films(scheme)
    for name, recipe in pictures.RECIPES.items():
        levels = finish(pictures.image_levels(pictures.PICTURE, recipe))
        yield f"picture, {name}: levels", lambda r=recipe: finish(pictures.image_levels(pictures.PICTURE, r))
        yield f"picture, {name}: SSIM and files", lambda known=levels: finish(pictures.comparison(pictures.PICTURE, known, ()))
    for clip in ("voice", "chord"):
        sound = sounds.ten_seconds(clip)
        for name, chain in sounds.RECIPES.items():
            yield f"10 s of {clip}, {name}", lambda s=sound, r=chain: heard(s, r)


def core() -> Iterator[Case]:
    x = np.random.default_rng(0).normal(size=10_000_000).astype(np.float32)
    d, levels = ql.Distribution(x), np.linspace(-4, 4, 4096)
    yield "exact error of one more quantizer of 12 bits, 10⁷ sorted values", lambda: d.distortion(levels)
    yield "a copy of 10⁷ float32", x.copy
    for granularity in (ql.per_tensor(), ql.per_group(64)):
        spec = ql.QuantSpec("int-symmetric", bits=8, granularity=granularity)
        yield f"fake_quantize of them, {granularity!r}", lambda spec=spec: ql.fake_quantize(x, spec)
    for scheme in ("int-symmetric", "int-asymmetric"):
        spec = ql.QuantSpec(scheme, 4, calibrator="mse", granularity=ql.per_group(64))
        yield f"range of least error, groups of 64, 10⁶ values, {scheme}", lambda spec=spec: ql.choose_qparams(x[:1_000_000], spec)
    spec = ql.QuantSpec("kmeans", bits=2, granularity=ql.per_group(64))
    yield "exact k-means, 4 levels, groups of 64, 10⁵ values", lambda: ql.choose_qparams(x[:100_000], spec)
    palette = PALETTES["median-cut"].make(pictures.PICTURE, (16,))
    yield "error diffusion in 16 colours", lambda: draw(pictures.PICTURE, palette, DITHERS["floyd-steinberg"])
    theirs = Image.new("P", (1, 1))
    theirs.putpalette(palette[0].ravel().tolist())
    picture = Image.fromarray(np.ascontiguousarray(pictures.PICTURE))
    yield "the same by Pillow", lambda: picture.quantize(palette=theirs, dither=Image.Dither.FLOYDSTEINBERG)


def films(scheme: str) -> None:
    """Every task of the tensor lab, its results kept nowhere."""
    lab = LABS["tensor"]
    for task in lab.tasks(lab.read({"size": "1000000", "scheme": scheme}), tuple(lab.views)):
        finish(task.steps())


def heard(sound: sounds.Sound, recipe: sounds.Recipe) -> None:
    frames = sounds.finished(recipe.frames(sound))
    sounds.audio_films.films(frames, recipe, list(sounds.audio_films.VIEWS))


def main(only: str = "") -> None:
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores\n\n| what | CPU ms |\n|---|---|")
    for name, work in cases():
        if only in name:
            print(f"| {name} | {milliseconds(work):.3g} |", flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])
