"""PNG files and colour profiles written byte by byte, as the specifications say: the tests of pictures share them."""

import struct
import zlib

import numpy as np


def chunk(kind: bytes, body: bytes, crc: int | None = None) -> bytes:
    return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body) if crc is None else crc)


def png16(deep: np.ndarray, *before: bytes) -> bytes:
    """uint16 (H, W, C) as a PNG of 16 bits a channel; ``before`` are chunks before the pixels."""
    height, width, channels = deep.shape
    rows = b"".join(b"\0" + row.tobytes() for row in deep.astype(">u2"))
    header = struct.pack(">IIBBBBB", width, height, 16, {1: 0, 2: 4, 3: 2, 4: 6}[channels], 0, 0, 0)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + b"".join(before) + chunk(b"IDAT", zlib.compress(rows)) + chunk(b"IEND", b"")


def with_chunks(png: bytes, *chunks: bytes) -> bytes:
    """A PNG with more chunks after its header."""
    return png[:33] + b"".join(chunks) + png[33:]


def profile(columns: np.ndarray, gamma: float, name: bytes = b"Wide") -> bytes:
    """An ICC profile, version 2, of a display: its red, green and blue as XYZ under D50, and one gamma (ICC.1:2001-04)."""

    def xyz(values) -> bytes:
        return b"XYZ " + bytes(4) + struct.pack(">3i", *(round(v * 65536) for v in values))

    curve = b"curv" + bytes(4) + struct.pack(">IH", 1, round(gamma * 256)) + bytes(2)
    desc = b"desc" + bytes(4) + struct.pack(">I", len(name) + 1) + name + b"\0" + bytes(8) + bytes(3 + 67)
    tags = {b"desc": desc, b"cprt": b"text" + bytes(4) + b"none\0", b"wtpt": xyz((0.9642, 1.0, 0.8249))}
    tags |= {key: xyz(column) for key, column in zip((b"rXYZ", b"gXYZ", b"bXYZ"), columns, strict=True)}
    tags |= dict.fromkeys((b"rTRC", b"gTRC", b"bTRC"), curve)
    table, body, start = b"", b"", 128 + 4 + 12 * len(tags)
    for key, value in tags.items():
        value += bytes(-len(value) % 4)
        table += key + struct.pack(">II", start + len(body), len(value))
        body += value
    size = start + len(body)
    head = struct.pack(">I4s4s4s4s4s12s4s", size, b"none", b"\x02\x40\0\0", b"mntr", b"RGB ", b"XYZ ", bytes(12), b"acsp") + bytes(28)
    head += struct.pack(">3i", round(0.9642 * 65536), 65536, round(0.8249 * 65536))
    return head.ljust(128, b"\0") + struct.pack(">I", len(tags)) + table + body
