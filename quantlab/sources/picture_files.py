"""Uploaded pictures: PNG, JPEG or WebP, told by content and measured before they are decoded.

Only the header is read until the size is known to be sane (a WebP's by hand: Pillow's reader sets aside the whole
canvas first). Then: the first frame, turned as its EXIF orientation says, on white where it is transparent, as 8-bit
sRGB, into which the colours of a profile are converted. Whatever was changed on the way is said in ``notes``. What stands beside the
pixels (``picture_parts.py``) never condemns the picture.
"""

from __future__ import annotations

import io
import struct
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

import numpy as np

from quantlab.sources.colour_profiles import to_srgb
from quantlab.sources.deep_pixels import as_bytes, is_deep
from quantlab.sources.picture_claims import claimed_pixels, webp_size
from quantlab.sources.picture_parts import orientation, taken_apart
from quantlab.sources.upload import Refused, Upload, as_upload, show

# The decoder looks at EXIF by itself where a file does not follow its format, and warns once for each of up to 65 535 damaged tags.
warnings.filterwarnings("ignore", category=UserWarning, module="PIL")

if TYPE_CHECKING:
    from PIL import Image

ENDINGS = (".png", ".jpg", ".jpeg", ".webp")
MAX_PIXELS = 40_000_000
MAX_BYTES = 200 << 20  # of the file: 40 million pixels of 8 bits in colour are 115 MiB, uncompressed
SMALL = (
    2_000_000,
    4 << 20,
)  # pixels and bytes of a picture that is decoded at once anywhere: a tenth of a second, two where it has 100 scans
MIN_SIDE = 8
MAX_RATIO = 64  # of the sides: thinner ones vanish when scaled for show

KINDS: dict[str, tuple[Callable[[bytes], bool], tuple[str, ...]]] = {
    "PNG": (lambda head: head.startswith(b"\x89PNG\r\n\x1a\n"), (".png", ".apng")),
    "JPEG": (lambda head: head.startswith(b"\xff\xd8\xff"), (".jpg", ".jpeg", ".jpe", ".jfif")),
    "WEBP": (lambda head: head[:4] == b"RIFF" and head[8:12] == b"WEBP", (".webp",)),
}
_BROKEN = (OSError, SyntaxError, ValueError, EOFError, struct.error, IndexError, KeyError, TypeError, OverflowError, MemoryError)


@dataclass(frozen=True, eq=False)
class Picture:
    """An upload as it will be used: uint8 (H, W, 3) at its own size, and what was changed, a sentence each."""

    array: np.ndarray
    notes: tuple[str, ...] = ()


def load_picture(name: str, data: BinaryIO | bytes | Path) -> Picture:
    """The picture in a file from outside.

    Parameters
    ----------
    name : the file's name, for messages only.
    data : its content, a stream at its start, or a path.

    Raises
    ------
    ValueError : one sentence: what is wrong with the file and what to do.
    """
    upload = as_upload(name, data)
    kind = next((kind for kind, (fits, _) in KINDS.items() if fits(upload.head)), None)
    if kind is None:
        raise Refused(f"{show(name)} is neither PNG, JPEG nor WebP inside, whatever it is called: export it as one of these.")
    if len(upload.view) > MAX_BYTES:
        raise Refused(
            f"{show(name)} has {len(upload.view) >> 20} MiB, at most {MAX_BYTES >> 20} are read: save it as JPEG, or scale it down."
        )
    notes = [] if Path(name).suffix.lower() in KINDS[kind][1] else [f"It is a {kind} file, other than its name says."]
    try:
        if kind == "WEBP":
            _check_size(name, *webp_size(bytes(upload.view[:32])))
        array = _decoded(upload, kind, notes)
    except Refused:
        raise
    except _BROKEN as error:
        raise Refused(f"{show(name)} is a {kind} file that ends too early or is damaged: save it again and upload that.") from error
    return Picture(array, tuple(notes))


def load_fitted(name: str, data: bytes) -> tuple[np.ndarray, tuple[str, ...]]:
    """The picture as it is shown, uint8 (H, W, 3) of at most 512 pixels a side, and what was changed."""
    picture = load_picture(name, data)
    return fit(picture.array), picture.notes


def is_small(data: bytes) -> bool:
    r"""Whether the file's size and the pixels that its header claims bound what it costs to decode it.

    >>> is_small(b"\x89PNG\r\n\x1a\n\0\0\0\x0dIHDR" + (1000).to_bytes(4, "big") * 2)
    True
    """
    return len(data) <= SMALL[1] and 0 < claimed_pixels(data) <= SMALL[0]


