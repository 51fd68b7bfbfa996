"""The image lab's words: what to notice, the texts of its numbers, the program and the table to take away."""

from __future__ import annotations

import math

import numpy as np

from quantlab.images import DITHERS, SPACES, Recipe
from quantlab.labs.image.comparison import Comparison
from quantlab.labs.image.levels import ImageLevels
from quantlab.labs.text import decibels, fixed, kilobytes, plain
from quantlab.quantizer import quantize
from quantlab.schemes import SCHEMES

LATER = "…"


def tiles(levels: ImageLevels, comparison: Comparison | None) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level) for each number of the lab; the slow ones read ``LATER`` until they are known."""
    frames = levels.frames
    pixels = levels.size[0] * levels.size[1]

    def size(kind: str) -> list[str]:
        return [LATER] * len(frames) if comparison is None else [kilobytes(s.sizes[kind]) for s in comparison.similar]

    return [
        ("PSNR", "10·log10(255² / MSE): pixel against pixel", [decibels(f.psnr_db) for f in frames]),
        ("From afar", "PSNR when both pictures are blurred by two pixels, as light: what an eye compares that sees no single pixels",
         [decibels(v) for v in levels.distance_psnr_db]),
        ("SSIM 7×7", "Structural similarity in windows of 7 by 7 pixels, equal weights, mean over channels",
         [LATER] * len(frames) if comparison is None else [similarity(s.ssim) for s in comparison.similar]),
        ("MSE", "The mean squared difference of the bytes", [plain(f.mse) for f in frames]),
        ("Colours", f"Different colours that occur; the original has {thousands(levels.original_colours)}",
         [thousands(f.colours) for f in frames]),
        ("Entropy", "Bits a pixel that an ideal coder of single pixels needs; for JPEG's waves, of each wave by itself", [f"{f.entropy_bits:.2f}" for f in frames]),
        ("Bits a pixel", "The codes as they are, before any file format (for JPEG: its words)", bits_per_pixel(levels, comparison, pixels)),
        ("PNG", "As a PNG file, zlib 4, indexed where 256 colours do", size("PNG")),
        ("WebP", "As a lossless WebP file, method 0: quick rather than small", size("WebP")),
        ("JPEG", "As a JPEG file, 4:4:4, of quality 90; for JPEG's waves these very waves in JPEG's words, without the file's head", size("JPEG")),
    ]  # fmt: skip


def bits_per_pixel(levels: ImageLevels, comparison: Comparison | None, pixels: int) -> list[str]:
    recipe = levels.recipe
    if recipe.what == "palette":
        return [f"{math.log2(len(frame.palette)):.2f}" if frame.palette is not None else LATER for frame in levels.frames]
    if recipe.what == "dct":
        return [LATER] * len(recipe.levels) if comparison is None else [f"{8 * s.sizes['JPEG'] / pixels:.2f}" for s in comparison.similar]
    if SCHEMES[recipe.spec.scheme].block_only:  # every block has a scale of its own
        row = np.zeros((len(SPACES[recipe.what].channels), levels.size[1]), np.float32)
        return [f"{len(row) * quantize(row, recipe.spec.replace(bits=level)).bits_per_value:.2f}" for level in recipe.levels]
    return [f"{sum(recipe.bits_at(level)):.2f}" for level in recipe.levels]


def thousands(count: int) -> str:
    """Groups of three from five digits on.

    >>> thousands(4096), thousands(152316)
    ('4096', '152\u202f316')
    """
    return str(count) if count < 10_000 else f"{count:,}".replace(",", "\u202f")


def similarity(value: float) -> str:
    """Three decimals; pictures below seven pixels have none."""
    return "none" if math.isnan(value) else fixed(value, 3)


def level_title(levels: ImageLevels, level: int) -> str:
    """The level in words: "2 bits"."""
    label = levels.labels[level]
    plural = "" if label == "1" else "s"
    return {"palette": f"{label} colours", "dct": f"quality {label}"}.get(levels.recipe.what, f"{label} bit{plural}")


def at_level(levels: ImageLevels, level: int) -> str:
    """The level in words with its preposition: "at 2 bits"."""
    return f"{'with' if levels.recipe.what == 'palette' else 'at'} {level_title(levels, level)}"


def notice(levels: ImageLevels, plain_levels: ImageLevels | None, level: int) -> str:
    """Two or three sentences on the level under the thumb."""
    return " ".join(_lesson(levels, plain_levels, level) if plain_levels is not None else _alone(levels, level))


def _lesson(levels: ImageLevels, without: ImageLevels, level: int) -> list[str]:
    title, where = DITHERS[levels.recipe.dither].title, at_level(levels, level)
    (psnr, distant), (psnr_0, distant_0) = ((s.frames[level].psnr_db, s.distance_psnr_db[level]) for s in (levels, without))
    if levels.frames[level].mse == 0:
        return [f"{_first_upper(where)} **nothing is lost**: there is nothing to dither."]
    numbers = f"from {fixed(psnr_0)} to {decibels(psnr)} {where}"
    from_there = f"{decibels(distant)} against {decibels(distant_0)}"
    if psnr < psnr_0 and distant > distant_0:
        return [
            f"**{title} lowers PSNR** {numbers} **and looks better**.",
            f"An eye blurs pixels together; from afar it is {from_there}. Bands have become grain that averages to the right tone.",
        ]
    if psnr < psnr_0:
        return [f"**{title} lowers PSNR** {numbers}, and does not help from afar either: {from_there}."]
    return [f"**{title} even raises PSNR** {numbers}; from afar it is {from_there}."]


def _first_upper(text: str) -> str:
    return text[0].upper() + text[1:]


def _alone(levels: ImageLevels, level: int) -> list[str]:
    frame, where, recipe = levels.frames[level], at_level(levels, level), levels.recipe
    if frame.mse == 0:
        return [f"{_first_upper(where)} **nothing is lost**: every pixel comes back as it was."]
    said = f"**PSNR {decibels(frame.psnr_db)}** {where}."
    if recipe.what == "dct":
        more = (
            "Blocks of 8×8 pixels show where the picture is smooth."
            if recipe.levels[level] <= 20
            else "Look for ripples along sharp edges."
        )
        return [said, f"What is rounded are waves, not pixels: fine ones coarsely, coarse ones finely. {more}"]
    if recipe.what == "palette":
        return [said, "Every pixel takes the nearest colour of the palette; smooth areas fall apart into patches."]
    distant = levels.distance_psnr_db[level]
    if distant > frame.psnr_db + 8:
        return [said, f"From afar it is {decibels(distant)}: the error is too fine to be seen there."]
    return [said, f"Even from afar it is only {decibels(distant)}: neighbouring pixels err the same way, so smooth areas turn into bands."]


def uniform_law(recipe: Recipe) -> np.ndarray | None:
    """PSNR in dB at every level if the error were spread evenly over one step of 255 / (2^b - 1): 10 log10(12 (2^b - 1)^2).

    Only for even steps over all bytes; None elsewhere.

    >>> uniform_law(Recipe()).round(1).tolist()[:3]  # 12, 12 * 9, 12 * 49
    [10.8, 20.3, 27.7]
    """
    if recipe.what not in ("rgb", "grey") or recipe.spec.scheme != "int-asymmetric":
        return None
    return np.array([10 * np.log10(12 * (2.0**b - 1) ** 2) for b in recipe.levels])


def recipe_title(recipe: Recipe) -> str:
    """The word for what is quantized."""
    return {"palette": "a palette", "dct": "JPEG's waves"}.get(recipe.what, "") or SPACES[recipe.what].title


def python(source: str, recipe: Recipe, label: str) -> str:
    """The program that reproduces the numbers on screen; ``source`` are the lines that make the picture."""
    path = "from pathlib import Path\n\n" if "Path(" in source else ""
    names = sorted((name for name in ("PICTURES", "fit", "load_picture") if name in source), key=lambda n: (n.islower(), n))
    spec = "import quantlab as ql\n" if "ql." in (call := recipe_call(recipe)) else ""
    return f"""{path}{spec}from quantlab.images import Recipe, picture_frames, similarity_frames
