"""The size that a picture's header claims, read without a decoder."""

from __future__ import annotations

import struct

_MOST_SEGMENTS = 1000  # of a JPEG before its frame begins
_NO_FRAME = (0xC4, 0xC8, 0xCC)  # markers among those of frames that are tables


def claimed_pixels(data: bytes) -> int:
    """Width times height of a PNG, JPEG or WebP file; 0 where its beginning claims none.

    >>> claimed_pixels(b"\\xff\\xd8\\xff\\xc0\\0\\x11\\x08\\0\\x10\\0\\x20" + bytes(9))  # 16 lines of 32 pixels
    512
    """
    if data[:4] == b"\x89PNG" and len(data) >= 24:
        width, height = struct.unpack(">II", data[16:24])
    elif data[:4] == b"RIFF":
        try:
            width, height = webp_size(data[:32])
        except ValueError:
            return 0
    else:
        width, height = _jpeg_size(data)
    return int(width * height)


def webp_size(head: bytes) -> tuple[int, int]:
    """(width, height) of a WebP file's canvas from its first 30 bytes; ValueError where they say none."""
    chunk = head[12:16]
    if len(head) < 30:
        raise ValueError("cut off in the header")
    if chunk == b"VP8X":
        return int.from_bytes(head[24:27], "little") + 1, int.from_bytes(head[27:30], "little") + 1
    if chunk == b"VP8L":
        bits = int.from_bytes(head[21:25], "little")
        return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
    if chunk == b"VP8 ":
        width, height = struct.unpack("<HH", head[26:30])
        return width & 0x3FFF, height & 0x3FFF
    raise ValueError(f"unknown chunk {chunk!r}")


def _jpeg_size(data: bytes) -> tuple[int, int]:
    """(width, height) of the first frame; zeros where no segment says them."""
    at = 2
    for _ in range(_MOST_SEGMENTS):
        if data[at : at + 1] != b"\xff" or len(data) < at + 9:
            break
        code = data[at + 1]
        if code == 0xFF:  # a fill byte
            at += 1
            continue
        if 0xC0 <= code <= 0xCF and code not in _NO_FRAME:
            height, width = struct.unpack(">HH", data[at + 5 : at + 9])
            return width, height
        at += 2 + int.from_bytes(data[at + 2 : at + 4], "big")
    return 0, 0
