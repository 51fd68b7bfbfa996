"""A file of our own for a small network: sparse places, shared weights and Huffman words, read safely and without torch.

The bytes, all numbers little-endian:

    "QLC1"  crc32 of all that follows (4)  architecture: length (1) and ASCII  tensors (2)
    each tensor: name: length (1) and ASCII  axes (1)  extent of each axis (4)  layout (1: bit 0 sparse, bit 1 shared)
        shared: levels K (2)  codebook (4 K, float32)
        sparse: values kept (4)  gap bits g (1)  gap symbols (4)  stream of the gap symbols
        values: as a stream of codes where they are shared, else as float32
    each stream of b-bit symbols: kind (1)
        0: packed (``bit_packing``), ceil(n b / 8) bytes
        1: Huffman: 5 bits a symbol 0 .. 2^b - 1 with the length of its word (0: none), bytes of the stream (4), the stream

A gap symbol s < 2^g - 1 stands for s zeros and a kept value after them; s = 2^g - 1 for as many zeros and no value. So one
gap bit is a bit mask. Every count is checked against what the file has left before anything is expanded, the checksum
first, and no byte is ever code to run.
Source: Han, Mao, Dally 2016, Deep Compression, arXiv:1510.00149 (there a filler zero takes a value's place as well).
"""

from __future__ import annotations

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from math import prod

import numpy as np

from quantlab.storage import entropy_coding
from quantlab.storage.bit_packing import pack, unpack

MAGIC = b"QLC1"
MOST_BYTES = 64 << 20  # of a file
MOST_VALUES = 1 << 24  # of all tensors together
MOST_TENSORS, MOST_AXES, MOST_CODE_BITS = 4096, 4, 8
LENGTH_BITS, LONGEST_WORD = 5, 31
GAP_BITS = range(1, 9)
_SPARSE, _SHARED = 1, 2
_PACKED, _HUFFMAN = 0, 1


class DamagedFile(ValueError):
    """The file is not one that ``write`` made; the sentence says what is wrong."""


@dataclass(frozen=True, eq=False)
class Tensor:
    """A tensor as a file holds it. mask : bool as its shape, what is kept; None: all.

    values : float32 (kept,) in C order where weights are not shared. codebook, codes : float32 (K,), integers (kept,) where they are.
    """

    name: str
    shape: tuple[int, ...]
    mask: np.ndarray | None = None
    values: np.ndarray | None = None
    codebook: np.ndarray | None = None
    codes: np.ndarray | None = None

    @property
    def kept(self) -> int:
        """How many values it holds."""
        return prod(self.shape) if self.mask is None else int(self.mask.sum())

    @property
    def code_bits(self) -> int:
        """Bits that its codes take packed, 0 where it has none."""
        return 0 if self.codebook is None else max(1, (len(self.codebook) - 1).bit_length())

    def array(self) -> np.ndarray:
        """float32 of its shape, 0 where nothing is kept."""
        values = self.codebook[self.codes] if self.codebook is not None else self.values
        assert values is not None
        if self.mask is None:
            return values.reshape(self.shape)
        dense = np.zeros(self.shape, np.float32)
        dense[self.mask] = values
        return dense


@dataclass(frozen=True, eq=False)
class CompressedNetwork:
    """A network as a file holds it: the slug of its architecture and its tensors."""

    architecture: str
    tensors: tuple[Tensor, ...]

    @property
    def state(self) -> dict[str, np.ndarray]:
        """name -> float32 array, as a state_dict has them."""
        return {tensor.name: tensor.array() for tensor in self.tensors}


# ---- writing


def write(network: CompressedNetwork, huffman: bool = True) -> bytes:
    """The file. huffman : whether streams that get shorter by it are Huffman-coded.

    >>> one = Tensor("w", (2, 2), np.array([[True, False], [False, True]]), np.array([1.5, -2], np.float32))
    >>> data = write(CompressedNetwork("toy", (one,)))
    >>> len(data), read(data).state["w"].tolist()
    (45, [[1.5, 0.0], [0.0, -2.0]])
    """
    body = _text(network.architecture) + _number(len(network.tensors), 2)
    body += b"".join(section(tensor, huffman) for tensor in network.tensors)
    return MAGIC + _number(zlib.crc32(body), 4) + body


