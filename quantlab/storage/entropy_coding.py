"""A Huffman code: how short codes become when the frequent ones get short words, and the entropy it cannot beat.

    entropy H = -sum p log2 p   <=   Huffman's mean length   <   H + 1        bits a code (of one symbol alone: 1)

Lossless: it comes after quantization and changes no value. The canonical code is ``bitarray``'s (C); the word lengths,
one byte a symbol, are what a decoder needs besides.
Source: Huffman 1952, doi:10.1109/JRPROC.1952.273898.
"""

from __future__ import annotations

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
    from itertools import islice

    from bitarray import bitarray, decodetree

    stream = bitarray(endian="little")
    stream.frombytes(data)
    tree = decodetree({symbol: bitarray(word) for symbol, word in code.words.items()})
    try:
        codes = list(islice(stream.decode(tree), count))
    except ValueError:
        codes = []
    if len(codes) < count:
        raise ValueError(f"the stream of {len(data)} bytes ends before {count} codes; it is damaged or the count is wrong")
    return np.array(codes, np.int64)


def _counts(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    codes = np.asarray(codes)
    if not codes.size or codes.dtype.kind not in "ui":
        raise ValueError(f"{codes.size} codes of type {codes.dtype}: a Huffman code needs at least one integer")
    return np.unique(codes, return_counts=True)


def _words(symbols: np.ndarray, counts: np.ndarray) -> dict[int, str]:
    from bitarray.util import canonical_huffman

    return {s: word.to01() for s, word in canonical_huffman(dict(zip(symbols.tolist(), counts.tolist(), strict=True)))[0].items()}
