"""The image lab's subject: a built-in picture, one of a person's file, or a photo of the camera."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.caching import lru_cache
from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice, File
from quantlab.sources.picture_files import ENDINGS, MAX_BYTES, MAX_PIXELS, is_small, load_fitted, load_picture
from quantlab.sources.pictures import PICTURES
from quantlab.sources.uploads import UPLOADS
from quantlab.workers.reading import read

_BROUGHT = {"upload": "Open a file", "webcam": "Take a photo"}
_BLACK = 8  # of 255: a photo that is taken before the camera's first frame has no brighter pixel
_GONE = "That picture is no longer held by this server; bring it again."


@dataclass(frozen=True, eq=False)
class ImageSubject:
    """A picture that is looked at.

    key : names it in caches. picture : uint8 (H, W, 3) as it is shown, read-only. python : the lines that make it.
    full : makes it at its own size. notes : what was changed when it was read, a sentence each.
    """

    key: Hashable
    picture: np.ndarray
    python: str
    title: str
    full: Callable[[], np.ndarray]
    notes: tuple[str, ...] = ()


def image_of(values: Values) -> ImageSubject:
    """The picture that the values name; ValueError in one sentence where they name none that is sound."""
    if values["source"] in PICTURES:
        return _built_in(values["source"])
    if not values["file"]:
        webcam = values["source"] == "webcam"
        raise ValueError("Press the button below the camera to take a photo." if webcam else "Choose a file: PNG, JPEG or WebP.")
    subject = brought(values["file"])
    if values["source"] == "webcam" and subject.picture.max(initial=0) < _BLACK:
        raise ValueError("This photo is black: clear it, wait until the camera shows you, and take it again.")
    return subject


@lru_cache(maxsize=32)
def _built_in(slug: str) -> ImageSubject:
    entry = PICTURES[slug]
    full = partial(entry.make, 512 if "formula" in entry.origin else 1 << 16)
    return ImageSubject(slug, _read_only(entry.make()), f'picture = PICTURES["{slug}"].make()', entry.title, full)


def brought(token: str) -> ImageSubject:
    """The picture in a file that this server holds; ValueError in one sentence."""
    key, name = UPLOADS.key(UPLOADS.check(token, _GONE)), UPLOADS.name(token)
    picture, notes = _uploaded(key)
    python = f"picture = fit(load_picture({name!r}, Path({name!r})).array)"
    return ImageSubject(("upload", key), picture, python, name, partial(_full, key), notes)


@lru_cache(maxsize=64)
def _uploaded(key: str) -> tuple[np.ndarray, tuple[str, ...]]:
    name, data = UPLOADS.content(key)
    picture, notes = read(name, partial(load_fitted, name, data), cheap=is_small(data))
    return _read_only(picture), notes


def _full(key: str) -> np.ndarray:
    name, data = UPLOADS.content(key)
    return read(name, partial(load_picture, name, data), cheap=is_small(data)).array


def _read_only(picture: np.ndarray) -> np.ndarray:
    picture = np.array(picture)
    picture.flags.writeable = False
    return picture


SUBJECT = (
    Parameter(
        "source",
        "the picture: a built-in one, `upload`, `webcam` (a photo)",
        Choice({slug: entry.title for slug, entry in PICTURES.items()} | _BROUGHT),
        "astronaut",
        "Picture",
        advice="The picture that is quantized: built-in, from a file, or a photo.",
    ),
    Parameter(
        "file",
        "an opened file, by the token that the server gave it",
        File(kind="picture", endings=ENDINGS, most=MAX_BYTES),
        title="File",
        when=lambda values: values["source"] in _BROUGHT,
        advice=f"PNG, JPEG or WebP, up to {MAX_PIXELS // 10**6} megapixels.",
    ),
)
