"""Protocol buffers' wire format, walked over a map: (field number, wire type, value) of one message, nothing copied.

A key is a varint ``field << 3 | type``; type 0 is a varint, 1 eight bytes, 2 a length and so many bytes, 5 four bytes. Lengths are
checked against what is there, so a hostile file ends in one sentence.
Source: protobuf.dev/programming-guides/encoding.
"""

from __future__ import annotations

from collections.abc import Iterator

MAX_FIELDS = 5_000_000


def fields(view: memoryview) -> Iterator[tuple[int, int | memoryview]]:
    """The fields of a message in order: numbers as int, what has a length as a view.

    >>> [(number, value if isinstance(value, int) else bytes(value)) for number, value in fields(memoryview(b"\\x08\\x96\\x01\\x12\\x02hi"))]
    [(1, 150), (2, b'hi')]
    """
    at, size = 0, len(view)
    for _ in range(MAX_FIELDS):
        if at >= size:
            return
        key, at = varint(view, at)
        number, wire = key >> 3, key & 7
        if not number:
            raise ValueError("a field has no number")
        if wire == 0:
            value, at = varint(view, at)
            yield number, value
            continue
        if wire not in (1, 2, 5):
            raise ValueError(f"a field has the wire type {wire}")
        length, at = varint(view, at) if wire == 2 else (8 if wire == 1 else 4, at)
        if length > size - at:
            raise ValueError(f"a field of {length} bytes stands where {size - at} are left")
        yield number, view[at : at + length]
        at += length
    raise ValueError(f"a message has more than {MAX_FIELDS} fields")


def varint(view: memoryview, at: int) -> tuple[int, int]:
    """A number of seven bits a byte, and where it ends; at most ten bytes."""
    number = 0
    for i, byte in enumerate(view[at : at + 10]):
        number |= (byte & 0x7F) << 7 * i
        if byte < 0x80:
            return number & (1 << 64) - 1, at + i + 1
    raise ValueError("a number does not end")


def varints(view: memoryview, most: int) -> list[int]:
    """Packed numbers, at most so many."""
    numbers, at = list[int](), 0
    while at < len(view):
        if len(numbers) >= most:
            raise ValueError(f"a list has more than {most} numbers")
        number, at = varint(view, at)
        numbers.append(number)
    return numbers


def text(value: int | memoryview) -> str:
    """A string field."""
    return "" if isinstance(value, int) else str(value, "utf-8", "replace")