def section(tensor: Tensor, huffman: bool = True) -> bytes:
    """The bytes of one tensor within the file."""
    layout = _SPARSE * (tensor.mask is not None) | _SHARED * (tensor.codebook is not None)
    parts = [_text(tensor.name), _number(len(tensor.shape), 1), *(_number(extent, 4) for extent in tensor.shape), _number(layout, 1)]
    if tensor.codebook is not None:
        parts += [_number(len(tensor.codebook), 2), tensor.codebook.astype("<f4").tobytes()]
    if tensor.mask is not None:
        parts += [_number(tensor.kept, 4), _places(tensor.mask, huffman)]
    if tensor.codebook is None:
        assert tensor.values is not None
        parts.append(tensor.values.astype("<f4").tobytes())
    else:
        assert tensor.codes is not None
        parts.append(_stream(tensor.codes, tensor.code_bits, huffman))
    return b"".join(parts)


def gaps(mask: np.ndarray, bits: int) -> np.ndarray:
    """The gap symbols of a mask at so many bits, int64 (n,).

    >>> gaps(np.array([False, True, False, False, False, False, True, True, False]), 2).tolist()  # 3: three zeros, no value
    [1, 3, 1, 0]
    """
    most = (1 << bits) - 1
    zeros = np.diff(np.flatnonzero(mask), prepend=-1) - 1  # before each kept value
    skips = zeros // most
    symbols = np.full(len(zeros) + int(skips.sum()), most, np.int64)
    symbols[np.cumsum(skips + 1) - 1] = zeros % most
    return symbols


def kept_places(symbols: np.ndarray, bits: int, size: int) -> np.ndarray:
    """The inverse of ``gaps``: bool (size,); DamagedFile where the places lie outside."""
    most = (1 << bits) - 1
    value = symbols < most
    ends = np.cumsum(np.where(value, symbols + 1, most))
    at = ends[value] - 1
    if len(ends) and int(ends[-1]) > size:
        raise DamagedFile(f"its places run to {int(ends[-1])} in a tensor of {size} values; save it again")
    mask = np.zeros(size, bool)
    mask[at] = True
    return mask


def _places(mask: np.ndarray, huffman: bool) -> bytes:
    """Gap bits, number of symbols and their stream, at the gap bits that take the fewest bytes."""
    written = []
    for bits in GAP_BITS:
        symbols = gaps(mask.ravel(), bits)
        written.append(_number(bits, 1) + _number(len(symbols), 4) + _stream(symbols, bits, huffman))
    return min(written, key=len)


def _stream(symbols: np.ndarray, bits: int, huffman: bool) -> bytes:
    packed = bytes([_PACKED]) + pack(symbols, bits)
    if not huffman or not symbols.size:
        return packed
    data, code = entropy_coding.encode(symbols)
    lengths = np.array([len(code.words.get(symbol, "")) for symbol in range(1 << bits)])
    if lengths.max() > LONGEST_WORD:
        return packed
    coded = bytes([_HUFFMAN]) + pack(lengths, LENGTH_BITS) + _number(len(data), 4) + data
    return min(packed, coded, key=len)


def _text(words: str) -> bytes:
    return _number(len(words), 1) + words.encode("ascii")


def _number(value: int, size: int) -> bytes:
    return value.to_bytes(size, "little")


# ---- reading


def read(data: bytes) -> CompressedNetwork:
    """What ``write`` made; DamagedFile in one sentence where the file is anything else."""
    if len(data) > MOST_BYTES:
        raise DamagedFile(f"this file has {len(data)} bytes, and {MOST_BYTES} are read at most; choose one that this lab wrote")
    if data[: len(MAGIC)] != MAGIC:
        raise DamagedFile("this is not a compressed network of QuantLab: it does not begin with QLC1; choose a file that this lab wrote")
    reader = _Reader(data, len(MAGIC))
    if reader.number(4) != zlib.crc32(data[reader.at :]):
        raise DamagedFile("the checksum is wrong: some bytes are missing or have changed; download the file again")
    architecture, count = reader.text(), reader.number(2)
    if count > MOST_TENSORS:
        raise DamagedFile(f"it claims {count} tensors, and {MOST_TENSORS} are read at most; save it again")
    tensors = [_tensor(reader) for _ in range(count)]
    if reader.left:
        raise DamagedFile(f"{reader.left} bytes follow its last tensor; save it again")
    if len({tensor.name for tensor in tensors}) < count:
        raise DamagedFile("two of its tensors have one name; save it again")
    return CompressedNetwork(architecture, tuple(tensors))


