"""Codes of b bits in b bits.

Little-endian: code i takes bits i·b to (i + 1)·b - 1 of the stream, its lowest bit first, and bit k of the stream is
bit k mod 8 (1 is bit 0) of byte k // 8. So eight codes fill b bytes. Codes wider than 8 bits come as two streams, all
low bytes and then all upper bits.
"""

from __future__ import annotations

import numpy as np

TRITS = 5  # codes of three values to a byte
_POWERS = 3 ** np.arange(TRITS)


def pack(codes: np.ndarray, bits: int) -> bytes:
    """Codes 0 ... 2^bits - 1 of any shape, in C order, as ceil(n·bits / 8) bytes; bits 1 to 16.

    >>> pack(np.array([1, 2, 3]), 3)  # 001 010 011 from the right: 1 + 2·8 + 3·64 = 209
    b'\\xd1\\x00'
    """
    _check_bits(bits)
    codes = np.asarray(codes).ravel()
    if codes.dtype.kind not in "ui":
        raise TypeError(f"codes are integers, not {codes.dtype}; quantize() makes them")
    if codes.size and (codes.min() < 0 or codes.max() >= 1 << bits):
        raise ValueError(f"codes from {codes.min()} to {codes.max()} do not fit {bits} bits, which hold 0 to {(1 << bits) - 1}")
    if bits > 8:
        return pack(codes & 0xFF, 8) + pack(codes >> 8, bits - 8)
    if bits == 8:
        return codes.astype(np.uint8).tobytes()
    eights = np.zeros((-(-codes.size // 8), 8), np.uint8)
    eights.ravel()[: codes.size] = codes
    word = np.zeros(len(eights), np.uint64)
    for i in range(8):
        word |= eights[:, i].astype(np.uint64) << np.uint64(i * bits)
    return word.astype("<u8").view(np.uint8).reshape(-1, 8)[:, :bits].tobytes()[: _packed_size(codes.size, bits)]


def unpack(data: bytes | memoryview, bits: int, count: int) -> np.ndarray:
    """The inverse of ``pack``: ``count`` codes, uint8 (uint16 above 8 bits), 1-D.

    >>> unpack(b"\\xd1\\x00", 3, 3)
    array([1, 2, 3], dtype=uint8)
    """
    _check_bits(bits)
    if len(data) != _packed_size(count, bits):
        raise ValueError(f"{count} codes of {bits} bits take {_packed_size(count, bits)} bytes, not {len(data)}")
    if bits > 8:
        upper = unpack(data[count:], bits - 8, count).astype(np.uint16)
        return upper << 8 | unpack(data[:count], 8, count)
    raw = np.frombuffer(data, np.uint8)
    if bits == 8:
        return raw.copy()
    padded = np.zeros((-(-count // 8), 8), np.uint8)
    whole = np.append(raw, np.zeros(-raw.size % bits, np.uint8)).reshape(-1, bits)
    padded[:, :bits] = whole
    word = padded.view("<u8")[:, 0]
    codes = np.empty((len(word), 8), np.uint8)
    for i in range(8):
        codes[:, i] = (word >> np.uint64(i * bits)) & np.uint64((1 << bits) - 1)
    return codes.ravel()[:count].copy()


def pack_trits(rows: np.ndarray) -> bytes:
    """Codes 0, 1 and 2, (G, N), five to a byte, each row in bytes of its own: ceil(N / 5) a row; 3^5 = 243 of 256 are used.

    >>> pack_trits(np.array([[1, 2, 0, 0, 1, 2]]))  # 1 + 2·3 + 81 = 88, 2
    b'X\\x02'
    """
    fives = np.zeros((len(rows), -(-rows.shape[1] // TRITS), TRITS), np.uint8)
    fives.reshape(len(rows), -1)[:, : rows.shape[1]] = rows
    return (fives @ _POWERS).astype(np.uint8).tobytes()


def unpack_trits(data: bytes | memoryview, groups: int, count: int) -> np.ndarray:
    """The inverse of ``pack_trits``: uint8 (groups, count).

    >>> unpack_trits(b"X\\x02", 1, 6)
    array([[1, 2, 0, 0, 1, 2]], dtype=uint8)
    """
    raw = np.frombuffer(data, np.uint8).reshape(groups, -(-count // TRITS))
    return (raw[:, :, None] // _POWERS % 3).reshape(groups, -1)[:, :count].astype(np.uint8)


def _packed_size(count: int, bits: int) -> int:
    return count + _packed_size(count, bits - 8) if bits > 8 else -(-count * bits // 8)


def _check_bits(bits: int) -> None:
    if not 1 <= bits <= 16:
        raise ValueError(f"codes of {bits} bits cannot be packed; 1 to 16 can")
