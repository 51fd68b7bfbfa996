"""Pictures as examples: a zip with a folder for each class, or with a table ``file,label`` (or ``file,label,slice``) beside them.

A folder's class is its place among the folders' names in order; a label is a class's number, or a decimal fraction: then the model is
a regressor. Pictures are cut to the model's shape around their middle, scaled (Lanczos), and put into an order that says nothing.
"""

from __future__ import annotations

import csv
import hashlib
import io
import zipfile
from collections import Counter
from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np

from quantlab.bench.model import Model
from quantlab.bench.subject import Examples, examples_of
from quantlab.sources.picture_files import load_picture
from quantlab.sources.upload import Refused, as_upload, show
from quantlab.sources.zip_files import Member, zip_members

LONGEST_SLICE = 60  # characters
MOST = 1 << 28  # numbers of all pictures, as the model reads them
ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
_MEAN, _SPREAD = (np.array(three, np.float32) for three in ((0.485, 0.456, 0.406), (0.229, 0.224, 0.225)))
PIXELS: dict[str, tuple[str, Callable[[np.ndarray], np.ndarray]]] = {
    "unit": ("0 to 1", lambda p: p / np.float32(255)),
    "symmetric": ("−1 to 1", lambda p: p / np.float32(127.5) - np.float32(1)),
    "bytes": ("0 to 255", lambda p: p),
    "imagenet": ("ImageNet's mean and deviation", lambda p: (p / np.float32(255) - _MEAN[-p.shape[-1] :]) / _SPREAD[-p.shape[-1] :]),
}  # slug -> title, and the function of float32 (N, H, W, C) from 0 to 255


def is_pictures(content: bytes | Path) -> bool:
    """Whether a file is a zip of anything but arrays."""
    try:
        with zipfile.ZipFile(content if isinstance(content, Path) else io.BytesIO(content)) as archive:
            return not any(name.endswith(".npy") for name in archive.namelist())
    except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
        return False  # which the reader of arrays tells in a sentence


def picture_examples(name: str, content: bytes | Path, model: Model, pixels: str) -> Examples:
    """The examples of a zip of pictures; ValueError in one sentence."""
    members = zip_members(as_upload(name, content))
    tables = [member for member in members if member.path[-1].lower().endswith(".csv")]
    pictures = [member for member in members if member.path[-1].lower().endswith(ENDINGS)]
    if not pictures:
        raise Refused(f"{show(name)} holds no picture: pack .png, .jpg or .webp files, a folder for each class or a table beside them.")
    if len(tables) > 1:
        raise Refused(f"{show(name)} holds {len(tables)} tables: leave the one with the labels.")
    placed, y, slices = _of_table(name, tables[0], pictures) if tables else _of_folders(name, pictures)
    height, width, channels, last = _shape(model, placed[0])
    if len(placed) * height * width * channels > MOST:
        raise Refused(f"{len(placed)} pictures of {height} x {width} are more than {MOST} numbers: bring fewer of them.")
    x = np.stack([fitted(load_picture(m.name, m.read()).array, height, width, channels) for m in placed])  # (N, H, W, C)
    order = np.array(sorted(range(len(x)), key=lambda i: hashlib.sha256(x[i].tobytes()).digest()))
    read = PIXELS[pixels][1](x[order].astype(np.float32)).astype(np.float32)
    arrays = {"x": read if last else np.ascontiguousarray(read.transpose(0, 3, 1, 2)), "y": y[order]}
    return examples_of(arrays | ({"slice": slices[order]} if slices is not None else {}))


Placed = tuple[list[Member], np.ndarray, np.ndarray | None]  # pictures, what is right for each, and its slice


def _of_folders(name: str, pictures: Sequence[Member]) -> Placed:
    if loose := next((m for m in pictures if len(m.path) < 2), None):
        raise Refused(f"{show(loose.name)} of {show(name)} lies in no folder: put it into its class's folder, or add labels.csv.")
    classes = sorted({m.path[-2] for m in pictures})
    return list(pictures), np.array([classes.index(m.path[-2]) for m in pictures], np.int64), None