def fit(picture: np.ndarray, side: int = 512) -> np.ndarray:
    """The picture scaled down (Lanczos) until its longer side is at most ``side``; smaller ones as they are.

    >>> fit(np.zeros((100, 400, 3), np.uint8), 200).shape
    (50, 200, 3)
    """
    height, width = picture.shape[:2]
    if max(height, width) <= side:
        return picture
    from PIL import Image

    scale = side / max(height, width)
    small = max(1, round(width * scale)), max(1, round(height * scale))
    return np.asarray(Image.fromarray(picture).resize(small, Image.Resampling.LANCZOS, reducing_gap=3.0))


def square(picture: np.ndarray, side: int) -> np.ndarray:
    """The middle of the picture as a square of ``side`` pixels, to tell pictures apart.

    >>> square(np.zeros((100, 400, 3), np.uint8), 48).shape
    (48, 48, 3)
    """
    from PIL import Image, ImageOps

    return np.asarray(ImageOps.fit(Image.fromarray(picture), (side, side), Image.Resampling.LANCZOS))


def _check_size(name: str, width: int, height: int) -> None:
    if width * height > MAX_PIXELS:
        raise Refused(f"{show(name)} has {width}×{height} pixels, more than {MAX_PIXELS // 1_000_000} million: scale it down first.")
    if min(width, height) < MIN_SIDE or max(width, height) > MAX_RATIO * min(width, height):
        bounds = f"{MIN_SIDE} pixels or more a side and no side over {MAX_RATIO} times the other"
        raise Refused(f"{show(name)} has {width}×{height} pixels: choose one with {bounds}.")


def _decoded(upload: Upload, kind: str, notes: list[str]) -> np.ndarray:
    from PIL import Image

    parts = taken_apart(kind, upload.view)
    try:
        image = Image.open(io.BytesIO(parts.pixels), formats=(kind,))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning):
        raise Refused(f"{show(upload.name)} has more than {MAX_PIXELS // 1_000_000} million pixels: scale it down first.") from None
    with image:
        _check_size(upload.name, *image.size)
        if (count := max(parts.frames, getattr(image, "n_frames", 1))) > 1:
            notes.append(f"Only the first of its {count} frames is used.")
        if deep := is_deep(image):
            flat = as_bytes(image, parts.pixels)
        else:
            image.load()
            flat = image
        turned = _turned(flat, parts.exif, notes)
        notes += parts.notes
        if deep:
            notes.append("Its 16 bits a channel were rounded to 8.")
        return np.asarray(_as_rgb(turned, parts.profile, notes))


def _turned(image: Image.Image, exif: bytes, notes: list[str]) -> Image.Image:
    """The image as its EXIF orientation says."""
    from PIL import Image

    try:
        way = orientation(exif)
    except ValueError:
        notes.append("Its EXIF cannot be read, so it stands as its pixels lie in the file.")
        return image
    if way == 1:
        return image
    notes.append("It was turned as its EXIF orientation says.")
    turn = Image.Transpose
    ways = (turn.FLIP_LEFT_RIGHT, turn.ROTATE_180, turn.FLIP_TOP_BOTTOM, turn.TRANSPOSE, turn.ROTATE_270, turn.TRANSVERSE, turn.ROTATE_90)
    return image.transpose(ways[way - 2])


def _as_rgb(image: Image.Image, profile: bytes, notes: list[str]) -> Image.Image:
    """Any mode of 8 bits as RGB: colours of a profile converted, transparency on white."""
    from PIL import Image

    alpha = None
    if image.has_transparency_data:
        both = image if image.mode == "LA" else image.convert("RGBA")
        alpha, image = both.getchannel("A"), both.convert("L" if both.mode == "LA" else "RGB")
    elif image.mode not in ("L", "RGB", "CMYK"):
        image = image.convert("L" if image.mode in ("1", "LA") else "RGB")
    cmyk, before = image.mode == "CMYK", len(notes)
    if profile:
        image = to_srgb(image, profile, notes)
    if cmyk and (image.mode == "CMYK" or len(notes) == before):
        notes.append("Its CMYK colours were converted to RGB without a profile.")
    image = image.convert("RGB")
    if alpha is not None and alpha.getextrema() != (255, 255):
        notes.append("What is transparent was laid on white.")
        return Image.composite(image, Image.new("RGB", image.size, "white"), alpha)
    return image
