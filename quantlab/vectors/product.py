"""Product quantization: each run of d values of a row is one of K vectors, found by k-means.

    x (N, D) -> D/d codes a row, each the nearest of the K = 2^(d·b) vectors of its place;   Lloyd: every vector the mean of its runs

The codebooks cost 32·K·D bits (32·K·d where one serves all places), which ``bits_per_value`` counts: many rows are needed to pay them.
Source: Jégou, Douze, Schmid 2011, doi:10.1109/TPAMI.2010.57.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

_MOST = 1 << 12  # vectors of a codebook
_PIECE = 1 << 22  # distances at once


@dataclass(frozen=True, eq=False)
class ProductQuantizer:
    """Codebooks, float32 (places, K, d); one place serves all where there is one.

    >>> x = np.random.default_rng(0).normal(size=(2048, 8)).astype(np.float32)
    >>> pq = ProductQuantizer.fit(x, width=4, bits=1)
    >>> pq.codebooks.shape, pq.encode(x).shape  # 8 / 4 places, 2 ** (4 * 1) vectors of 4
    ((2, 16, 4), (2048, 2))
    """

    codebooks: np.ndarray

    @classmethod
    def fit(cls, x: np.ndarray, width: int, bits: int, shared: bool = False, turns: int = 25, seed: int = 0) -> ProductQuantizer:
        """Codebooks of runs of ``width`` values in ``bits`` a value; ``shared``: one for all places.

        ValueError where the rows are no multiple of the width, or the codebook is larger than 4096 vectors or than the runs there are.
        """
        x = np.asarray(x, np.float32)
        if x.ndim != 2 or not x.size or x.shape[1] % width:
            raise ValueError(f"rows of shape {x.shape} cannot be cut into runs of {width}; give (N, D) with D a multiple of it")
        if not np.isfinite(x).all():
            raise ValueError("values that are NaN or infinite have no nearest vector; drop or clip them first")
        count, runs = 2 ** (width * bits), _runs(x, width, shared)  # (places, M, d)
        if count > min(_MOST, runs.shape[1]):
            raise ValueError(
                f"{count} vectors are more than {_MOST}, or than the {runs.shape[1]} runs; choose fewer bits or a shorter width"
            )
        rng = np.random.default_rng(seed)
        return cls(np.stack([_lloyd(part, count, turns, rng) for part in runs]))

    @property
    def width(self) -> int:
        return int(self.codebooks.shape[2])

    def encode(self, x: np.ndarray) -> np.ndarray:
        """Codes int64 (N, D / d)."""
        runs = _runs(np.asarray(x, np.float32), self.width, len(self.codebooks) == 1)
        codes = np.stack([_nearest(part, book) for part, book in zip(runs, self.codebooks, strict=True)], axis=1)
        return codes.reshape(len(x), -1)

    def decode(self, codes: np.ndarray) -> np.ndarray:
        """Values float32 (N, D)."""
        places = np.arange(codes.shape[1]) % len(self.codebooks)
        return self.codebooks[places, codes].reshape(len(codes), -1)

    def bits_per_value(self, shape: tuple[int, int]) -> float:
        """Bits a value of so many rows, with the codebooks."""
        return float(np.log2(self.codebooks.shape[1])) / self.width + 32 * self.codebooks.size / (shape[0] * shape[1])


def _runs(x: np.ndarray, width: int, shared: bool) -> np.ndarray:
    """(places, M, d)."""
    runs = x.reshape(len(x), -1, width)  # (N, D / d, d)
    return runs.reshape(1, -1, width) if shared else runs.swapaxes(0, 1)


def _nearest(runs: np.ndarray, book: np.ndarray) -> np.ndarray:
    """The code of each run, int64 (M,)."""
    half = (book.astype(np.float64) ** 2).sum(axis=1).astype(np.float32) / 2
    step = max(1, _PIECE // len(book))
    pieces = [np.argmax(runs[i : i + step] @ book.T - half, axis=1) for i in range(0, len(runs), step)]
    return np.concatenate(pieces) if pieces else np.zeros(0, np.int64)


def _lloyd(runs: np.ndarray, count: int, turns: int, rng: np.random.Generator) -> np.ndarray:
    """K vectors float32 (K, d): from runs drawn without repeats; a vector that no run chose moves to the run that is served worst."""
    book = runs[rng.choice(len(runs), count, replace=False)].copy()
    for _ in range(turns):
        code = _nearest(runs, book)
        sizes = np.bincount(code, minlength=count)
        sums = np.stack([np.bincount(code, runs[:, i], count) for i in range(runs.shape[1])], axis=1)
        moved = np.where(sizes[:, None] > 0, sums / np.maximum(sizes, 1)[:, None], book).astype(np.float32)
        if (empty := np.flatnonzero(sizes == 0)).size:
            worst = np.argsort(((runs - moved[code]) ** 2).sum(axis=1))[::-1][: len(empty)]
            moved[empty] = runs[worst]
        if np.array_equal(moved, book):
            break
        book = moved
    return book