from quantlab.images.viewing_distance import psnr_from_afar
from quantlab.sources.pictures import {", ".join(names)}
from quantlab.progress import finish

{source.strip()}
made = finish(picture_frames(picture, {call}))
level = made.labels.index({label!r})
frame, similar = made.frames[level], finish(similarity_frames(made))[level]
afar = psnr_from_afar(made.original, frame.rgb)
print(f"PSNR {{frame.psnr_db:.1f}} dB, from afar {{afar:.1f}} dB, SSIM {{similar.ssim:.3f}}, MSE {{frame.mse:.4g}}")
print(f"{{frame.colours}} colours, entropy {{frame.entropy_bits:.2f}} bit a pixel, PNG {{similar.sizes['PNG']}} bytes")
"""


def recipe_call(recipe: Recipe) -> str:
    """The recipe as code, what is default left out.

    >>> recipe_call(Recipe("palette", dither="atkinson"))
    "Recipe('palette', dither='atkinson')"
    """
    usual, parts = Recipe(), [] if recipe.what == "rgb" else [repr(recipe.what)]
    for name in ("spec", "dither", "strength", "serpentine", "seed", "luma", "chroma", "full_range", "method", "dead_zone"):
        value = getattr(recipe, name)
        if value != getattr(usual, name):
            text = repr(value).replace("QuantSpec(", "ql.QuantSpec(").replace("=per_", "=ql.per_")
            parts.append(f"{name}={text}")
    return f"Recipe({', '.join(parts)})"


def csv(levels: ImageLevels, comparison: Comparison | None) -> str:
    """Every level and its numbers as comma separated values; what is not known yet is left empty."""
    kinds = ("PNG", "WebP", "JPEG")
    lines = ["level,mse,psnr_db,psnr_afar_db,ssim,colours,entropy_bits," + ",".join(f"{k.lower()}_bytes" for k in kinds)]
    for i, frame in enumerate(levels.frames):
        slow = comparison.similar[i] if comparison is not None else None
        ssim = repr(slow.ssim) if slow else ""
        sizes = [str(slow.sizes[k]) if slow else "" for k in kinds]
        fields = [frame.label, repr(frame.mse), repr(frame.psnr_db), repr(levels.distance_psnr_db[i]), ssim]
        lines.append(",".join([*fields, str(frame.colours), repr(frame.entropy_bits), *sizes]))
    return "\n".join(lines) + "\n"
