"""Pixels and what stands beside them in a picture file: PNG, JPEG and WebP taken apart by their chunks, none of which is expanded.

A text, a preview, a wrong checksum beside the pixels says nothing about the pixels: the decoder gets a file of pixels alone, and
orientation and colour profile are read here, each within a limit. Where a file does not follow its format, the rest goes to the decoder
as it is, which knows best whether a picture is left. Sources: PNG (third edition), ITU-T T.81 annex B, the WebP container specification.
"""

from __future__ import annotations

import re
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

from quantlab.sources.upload import Refused

MAX_PARTS = 100_000  # chunks or segments of one file; a large PNG has 25 000 of 8 kB
MAX_SCANS = 100  # of a progressive JPEG: an encoder makes about ten, and each one costs a pass over all pixels
MAX_PROFILE = 8 << 20  # bytes of a colour profile, expanded; one for print has 0.5 to 3 MB
UNREADABLE_PROFILE = "Its colour profile cannot be read and was left out of account: its colours are taken as sRGB."


@dataclass
class Parts:
    """pixels : a file of pixels alone. exif, profile : as they lie in the file, b"" where there is none. frames : of an animation, else 1."""

    pixels: bytes = b""
    exif: bytes = b""
    profile: bytes = b""
    frames: int = 1
    notes: list[str] = field(default_factory=list)


def taken_apart(kind: str, view: memoryview) -> Parts:
    """A file of ``kind`` (PNG, JPEG or WEBP) as its parts; Refused where it has more of them than any picture."""
    return _KINDS[kind](view)


