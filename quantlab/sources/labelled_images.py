"""Decoding of labelled pictures, and their split into training, calibration and test with none in two parts.

Each is read as ``picture_files`` reads it, cut to its middle square and scaled. A picture that is there twice counts
once, and one that lies in two classes is left out. Each class is dealt by the hashes of its pictures, so that neither
names nor order decide: about a quarter to test, a seventh to calibrate, the rest to train. Pictures that only look
alike count as different.
"""

from __future__ import annotations

import hashlib
from collections.abc import Generator, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.sources.picture_files import load_picture
from quantlab.sources.upload import Refused, show
from quantlab.sources.zip_files import Member

MIN_EACH = 4  # different pictures of a class: two to train, one to calibrate, one to test
MAX_PIXELS = 4_000_000_000  # of all pictures, as they come
SHARES = {"test": 0.25, "calibration": 0.15}  # of a class, at least one picture; the rest is for training


@dataclass(frozen=True, eq=False)
class LabelledImages:
    """pixels : uint8 (N, S, S, C). labels : int64 (N,), places in ``classes``. notes : what was left out, a sentence each.

    training, calibration, test : places of their pictures, int64, without a common one; the classes take turns in each.
    """

    pixels: np.ndarray
    labels: np.ndarray
    classes: tuple[str, ...]
    training: np.ndarray
    calibration: np.ndarray
    test: np.ndarray
    notes: tuple[str, ...] = ()


Steps = Generator[tuple[int, int], None, LabelledImages]


def check_enough(one: str, count: int, what: str) -> None:
    if count < MIN_EACH:
        raise Refused(f"The class {show(one)} has {count} {what}, too few to train, calibrate and test: give it at least {MIN_EACH}.")


def decode_steps(placed: Sequence[tuple[str, Member]], classes: tuple[str, ...], shape: tuple[int, int, int]) -> Steps:
    """Pictures of ``shape`` (S, S, C) from files with their classes; yields (done, total) and returns LabelledImages."""
    pixels, labels = np.empty((len(placed), *shape), np.uint8), np.empty(len(placed), np.int64)
    classes_of: dict[bytes, set[int]] = {}  # content -> classes
    hashes, read = [], 0
    for done, (folder, member) in enumerate(placed):
        yield done, len(placed)
        picture = load_picture(member.name, member.read()).array
        read += picture.shape[0] * picture.shape[1]
        if read > MAX_PIXELS:
            raise Refused(f"The first {done + 1} pictures have {read} pixels, at most {MAX_PIXELS} are read: scale them down first.")
        pixels[done], labels[done] = square(picture, *shape[1:]), classes.index(folder)
        hashes.append(hashlib.sha256(pixels[done].tobytes()).digest())
        classes_of.setdefault(hashes[-1], set()).add(int(labels[done]))
    first = sorted({content: place for place, content in reversed(list(enumerate(hashes)))}.items())  # in the hashes' order
    places = [place for content, place in first if len(classes_of[content]) == 1]
    notes = []
    if torn := len(classes_of) - len(places):
        notes.append(f"Left out because they lie in more than one class: {torn} pictures.")
    if twice := sum(len(classes_of[content]) == 1 for content in hashes) - len(places):
        notes.append(f"Left out because each picture counts once: {twice} copies.")
    return _dealt(pixels[places], labels[places], classes, tuple(notes))


def _dealt(pixels: np.ndarray, labels: np.ndarray, classes: tuple[str, ...], notes: tuple[str, ...]) -> LabelledImages:
    """``pixels`` in an order that says nothing about them: the first of each class to test, the next to calibrate."""
    parts: dict[str, list[tuple[int, int]]] = {"test": [], "calibration": [], "training": []}  # (turn, place)
    for label, one in enumerate(classes):
        places = np.flatnonzero(labels == label).tolist()
        check_enough(one, len(places), "different pictures")
        ends = np.cumsum([max(1, round(share * len(places))) for share in SHARES.values()])
        for part, some in zip(parts, (places[: ends[0]], places[ends[0] : ends[1]], places[ends[1] :]), strict=True):
            parts[part] += enumerate(some)
    dealt = {part: np.array([place for _, place in sorted(some, key=lambda pair: pair[0])], np.int64) for part, some in parts.items()}
    return LabelledImages(pixels, labels, classes, notes=notes, **dealt)


def square(picture: np.ndarray, side: int, channels: int) -> np.ndarray:
    """The middle square of a picture uint8 (H, W, 3), scaled (Lanczos): uint8 (side, side, channels).

    >>> square(np.full((40, 90, 3), 200, np.uint8), 8, 1).shape
    (8, 8, 1)
    """
    from PIL import Image

    height, width = picture.shape[:2]
    cut = min(height, width)
    top, left = (height - cut) // 2, (width - cut) // 2
    image = Image.fromarray(picture[top : top + cut, left : left + cut])
    if channels == 1:
        image = image.convert("L")
    scaled = image.resize((side, side), Image.Resampling.LANCZOS, reducing_gap=3.0)
    return np.asarray(scaled).reshape(side, side, channels)
