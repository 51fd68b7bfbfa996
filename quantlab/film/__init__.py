"""Films: blocks of bytes from which the browser shows every level by itself.

Four bytes with the length of the header, the header as JSON (padded to a multiple of four), then the numbers:
float32 for curves, bytes for pictures. Made once and cached: Streamlit passes bytes on as they are.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from typing import Any

import numpy as np

_LARGEST = float(np.finfo(np.float32).max)
Json = dict[str, Any]  # what json writes, of the shape that the film's module in the browser reads


@dataclass(frozen=True)
class Strip:
    """The strip that all films of one slider share: the labels of its levels and the name of its group."""

    labels: tuple[str, ...]
    group: str = "lab"


Answers = list[list[tuple[int, int]]]  # for each picture its likeliest classes, (class, per cent)
STILL = Strip(())  # for a picture in which nothing moves


@dataclass
class Tracks:
    """The moving traces of one plot: arrays stored once each, and for every trace where its levels' arrays lie."""

    arrays: list[np.ndarray] = field(default_factory=list)
    entries: list[Json] = field(default_factory=list)
    _size: int = 0

    def add(self, trace: int, x: Sequence[np.ndarray], y: Sequence[np.ndarray]) -> None:
        """Trace number ``trace`` moves: x and y per level, or a single array where an axis stays."""
        self.entries.append({"trace": trace, "x": [self._put(a) for a in x], "y": [self._put(a) for a in y]})

    def _put(self, a: np.ndarray) -> tuple[int, int]:
        flat = np.ravel(a)
        if flat.dtype == np.float64:  # the margin beside the largest float32 is drawn at its end
            flat = np.where(np.isfinite(flat), np.clip(flat, -_LARGEST, _LARGEST), flat)
        flat = flat.astype(np.float32, copy=False)
        self.arrays.append(flat)
        self._size += flat.size
        return self._size - flat.size, flat.size


def pack(header: Json, payload: bytes = b"") -> bytes:
    """The film as bytes."""
    text = json.dumps(header, separators=(",", ":"), allow_nan=False).encode()
    text += b" " * (-len(text) % 4)
    return len(text).to_bytes(4, "little") + text + payload


def unpack(film: bytes) -> tuple[Json, bytes]:
    """Header and payload of a film.

    >>> unpack(pack({"a": 1}, b"xyz"))
    ({'a': 1}, b'xyz')
    """
    start = 4 + int.from_bytes(film[:4], "little")
    return json.loads(film[4:start]), film[start:]


def with_header(film: bytes, **more: object) -> bytes:
    """The film with more in its header.

    >>> unpack(with_header(pack({"a": 1}, b"xyz"), b=2))
    ({'a': 1, 'b': 2}, b'xyz')
    """
    header, payload = unpack(film)
    return pack(header | more, payload)


def following(film: bytes, labels: Sequence[str], at: Sequence[int]) -> bytes:
    """The film on the labels of another slider: at label ``k`` of that it shows its own level ``at[k]``.

    >>> header, _ = unpack(following(words_film(Strip(("2", "4")), ["two", "four"]), ("1", "2", "3"), [0, 0, 1]))
    >>> header["labels"], header["at"], header["texts"]
    (['1', '2', '3'], [0, 0, 1], ['two', 'four'])
    """
    return with_header(film, labels=list(labels), at=list(at))


def plot_film(strip: Strip, figure: Json, tracks: Tracks, alt: str) -> bytes:
    """A figure (plotly's JSON as a dict) whose tracks move."""
    header = header_of(strip, "plot") | {"figure": figure, "tracks": tracks.entries, "alt": alt}
    return pack(header, np.concatenate([*tracks.arrays, np.empty(0, np.float32)]).tobytes())


def numbers_film(strip: Strip, entries: Sequence[tuple[str, str, Sequence[str]]], layout: str = "tiles") -> bytes:
    """(name, help, a text for every level) for each tile or line."""
    return pack(
        header_of(strip, "numbers") | {"layout": layout, "entries": [{"name": n, "help": h, "texts": list(t)} for n, h, t in entries]}
    )


