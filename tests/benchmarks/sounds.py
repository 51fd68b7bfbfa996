"""How long do all levels of a sound take, and what do they weigh? Frames and films of ten seconds, as the audio lab makes them."""

from __future__ import annotations

import os
import statistics
import time

import numpy as np

import quantlab as ql
from quantlab.audio.chain import Chain
from quantlab.audio.clips import load_clip
from quantlab.labs.audio import films as audio_films
from quantlab.labs.audio.recipe import ChainRecipe, MdctRecipe, Recipe
from quantlab.sources.sounds import Sound
from tests.steps import finished

SPEC = ql.QuantSpec("int-symmetric")
RECIPES: dict[str, Recipe] = {
    "plain": ChainRecipe(Chain(SPEC)),
    "triangular dither": ChainRecipe(Chain(SPEC, dither="tpdf")),
    "shaped for the ear": ChainRecipe(Chain(SPEC, dither="tpdf", shaping="ear")),
    "mu-law": ChainRecipe(Chain(ql.QuantSpec("mu-law"))),
    "half the rate": ChainRecipe(Chain(SPEC, factor=2)),
    "mdct": MdctRecipe(),
}


def ten_seconds(clip: str) -> Sound:
    sound = load_clip(clip)
    return Sound(np.tile(sound.samples, (3, 1))[: 10 * sound.rate], sound.rate)


def main(repeats: int = 3) -> None:
    print(f"load {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
    for clip in ("voice", "chord"):
        sound = ten_seconds(clip)
        for name, recipe in RECIPES.items():
            times = []
            for _ in range(repeats):
                start = time.perf_counter()
                frames = finished(recipe.frames(sound))
                films = audio_films.films(frames, recipe, list(audio_films.VIEWS))
                times.append(time.perf_counter() - start)
            shown = frames.length / frames.rate
            print(
                f"{clip:6} {name:20} {statistics.median(times):5.2f} s, {shown:4.1f} s of 10 shown, {sum(map(len, films.values())) / 1e6:.2f} MB"
            )


if __name__ == "__main__":
    main()
