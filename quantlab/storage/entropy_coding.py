"""A Huffman code: how short codes become when the frequent ones get short words, and the entropy it cannot beat.

    entropy H = -sum p log2 p   <=   Huffman's mean length   <   H + 1        bits a code (of one symbol alone: 1)

Lossless: it comes after quantization and changes no value. The lengths of words are ``bitarray``'s (C); of those the
canonical code follows, so that lengths, one byte a symbol, are what a decoder needs besides.
Source: Huffman 1952, doi:10.1109/JRPROC.1952.273898.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np

from quantlab import metrics


@dataclass(frozen=True)
class Huffman:
    """bits_per_code : mean length of a word. entropy : the least possible. words : code -> its word, like "0110"."""

    bits_per_code: float
    entropy: float
    words: dict[int, str]

    @property
    def table_bits(self) -> int:
        """What the decoder needs: a byte for each length from the smallest symbol to the largest."""
        return 8 * (max(self.words) - min(self.words) + 1)


def huffman(codes: np.ndarray) -> Huffman:
    """The Huffman code for these codes (integers of any shape); ValueError where there are none.

    >>> h = huffman(np.array([0, 0, 0, 0, 1, 1, 2, 3]))  # 1/2, 1/4, 1/8, 1/8
    >>> h.bits_per_code, h.entropy, h.words
    (1.75, 1.75, {0: '0', 1: '10', 2: '110', 3: '111'})
    """
    symbols, counts = _counts(codes)
    words = _words(symbols, counts)
    lengths = np.array([len(words[int(s)]) for s in symbols])
    return Huffman(float(lengths @ counts / counts.sum()), metrics.entropy_of_counts(counts), words)


def encode(codes: np.ndarray) -> tuple[bytes, Huffman]:
    """The bit stream of the codes in C order (the last byte filled with zeros), and its code."""
    from bitarray import bitarray

    code = huffman(codes)
    stream = bitarray(endian="little")
    stream.encode({symbol: bitarray(word) for symbol, word in code.words.items()}, np.asarray(codes).ravel().tolist())
    return stream.tobytes(), code


def decode(data: bytes, code: Huffman, count: int) -> np.ndarray:
    """The inverse of ``encode``: ``count`` codes, int64, 1-D; ValueError where the stream ends early."""
    return decode_words(data, code.words, count)


def decode_words(data: bytes, words: Mapping[int, str], count: int) -> np.ndarray:
    """``count`` codes, int64, 1-D, from a stream of these words; ValueError where it ends early or holds no such word."""
    from itertools import islice

    from bitarray import bitarray, decodetree

    stream = bitarray(endian="little")
    stream.frombytes(data)
    try:
        codes = list(islice(stream.decode(decodetree({symbol: bitarray(word) for symbol, word in words.items()})), count)) if count else []
    except ValueError:
        codes = []
    if len(codes) < count:
        raise ValueError(f"the stream of {len(data)} bytes ends before {count} codes; it is damaged or the count is wrong")
    return np.array(codes, np.int64)


def canonical_words(lengths: Mapping[int, int]) -> dict[int, str]:
    """The canonical code of words of these lengths: by length, then by symbol, each the binary number after the one before.

    ValueError where no prefix code has these lengths (Kraft 1949: sum 2^-length <= 1).

    >>> canonical_words({0: 1, 1: 2, 2: 3, 3: 3})
    {0: '0', 1: '10', 2: '110', 3: '111'}
    """
    longest = max(lengths.values(), default=0)
    if min(lengths.values(), default=1) < 1 or sum(1 << (longest - n) for n in lengths.values()) > 1 << longest:
        raise ValueError("no code has words of these lengths; the table is damaged")
    words, number, before = {}, 0, 0
    for symbol, length in sorted(lengths.items(), key=lambda pair: (pair[1], pair[0])):
        number <<= length - before
        words[symbol] = f"{number:0{length}b}"
        number, before = number + 1, length
    return words


def _counts(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes = np.asarray(codes)
    if not codes.size or codes.dtype.kind not in "ui":
        raise ValueError(f"{codes.size} codes of type {codes.dtype}: a Huffman code needs at least one integer")
    return np.unique(codes, return_counts=True)


def _words(symbols: np.ndarray, counts: np.ndarray) -> dict[int, str]:
    from bitarray.util import canonical_huffman

    words = canonical_huffman(dict(zip(symbols.tolist(), counts.tolist(), strict=True)))[0]
    return canonical_words({symbol: len(word) for symbol, word in words.items()})  # in the order of the symbols, so that lengths suffice