def words_film(strip: Strip, texts: Sequence[str], look: str = "sentence") -> bytes:
    """A text for every level, the one text of a strip without levels; ``**bold**`` and ``*italic*`` are all that it may hold.

    look : "sentence", which a screen reader hears when the thumb rests, or "text", which it reads where it stands.
    """
    return pack(header_of(strip, "words") | {"texts": list(texts), "look": look})


@dataclass(frozen=True)
class Says:
    """How a pixel is read: ROW between COLUMN: its share of 127 times ``most``, and the unit; below 128 with ``lower``, from there on without."""

    between: str
    most: float
    unit: str
    lower: str


def image_film(
    strip: Strip,
    frames: np.ndarray,
    palette: np.ndarray,
    alt: str,
    low: str,
    high: str,
    square: bool = False,
    rows_named: Sequence[str] = (),
    columns_named: Sequence[str] = (),
    says: Says | None = None,
) -> bytes:
    """Frames uint8 (levels, R, C) through a palette uint8 (256, 3); ``low`` and ``high`` caption its ends.

    square : whether a pixel is as high as wide; without it the picture fills the height that all have.
    rows_named, columns_named : names of rows and columns, "" for a column that separates; a pixel says its own and its share of 254,
    or what ``says`` makes of it.
    """
    rows, cols = frames.shape[1:]
    header = header_of(strip, "image") | {
        "rows": rows,
        "cols": cols,
        "palette": palette.tolist(),
        "alt": alt,
        "low": low,
        "high": high,
        "square": square,
        "names": [list(rows_named), list(columns_named)] if rows_named else None,
        "says": asdict(says) if says else None,
    }
    return pack(header, frames.tobytes())


def answers_film(
    strip: Strip,
    pixels: np.ndarray,
    classes: Sequence[str],
    truth: Sequence[int],
    before: Answers,
    after: Sequence[Answers | None],
    alt: str,
    known: bool = True,
) -> bytes:
    """Pictures uint8 (N, H, W, 3) with the classes they are taken for: before, and at every level that is known yet.

    known : whether ``truth`` says what they show, and not only what they are taken for before.
    """
    header = header_of(strip, "answers") | {
        "count": len(pixels),
        "rows": pixels.shape[1],
        "cols": pixels.shape[2],
        "alt": alt,
        "known": known,
    }
    header |= {"classes": list(classes), "truth": list(truth), "before": before, "after": list(after)}
    return pack(header, pixels.tobytes())


@dataclass(frozen=True, eq=False)
class Telling:
    """A text as one model tells it, T tokens. surprise : bits (T,). top : places in the vocabulary (T, 5). shares : theirs, 0 to 1."""

    surprise: np.ndarray
    top: np.ndarray
    shares: np.ndarray

    def packed(self) -> bytes:
        """Hundredths of bits, places, thousandths; uint16 each."""
        parts = (np.round(100 * self.surprise), self.top, np.round(1000 * self.shares))
        return np.concatenate([np.ravel(np.clip(part, 0, 65535)) for part in parts]).astype("<u2").tobytes()


def tokens_film(
    strip: Strip, pieces: Sequence[str], vocabulary: Sequence[str], before: Telling, after: Sequence[Telling | None], chosen: int, alt: str
) -> bytes:
    """A text coloured by surprise before and at every level, None where that is not known; ``chosen``: the token whose rivals are shown."""
    header = header_of(strip, "tokens") | {"pieces": list(pieces), "vocabulary": list(vocabulary), "chosen": chosen, "alt": alt}
    header["known"] = [one is not None for one in after]
    return pack(header, before.packed() + b"".join((one or before).packed() for one in after))


def header_of(strip: Strip, kind: str) -> Json:
    """The part of the header that every film has. kind : the module that shows it, of ``web/films``."""
    return {"kind": kind, "group": strip.group, "labels": list(strip.labels)}


def kind_of(film: bytes) -> str:
    """The module that shows a film."""
    return str(unpack(film)[0]["kind"])
