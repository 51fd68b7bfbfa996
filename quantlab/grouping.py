"""Granularities: which values share one quantizer. Each is the shape of a tile; the tensor is cut into such tiles.

Per tensor the tile is the whole tensor, per channel it is one long on the channel axis, per token it is a row of the last axis, per group
it is
``size`` long on one axis and one long on the others. ``split`` lays the tiles out as rows of (G, N) arrays,
``join`` puts them back. Where an axis is no multiple of the tile, its last tiles are smaller and become rows
of an array of their own: nothing is padded, so no statistic is ever taken over values that are not there.
A single number, of shape (), is cut as one value of shape (1,), and keeps its shape.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from math import prod
from typing import ClassVar

import numpy as np

Shape = tuple[int, ...]


class Granularity:
    """Base of the granularities; a subclass says only what its tile is."""

    kind: ClassVar[str]

    def tile(self, shape: Shape) -> Shape:
        """The tile's shape for a tensor of this shape, one length for each axis."""
        raise NotImplementedError

    @property
    def slug(self) -> str:
        """Its short name in addresses: ``tensor``, ``channel-0``, ``token``, ``group-64``, ``block-16x16``."""
        raise NotImplementedError

    @property
    def title(self) -> str:
        """What one quantizer serves, for people."""
        raise NotImplementedError

    def split(self, x: np.ndarray) -> list[np.ndarray]:
        """The tiles as rows: a list of arrays (G, N), views where the memory allows.

        >>> [rows.shape for rows in PerGroup(4).split(np.zeros((2, 10)))]  # 2 * 2 tiles of 4, 2 tiles of 2
        [(4, 4), (2, 2)]
        """
        parts, x = [], np.atleast_1d(x)
        for where, grid, tile in self._regions(x.shape):
            order = (*range(0, 2 * x.ndim, 2), *range(1, 2 * x.ndim, 2))
            tiles = x[where].reshape(_interleave(grid, tile)).transpose(order)  # (grid..., tile...)
            parts.append(tiles.reshape(prod(grid), prod(tile)))  # (G, N)
        return parts

    def join(self, parts: Sequence[np.ndarray], shape: Shape) -> np.ndarray:
        """The inverse of ``split``: rows (G, N) back into a tensor of this shape."""
        n, regions = len(shape) or 1, list(self._regions(shape))
        order = tuple(axis for pair in zip(range(n), range(n, 2 * n), strict=True) for axis in pair)
        pieces = [rows.reshape(*grid, *tile).transpose(order) for rows, (_, grid, tile) in zip(parts, regions, strict=True)]
        if len(pieces) == 1:
            return pieces[0].reshape(shape)
        out = np.empty(shape, parts[0].dtype if parts else np.float32)
        for piece, (where, grid, tile) in zip(pieces, regions, strict=True):
            out[where] = piece.reshape([g * t for g, t in zip(grid, tile, strict=True)])
        return out

    def group_index(self, shape: Shape) -> np.ndarray:
        """For every value the number of its tile, in the order of the rows of ``split``."""
        rows, first = [], 0
        for _, grid, tile in self._regions(shape):
            ids = np.arange(first, first + prod(grid))
            rows.append(np.broadcast_to(ids[:, None], (len(ids), prod(tile))))
            first += len(ids)
        return self.join(rows, shape).astype(np.int64)

    def group_at(self, index: int, shape: Shape) -> int:
        """The number of the tile that holds the value at this flat index."""
        place, first = np.unravel_index(index, shape or (1,)), 0
        for where, grid, tile in self._regions(shape):
            if all(part.start <= i < part.stop for i, part in zip(place, where, strict=True)):
                return first + int(
                    np.ravel_multi_index([(i - part.start) // t for i, part, t in zip(place, where, tile, strict=True)], grid)
                )
            first += prod(grid)
        raise IndexError(f"index {index} lies outside a tensor of shape {shape}")

    def count(self, shape: Shape) -> int:
        """How many groups a tensor of this shape has."""
        return sum(self.counts(shape))

    def counts(self, shape: Shape) -> list[int]:
        """How many groups each part has that ``split`` makes of a tensor of this shape.

        >>> PerGroup(4).counts((2, 10))
        [4, 2]
        """
        return [prod(grid) for _, grid, _ in self._regions(shape)]

    def sizes(self, shape: Shape) -> list[int]:
        """How many values a group has, part by part.

        >>> PerGroup(4).sizes((2, 10))
        [4, 2]
        """
        return [prod(tile) for _, _, tile in self._regions(shape)]

    def _regions(self, shape: Shape) -> Iterator[tuple[tuple[slice, ...], Shape, Shape]]:
        """The parts of the tensor in which all tiles are alike: (where, tiles along each axis, tile)."""
        shape = shape or (1,)
        tile = self.tile(shape)
        if 0 in shape:
            return
        runs = []
        for n, t in zip(shape, tile, strict=True):
            t = min(t, n)
            whole = n // t * t
            runs.append([(slice(0, whole), n // t, t)] + ([(slice(whole, n), 1, n - whole)] if whole < n else []))
        for choice in product(*runs):
            where, grid, sizes = zip(*choice, strict=True)
            yield tuple(where), tuple(grid), tuple(sizes)


def _interleave(grid: Shape, tile: Shape) -> Shape:
    return tuple(n for pair in zip(grid, tile, strict=True) for n in pair)


def _axis(axis: int, shape: Shape) -> int:
    if not -len(shape) <= axis < len(shape):
        raise ValueError(f"axis {axis} does not exist in a tensor of shape {shape}; choose one of 0 to {len(shape) - 1}")
    return axis % len(shape)


def _positive(name: str, n: int) -> int:
    if isinstance(n, bool) or int(n) != n or n < 1:
        raise ValueError(f"{name} is {n!r}; it must be a whole number of at least 1")
    return int(n)


@dataclass(frozen=True, repr=False)
class PerTensor(Granularity):
    """One quantizer for the whole tensor."""

    kind: ClassVar[str] = "tensor"
    slug = "tensor"
    title = "the whole tensor"

    def __repr__(self) -> str:
        return "per_tensor()"

    def tile(self, shape: Shape) -> Shape:
        return shape


@dataclass(frozen=True, repr=False)
class PerChannel(Granularity):
    """One quantizer for each index along ``axis`` (0: the rows of a matrix, the filters of a convolution)."""

    axis: int = 0
    kind: ClassVar[str] = "channel"

    @property
    def slug(self) -> str:
        return f"channel-{self.axis}"

    @property
    def title(self) -> str:
        return {0: "each row", 1: "each column"}.get(self.axis, f"each index of axis {self.axis}")

    def __repr__(self) -> str:
        return f"per_channel({self.axis})"

    def tile(self, shape: Shape) -> Shape:
        axis = _axis(self.axis, shape)
        return tuple(1 if i == axis else n for i, n in enumerate(shape))


@dataclass(frozen=True, repr=False)
class PerToken(Granularity):
    """One quantizer for each row of the last axis: what a token of (batch, tokens, width) carries. Of a matrix, each row.

    >>> PerToken().count((2, 5, 64))  # 10 = 2 * 5
    10
    """

    kind: ClassVar[str] = "token"
    slug = "token"
    title = "each token, a row of the last axis"

    def __repr__(self) -> str:
        return "per_token()"

    def tile(self, shape: Shape) -> Shape:
        return (1,) * (len(shape) - 1) + shape[-1:]


@dataclass(frozen=True, repr=False)
class PerGroup(Granularity):
    """One quantizer for each run of ``size`` values along ``axis``; the last run may be shorter.

    >>> PerGroup(64).count((32, 960))  # 480 = 32 * 960 / 64
    480
    """

    size: int
    axis: int = -1
    kind: ClassVar[str] = "group"

    @property
    def slug(self) -> str:
        return f"group-{self.size}" if self.axis == -1 else f"group-{self.size}-axis-{self.axis}"

    @property
    def title(self) -> str:
        return f"groups of {self.size}"

    def __repr__(self) -> str:
        return f"per_group({self.size})" if self.axis == -1 else f"per_group({self.size}, axis={self.axis})"

    def __post_init__(self) -> None:
        object.__setattr__(self, "size", _positive("the group size", self.size))

    def tile(self, shape: Shape) -> Shape:
        axis = _axis(self.axis, shape)
        return tuple(self.size if i == axis else 1 for i in range(len(shape)))


@dataclass(frozen=True, repr=False)
class PerBlock(Granularity):
    """One quantizer for each block of this shape over the last axes of the tensor."""

    shape: Shape
    kind: ClassVar[str] = "block"

    @property
    def slug(self) -> str:
        return "block-" + "x".join(map(str, self.shape))

    @property
    def title(self) -> str:
        return "blocks of " + " × ".join(map(str, self.shape))

    def __repr__(self) -> str:
        return f"per_block({self.shape})"

    def __post_init__(self) -> None:
        object.__setattr__(self, "shape", tuple(_positive("a block's side", n) for n in self.shape))

    def tile(self, shape: Shape) -> Shape:
        lead = len(shape) - len(self.shape)
        if lead < 0:
            raise ValueError(f"a block {self.shape} has more axes than the tensor {shape}; use one of at most {len(shape)}")
        return (1,) * lead + self.shape


def per_tensor() -> PerTensor:
    """One quantizer for the whole tensor."""
    return PerTensor()


def per_channel(axis: int = 0) -> PerChannel:
    """One quantizer for each index along ``axis``."""
    return PerChannel(axis)


def per_token() -> PerToken:
    """One quantizer for each row of the last axis."""
    return PerToken()


def per_group(size: int, axis: int = -1) -> PerGroup:
    """One quantizer for each run of ``size`` values along ``axis``."""
    return PerGroup(size, axis)


def per_block(shape: Sequence[int]) -> PerBlock:
    """One quantizer for each block of this shape over the last axes."""
    return PerBlock(tuple(shape))


def parse_granularity(slug: str) -> Granularity:
    """A granularity from its slug; ValueError where there is none such.

    >>> [parse_granularity(s) for s in ("tensor", "channel-1", "token", "group-64", "block-16x16")]
    [per_tensor(), per_channel(1), per_token(), per_group(64), per_block((16, 16))]
    """
    if slug in (PerTensor.slug, PerToken.slug):
        return PerTensor() if slug == PerTensor.slug else PerToken()
    if match := re.fullmatch(r"channel-(-?\d{1,2})", slug):
        return PerChannel(int(match[1]))
    if match := re.fullmatch(r"group-([1-9]\d{0,8})(?:-axis-(-?\d{1,2}))?", slug):
        return PerGroup(int(match[1]), int(match[2] or -1))
    if match := re.fullmatch(r"block-([1-9]\d{0,6}(?:x[1-9]\d{0,6})*)", slug):
        return PerBlock(tuple(map(int, match[1].split("x"))))
    raise ValueError(f"granularity {slug!r} is unknown; write tensor, channel-0, token, group-64 or block-16x16")