def orientation(exif: bytes) -> int:
    """The EXIF orientation, 1 to 8 (1 where none is stated, or none that EXIF knows); ValueError where the EXIF cannot be read.

    >>> orientation(b"Exif\\0\\0MM\\0*\\0\\0\\0\\x08\\0\\x01\\x01\\x12\\0\\x03\\0\\0\\0\\x01\\0\\x06\\0\\0\\0\\0\\0\\0")
    6
    """
    if not exif:
        return 1
    tiff = exif.removeprefix(b"Exif\0\0")
    order = {b"II*\0": "<", b"MM\0*": ">"}.get(tiff[:4])
    if order is None or len(tiff) < 8:
        raise ValueError("no TIFF header")
    (start,) = struct.unpack_from(order + "I", tiff, 4)
    if start + 2 > len(tiff):
        raise ValueError("the directory lies behind the end")
    (count,) = struct.unpack_from(order + "H", tiff, start)
    fields = tiff[start + 2 : start + 2 + 12 * count]
    for tag, form, _, value in struct.iter_unpack(order + "HHI4s", fields[: len(fields) // 12 * 12]):
        if tag == 0x0112:
            number = int(struct.unpack(order + ("H2x" if form == 3 else "I"), value)[0])
            return number if 1 <= number <= 8 else 1
    return 1


def _png(view: memoryview) -> Parts:
    parts, kept, described = Parts(), [bytes(view[:8])], {b""}
    for name, body, whole, sound in _png_chunks(view):
        described.add(name)
        if not sound and name == b"tRNS":
            parts.notes.append("What says which pixels are transparent is damaged and was left out.")
        elif name[:1].isupper() or name == b"tRNS" or len(name) < 4:  # critical chunks have a capital; an end that is cut off has no name
            kept.append(bytes(whole))
        elif not sound:
            parts.notes += [UNREADABLE_PROFILE] if name == b"iCCP" else []
        elif name == b"eXIf":
            parts.exif = bytes(body)
        elif name == b"iCCP":
            parts.profile = _inflated(bytes(body))
            parts.notes += [] if parts.profile else [UNREADABLE_PROFILE]
        elif name == b"acTL" and len(body) == 8:
            parts.frames = max(1, int.from_bytes(body[:4], "big"))
        elif name == b"gAMA" and len(body) == 4 and abs(int.from_bytes(body, "big") - 45455) > 2000:
            parts.notes.append("Its own gamma (gAMA) was left out of account: its values are taken as sRGB.")
        elif name == b"cICP" and bytes(body[:2]) != b"\x01\x0d":
            parts.notes.append("Its colour space (cICP) is another than sRGB and was left out of account: its colours are taken as sRGB.")
    if described & {b"sRGB", b"iCCP", b"cICP"}:  # they come before gAMA
        parts.notes = [note for note in parts.notes if "gAMA" not in note]
    parts.pixels = b"".join(kept)
    return parts


def _png_chunks(view: memoryview) -> Iterator[tuple[bytes, memoryview, memoryview, bool]]:
    """(name, content, all of it, whether its checksum is right) of each chunk up to IEND; what is no chunk comes last, without a name."""
    at = 8
    for _ in range(MAX_PARTS):
        length = int.from_bytes(view[at : at + 4], "big")
        name, end = bytes(view[at + 4 : at + 8]), at + 12 + length
        if end > len(view) or not name.isalpha():
            yield b"", view[at:at], view[at:], False
            return
        body = view[at + 8 : end - 4]
        sound = name[:1].isupper() or zlib.crc32(body, zlib.crc32(name)) == int.from_bytes(view[end - 4 : end], "big")
        yield name, body, view[at:end], sound  # the decoder itself sees to the critical ones
        if name == b"IEND":
            return
        at = end
    raise _too_many("chunks", MAX_PARTS)


def _inflated(body: bytes) -> bytes:
    """The profile of an iCCP chunk (name, 0, method, zlib); b"" where it cannot be read or is too large."""
    _, _, packed = body.partition(b"\0")
    stream = zlib.decompressobj()
    try:
        profile = stream.decompress(packed[1:], MAX_PROFILE)
    except zlib.error:
        return b""
    return profile if stream.eof else b""


def _jpeg(view: memoryview) -> Parts:
    parts, kept, pieces, at = Parts(), [bytes(view[:2])], {}, 2
    for _ in range(MAX_PARTS):
        while bytes(view[at : at + 2]) == b"\xff\xff":  # fill bytes
            at += 1
        marker, end = bytes(view[at : at + 2]), at + 2 + int.from_bytes(view[at + 2 : at + 4], "big")
        if marker[:1] != b"\xff" or marker == b"\xff\xda" or end > len(view) or end < at + 4:
            break
        body, code = view[at + 4 : end], marker[1]
        if code == 0xE1 and bytes(body[:6]) == b"Exif\0\0" and not parts.exif:
            parts.exif = bytes(body)
        elif code == 0xE2 and bytes(body[:12]) == b"ICC_PROFILE\0" and len(body) > 14:
            pieces[body[12]] = bytes(body[14:])
        elif code == 0xE2 and bytes(body[:4]) == b"MPF\0":
            parts.notes.append("The file holds further pictures; only the first is used.")
        if not (0xE1 <= code <= 0xED or code in (0xEF, 0xFE)):  # APP0 is JFIF, APP14 says which colours are meant
            kept.append(bytes(view[at:end]))
        at = end
    else:
        raise _too_many("segments", MAX_PARTS)
    if sum(1 for _ in zip(range(MAX_SCANS + 1), _found(view, b"\xff\xda", at), strict=False)) > MAX_SCANS:
        raise _too_many("scans", MAX_SCANS)
    if sorted(pieces) == list(range(1, len(pieces) + 1)):
        parts.profile = b"".join(pieces[i] for i in sorted(pieces))
    if pieces and not 0 < len(parts.profile) <= MAX_PROFILE:
        parts.profile, parts.notes = b"", [*parts.notes, UNREADABLE_PROFILE]
    parts.pixels = b"".join([*kept, view[at:]])
    return parts


def _found(view: memoryview, mark: bytes, at: int) -> Iterator[int]:
    return (match.start() for match in re.finditer(re.escape(mark), view[at:]))


def _webp(view: memoryview) -> Parts:
    parts, kept, at = Parts(), [], 12
    for _ in range(MAX_PARTS):
        name, length = bytes(view[at : at + 4]), int.from_bytes(view[at + 4 : at + 8], "little")
        end = at + 8 + length + length % 2
        if len(name) < 4 or at + 8 + length > len(view):
            kept.append(bytes(view[at:]) if name not in (b"EXIF", b"XMP ", b"ICCP") else b"")
            break
        body = view[at + 8 : at + 8 + length]
        if name == b"EXIF":
            parts.exif = bytes(body)
        elif name == b"ICCP":
            parts.profile = bytes(body) if length <= MAX_PROFILE else b""
            parts.notes += [] if parts.profile else [UNREADABLE_PROFILE]
        elif name == b"VP8X" and length:
            kept.append(bytes([*view[at : at + 8], body[0] & ~0x2C, *view[at + 9 : end]]))  # no profile, EXIF, XMP any longer
        elif name in (b"ALPH", b"VP8 ", b"VP8L", b"ANIM", b"ANMF"):
            kept.append(bytes(view[at:end]))
        at = end
    else:
        raise _too_many("chunks", MAX_PARTS)
    inside = b"WEBP" + b"".join(kept)
    size = int.from_bytes(view[4:8], "little")
    if size + 8 <= len(view) + 1:  # else the file is cut off, and its claim tells the decoder so
        size = len(inside)
    parts.pixels = b"RIFF" + size.to_bytes(4, "little") + inside
    return parts


_KINDS: dict[str, Callable[[memoryview], Parts]] = {"PNG": _png, "JPEG": _jpeg, "WEBP": _webp}


def _too_many(what: str, most: int) -> Refused:
    return Refused(f"The picture has more than {most} {what}, which no camera or editor writes: save it anew and upload that.")