@dataclass
class _Reader:
    """A place in the bytes of a file, and how many values its tensors may still have."""

    data: bytes
    at: int
    room: int = MOST_VALUES

    @property
    def left(self) -> int:
        return len(self.data) - self.at

    def take(self, count: int) -> bytes:
        if count > self.left:
            raise DamagedFile(f"it promises {count} bytes where {self.left} are left; download the file again")
        self.at += count
        return self.data[self.at - count : self.at]

    def number(self, size: int) -> int:
        return int.from_bytes(self.take(size), "little")

    def text(self) -> str:
        raw = self.take(self.number(1))
        if not raw.isascii():
            raise DamagedFile("a name in it is not ASCII; save it again")
        return raw.decode("ascii")

    def floats(self, count: int) -> np.ndarray:
        values = np.frombuffer(self.take(4 * count), "<f4").astype(np.float32)
        if not np.isfinite(values).all():
            raise DamagedFile("it holds a value that is NaN or infinite; save the network before it diverged")
        return values


def _tensor(reader: _Reader) -> Tensor:
    name, axes = reader.text(), reader.number(1)
    if axes > MOST_AXES:
        raise DamagedFile(f"a tensor claims {axes} axes, and {MOST_AXES} are read at most; save it again")
    shape = tuple(reader.number(4) for _ in range(axes))
    size = prod(shape)
    if size > reader.room:
        raise DamagedFile(f"its tensors claim more than {MOST_VALUES} values; save it again")
    reader.room -= size
    layout = reader.number(1)
    if layout > (_SPARSE | _SHARED):
        raise DamagedFile(f"a tensor has the layout {layout}, and 0 to 3 are known; save it again")
    codebook = _codebook(reader) if layout & _SHARED else None
    mask = _mask(reader, shape) if layout & _SPARSE else None
    kept = size if mask is None else int(mask.sum())
    if codebook is None:
        return Tensor(name, shape, mask, reader.floats(kept))
    tensor = Tensor(name, shape, mask, codebook=codebook, codes=np.empty(0, np.int64))
    codes = _symbols(reader, kept, tensor.code_bits)
    if codes.size and int(codes.max()) >= len(codebook):
        raise DamagedFile(f"it holds the code {int(codes.max())} for a codebook of {len(codebook)}; save it again")
    return Tensor(name, shape, mask, codebook=codebook, codes=codes)


def _codebook(reader: _Reader) -> np.ndarray:
    count = reader.number(2)
    if not 1 <= count <= 1 << MOST_CODE_BITS:
        raise DamagedFile(f"a codebook claims {count} levels, and 1 to {1 << MOST_CODE_BITS} are read; save it again")
    return reader.floats(count)


def _mask(reader: _Reader, shape: Sequence[int]) -> np.ndarray:
    kept, bits, count = reader.number(4), reader.number(1), reader.number(4)
    if bits not in GAP_BITS or kept > prod(shape) or count > prod(shape) or kept > count:
        raise DamagedFile(f"{count} gaps of {bits} bits for {kept} values do not fit a tensor of {prod(shape)}; save it again")
    mask = kept_places(_symbols(reader, count, bits), bits, prod(shape))
    if int(mask.sum()) != kept:
        raise DamagedFile(f"it promises {kept} values and places {int(mask.sum())}; save it again")
    return mask.reshape(tuple(shape))


def _symbols(reader: _Reader, count: int, bits: int) -> np.ndarray:
    """A stream of ``count`` symbols of so many bits, int64 (count,)."""
    kind = reader.number(1)
    if kind == _PACKED:
        return unpack(reader.take(-(-count * bits // 8)), bits, count).astype(np.int64)
    if kind != _HUFFMAN:
        raise DamagedFile(f"a stream is of kind {kind}, and 0 and 1 are known; save it again")
    table = reader.take(-(-(1 << bits) * LENGTH_BITS // 8))
    lengths = unpack(table, LENGTH_BITS, 1 << bits)
    data = reader.take(reader.number(4))
    if count > 8 * len(data):  # a word has at least one bit
        raise DamagedFile(f"{len(data)} bytes cannot hold {count} Huffman words; download the file again")
    try:
        return entropy_coding.decode_words(data, entropy_coding.canonical_words(_lengths(lengths)), count)
    except ValueError as problem:
        raise DamagedFile(f"a Huffman stream is unsound: {problem}") from problem


def _lengths(lengths: np.ndarray) -> Mapping[int, int]:
    return {symbol: int(length) for symbol, length in enumerate(lengths) if length}