def _of_table(name: str, table: Member, pictures: Sequence[Member]) -> Placed:
    known = _known(name, pictures)
    placed, labels, slices, told = list[Member](), list[str](), list[str](), set[str]()
    try:
        rows = list(csv.reader(io.StringIO(table.read().decode("utf-8-sig"))))
    except (UnicodeDecodeError, csv.Error) as error:
        raise Refused(f"{show(table.name)} is no table in UTF-8: save it as file,label.") from error
    for place, row in enumerate(rows):
        if not row or (place == 0 and row[0].strip() not in known):
            continue  # an empty line, or the names
        if len(row) < 2 or row[0].strip() not in known:
            raise Refused(f"line {place + 1} of {show(table.name)} names no picture of {show(name)}: write file,label in each line.")
        picture = known[row[0].strip()]
        if picture.name in told:
            raise Refused(f"line {place + 1} of {show(table.name)} names {show(picture.name)} once more: give each picture one label.")
        if len(row) > 2 and len(row[2]) > LONGEST_SLICE:
            raise Refused(f"line {place + 1} of {show(table.name)} names a slice by {len(row[2])} characters: use at most {LONGEST_SLICE}.")
        told.add(picture.name)
        placed.append(picture)
        labels.append(row[1].strip())
        slices.append(row[2].strip() if len(row) > 2 else "")
    if not placed:
        raise Refused(f"{show(table.name)} has no line of a picture of {show(name)}: write file,label in each line.")
    return placed, _numbers(table.name, labels), np.array(slices) if any(slices) else None


def _known(name: str, pictures: Sequence[Member]) -> dict[str, Member]:
    """Pictures by their names with folders, and by the last part where only one picture has it."""
    whole = {member.name: member for member in pictures}
    if len(whole) < len(pictures):
        raise Refused(f"{show(name)} holds two pictures of one name: pack the folders anew.")
    last = Counter(member.path[-1] for member in pictures)
    return {member.path[-1]: member for member in pictures if last[member.path[-1]] == 1} | whole


def _numbers(name: str, labels: Sequence[str]) -> np.ndarray:
    """Classes where all are whole, else targets (N, 1)."""
    try:
        return np.array([int(label) for label in labels], np.int64)
    except OverflowError:
        raise Refused(f"{show(name)} holds a label of more than 64 bits: write a class's number.") from None
    except ValueError:
        pass  # then they are fractions, or the sentence below is said
    try:
        return np.array([[float(label)] for label in labels], np.float32)
    except ValueError:
        wrong = next(label for label in labels if not _is_number(label))
        raise Refused(f"the label {show(wrong)} of {show(name)} is no number: write a class's number, or a target.") from None


def _is_number(text: str) -> bool:
    try:
        float(text)
    except ValueError:
        return False
    return True


def _shape(model: Model, first: Member) -> tuple[int, int, int, bool]:
    """Height, width and channels that the model reads, and whether channels come last; a free size is that of the first picture."""
    sizes = [d.dim_value for d in model.input.type.tensor_type.shape.dim]
    last = len(sizes) == 4 and sizes[3] in (1, 3) and sizes[1] not in (1, 3)
    channels = sizes[3 if last else 1] if len(sizes) == 4 else 0
    if channels not in (1, 3):
        raise Refused(f"{show(model.name)} reads no pictures of 1 or 3 channels: bring an .npz with x as it reads them.")
    free = load_picture(first.name, first.read()).array.shape
    height, width = (n if n > 0 else free[axis] for axis, n in enumerate(sizes[1:3] if last else sizes[2:4]))
    return height, width, channels, last


def fitted(picture: np.ndarray, height: int, width: int, channels: int) -> np.ndarray:
    """A picture uint8 (H, W, 3) cut around its middle to the shape's form and scaled: uint8 (height, width, channels).

    >>> fitted(np.full((40, 90, 3), 200, np.uint8), 8, 16, 1).shape
    (8, 16, 1)
    """
    from PIL import Image

    rows, columns = picture.shape[:2]
    if rows * width > columns * height:
        rows, top, left = max(1, columns * height // width), (rows - max(1, columns * height // width)) // 2, 0
    else:
        columns, top, left = max(1, rows * width // height), 0, (columns - max(1, rows * width // height)) // 2
    image = Image.fromarray(picture[top : top + rows, left : left + columns])
    image = image.convert("L") if channels == 1 else image
    scaled = image if image.size == (width, height) else image.resize((width, height), Image.Resampling.LANCZOS)
    return np.asarray(scaled).reshape(height, width, channels)
