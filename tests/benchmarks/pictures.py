"""How long until every level of a picture is known, and how does error diffusion compare with Pillow's?

    python -m tests.benchmarks.pictures

512 x 512 colours, medians of five; the parts of the image lab in the order in which the page shows them.
"""

import os
import platform
import statistics
import time
from collections.abc import Callable

import numpy as np
from PIL import Image

from quantlab.images import DITHERS, PALETTES, SPACES, Recipe
from quantlab.images.nearest import draw
from quantlab.images.tables import index_tables
from quantlab.labs.image.comparison import comparison
from quantlab.labs.image.levels import ImageLevels, image_levels
from quantlab.progress import finish
from quantlab.sources.pictures import PICTURES

PICTURE = PICTURES["astronaut"].make()
RECIPES = {
    "RGB, Floyd–Steinberg, 8 levels": Recipe(dither="floyd-steinberg"),
    "RGB, no dither, 8 levels": Recipe(),
    "RGB, Floyd–Steinberg, serpentine": Recipe(dither="floyd-steinberg", serpentine=True),
    "L*a*b*, blue noise, 8 levels": Recipe("lab", dither="blue-noise"),
    "palette by k-means, Floyd–Steinberg, 8 sizes": Recipe("palette", method="k-means", dither="floyd-steinberg"),
    "JPEG's waves, 16 qualities": Recipe("dct"),
}


def seconds(work: Callable[[], object]) -> float:
    times = []
    for _ in range(5):
        start = time.perf_counter()
        work()
        times.append(time.perf_counter() - start)
    return statistics.median(times)


def shipped(levels: ImageLevels) -> float:
    """Megabytes that a browser fetches to see every level beside the original."""
    return (sum(map(len, levels.pictures.files.values())) + (0 if levels.tables is None else levels.tables.nbytes)) / 1e6


def main() -> None:
    print(f"{platform.machine()}, {os.cpu_count()} cores, {platform.python_version()}\n")
    print("| 512×512 in colour | picture of every level, s | SSIM and files, s | shipped, MB |\n|---|---|---|---|")
    for name, recipe in RECIPES.items():
        levels = finish(image_levels(PICTURE, recipe))
        first = seconds(lambda r=recipe: finish(image_levels(PICTURE, r)))
        then = seconds(lambda known=levels: finish(comparison(PICTURE, known, ())))
        print(f"| {name} | {first:.2f} | {then:.2f} | {shipped(levels):.1f} |")
    space, fs = SPACES["rgb"], DITHERS["floyd-steinberg"]
    tables = index_tables(Recipe().spec, [(b,) * 3 for b in range(1, 9)], space.points()[None], space)
    values = space.index(space.forward(PICTURE))
    palette = PALETTES["median-cut"].make(PICTURE, (16,))
    pillow = Image.new("P", (1, 1))
    pillow.putpalette(palette[0].ravel().tolist())
    ours = seconds(lambda: fs.apply(values, tables, 1.0, False, 0))
    own = seconds(lambda: draw(PICTURE, palette, fs))
    theirs = seconds(lambda: Image.fromarray(np.ascontiguousarray(PICTURE)).quantize(palette=pillow, dither=Image.Dither.FLOYDSTEINBERG))
    print(
        f"\nerror diffusion: all 8 levels of 3 channels {1000 * ours:.0f} ms; 16 colours {1000 * own:.0f} ms, Pillow's {1000 * theirs:.0f} ms"
    )


if __name__ == "__main__":
    main()
