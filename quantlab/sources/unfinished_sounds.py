"""Sounds whose header does not know their length: written as a stream, or by a recorder that was cut off.

A WAV then says 0 or all ones where the sizes of the file and of its samples stand, a FLAC says 0 samples. The header is
given the length of what is there (WAV) or the most that is read (FLAC), and the samples are decoded to their end.
Sources: RIFF (Microsoft, IBM 1991); RFC 9639, section 8.2 (STREAMINFO: "a value of 0 means unknown").
"""

from __future__ import annotations

from quantlab.sources.upload import Upload

_UNKNOWN = (0, 0xFFFFFFFF)
_MAX_CHUNKS = 1000  # before the samples of a WAV
_SAMPLES = 8 + 13  # of a FLAC: the place of the 36 bits with the number of samples, after 4 bits of another field


def with_length(upload: Upload, kind: str, most: int) -> bytes | None:
    """The file with a length in its header, at most ``most`` samples for a FLAC; None where the header knows it."""
    if kind == "WAV" and upload.head[:4] == b"RIFF":
        return _wav(upload)
    if kind == "FLAC" and len(upload.view) > _SAMPLES + 5 and upload.view[4] & 0x7F == 0:
        return _flac(upload, most)
    return None


def _wav(upload: Upload) -> bytes | None:
    place = 12
    for _ in range(_MAX_CHUNKS):
        if place + 8 > len(upload.view):
            return None
        size = int.from_bytes(upload.view[place + 4 : place + 8], "little")
        if bytes(upload.view[place : place + 4]) == b"data":
            break
        place += 8 + size + size % 2
    else:
        return None
    rest = len(upload.view) - place - 8
    if size not in _UNKNOWN or not rest or (size == 0 and _is_chunk(upload, place + 8)):
        return None
    content = bytearray(upload.view)
    content[4:8] = (len(content) - 8).to_bytes(4, "little")
    content[place + 4 : place + 8] = rest.to_bytes(4, "little")
    return bytes(content)


def _is_chunk(upload: Upload, place: int) -> bool:
    """Whether another chunk fills the rest of the file, so that a size of 0 is meant."""
    name = bytes(upload.view[place : place + 4])
    size = int.from_bytes(upload.view[place + 4 : place + 8], "little")
    return name.isalnum() and len(upload.view) - place - 8 - size in (0, 1)


def _flac(upload: Upload, most: int) -> bytes | None:
    field = int.from_bytes(upload.view[_SAMPLES : _SAMPLES + 5], "big")
    if field & (1 << 36) - 1:
        return None
    content = bytearray(upload.view)
    content[_SAMPLES : _SAMPLES + 5] = (field | min(most, (1 << 36) - 1)).to_bytes(5, "big")
    return bytes(content)
