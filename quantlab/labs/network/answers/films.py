"""The network lab's answers as films: tiles, classes, the confusion matrix, images and their answers."""

from __future__ import annotations

import numpy as np

from quantlab.film import Strip, answers_film, figures, image_film, numbers_film, words_film
from quantlab.film.figures import AWAY, ORIGINAL, QUANTIZED, Chart
from quantlab.labs.network.answers.curves import curve_film, measures
from quantlab.labs.network.answers.frames import WALL, Frames, flipped, per_class, sample, top_five
from quantlab.labs.network.answers.words import notice, tiles
from quantlab.networks.evaluation import Evaluation

GREY = 128
LARGE = 128  # pixels: larger pictures travel at half their size


VIEWS = {
    "accuracy-top": "Top-1 and Top-5 against bits, with intervals",
    "accuracy-top5": "Top-5 against bits",
    "accuracy-f1": "macro F1 against bits",
    "accuracy-agreement": "agreement with the float network against bits",
    "numbers": "accuracy, agreement, sizes",
    "words": "what to notice, in words",
    "wall": "test images and what they are taken for",
    "classes": "which classes suffer",
    "confusion": "what is taken for what",
    "flipped": "images whose answer changes",
}


def films(f: Frames) -> dict[str, bytes]:
    """All films of what is known so far; classes have none where no truth is known."""
    strip = Strip(f.labels)
    each = f"{max(1, WALL // len(f.classes))} test images of each class, those of the strongest contrast; a cross marks a wrong answer"
    changing = "Test images whose answer changes at some bit width, the first to change first; press one for its five likeliest answers"
    by_view = {f"accuracy-{slug}": curve_film(f, measure) for slug, measure in measures(f.truth).items()}
    by_view |= {
        "numbers": numbers_film(strip, tiles(f), layout="pairs"),
        "words": words_film(strip, [notice(f, bits) for bits in f.widths]),
        "wall": _wall(strip, f, sample(f), each if f.truth else "Pictures; a cross marks an answer other than in float"),
        "flipped": _wall(strip, f, flipped(f), changing),
    }
    return by_view | ({"classes": _classes(strip, f), "confusion": _confusion(strip, f)} if f.truth else {})


def _classes(strip: Strip, f: Frames) -> bytes:
    alt = "Share of each class's images answered correctly, float and quantized"
    chart = Chart(strip, figures.height_of_names(f.classes), alt, "answered correctly, %", "")
    at = figures.labels_at(f.classes)
    chart.names([short(name) for name in f.classes], (0, 105)).axes(xaxis_dtick=25)
    width = 9 if len(at) > 12 else 14
    shares = [100 * per_class(level.evaluation) if level else np.full(len(at), AWAY) for level in f.known]
    bars = [figures.bars(at, 0, share) for share in shares]
    chart.line("quantized", [x for x, _ in bars], bars[0][1], QUANTIZED, width=width, hover=False)
    chart.points("float", 100 * per_class(f.exact.evaluation), at, ORIGINAL, symbol="diamond", size=8)
    return chart.film()


def short(name: str, most: int = 13) -> str:
    """A class's name where there is little room.

    >>> short("immunohistochemistry")
    'immunohistoc…'
    """
    return name if len(name) <= most else name[: most - 1] + "…"


def _shares(evaluation: Evaluation) -> np.ndarray:
    """Rows of the confusion matrix as shares of the row, uint8 (C, C), 254 for all of it."""
    confusion = evaluation.confusion
    return np.rint(254 * confusion / np.maximum(confusion.sum(axis=1, keepdims=True), 1)).astype(np.uint8)


def _confusion(strip: Strip, f: Frames) -> bytes:
    """Both matrices side by side, a grey stripe between them."""
    count = len(f.classes)
    before, gap = _shares(f.exact.evaluation), np.full((count, 1), 255, np.uint8)
    empty = np.zeros_like(before)
    frames = np.stack([np.hstack([before, gap, _shares(level.evaluation) if level else empty]) for level in f.known])
    palette = np.concatenate([figures.magma()[:255], [[GREY, GREY, GREY]]]).astype(np.uint8)
    alt = "Confusion matrices: left the float network, right the quantized one; a row for each true class, a column for each answer"
    columns = [f"{name}{where}" for where in (" in float", "") for name in f.classes]
    columns.insert(count, "")
    return image_film(strip, frames, palette, alt, "none of the row", "all of it", True, f.classes, columns)


def _wall(strip: Strip, f: Frames, images: np.ndarray, alt: str) -> bytes:
    """Images with their answers at every level."""
    pixels = f.pixels[images]
    rgb = np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels
    rgb = halved(rgb) if rgb.shape[1] > LARGE else rgb
    levels = [top_five(level.evaluation, images) if level else None for level in f.known]
    truth = f.exact.evaluation.labels[images].tolist()
    return answers_film(strip, rgb, f.classes, truth, top_five(f.exact.evaluation, images), levels, alt, f.truth)


def halved(pictures: np.ndarray) -> np.ndarray:
    """uint8 (N, 2h, 2w, C) at half the size, every pixel the mean of four: uint8 (N, h, w, C).

    >>> halved(np.array([[[[0], [10]], [[20], [40]]]], np.uint8)).tolist()
    [[[[18]]]]
    """
    n, h, w, c = pictures.shape
    return np.rint(pictures.reshape(n, h // 2, 2, w // 2, 2, c).mean(axis=(2, 4))).astype(np.uint8)
