"""Look-up tables of what every pixel value becomes, one a level, made by the core's quantizer.

A scalar quantizer treats equal values equally, so 256 of them say all; the parameters are chosen on the picture's
values (their counts for bytes), jointly for all channels (``per_tensor()``) or for each (``per_channel(2)``).
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantlab.coding import read_back
from quantlab.grouping import PerTensor
from quantlab.images.spaces import SPACES, Space
from quantlab.ranges import choose_range
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec
from quantlab.values.rows import Rows


def is_table(spec: QuantSpec) -> bool:
    """Whether equal values become equal: no groups or blocks of pixels, no rounding by chance.

    >>> is_table(QuantSpec("int-symmetric")), is_table(QuantSpec("mx")), is_table(QuantSpec("int-symmetric", rounding="stochastic"))
    (True, False, False)
    """
    whole = spec.granularity.kind in ("tensor", "channel") and "tensor" in SCHEMES[spec.scheme].granularities
    return whole and not ROUNDINGS[spec.rounding].random


def lookup_tables(spec: QuantSpec, bits: Sequence[int], picture: np.ndarray | None = None) -> np.ndarray:
    """Tables of what the bytes 0 to 255 become, uint8 (levels, 256, 3).

    picture : (H, W, 3) uint8, on whose values the range is chosen; left out, every value once.

    >>> lookup_tables(QuantSpec("int-asymmetric"), [1, 2])[:, [0, 100, 200, 255], 0]  # 1 bit: 0, 255; 2 bits: 0, 85, 170, 255
    array([[  0,   0, 255, 255],
           [  0,  85, 170, 255]], dtype=uint8)
    """
    values = SPACES["rgb"].points()[None] if picture is None else picture
    return index_tables(spec, [(b,) * 3 for b in bits], values, SPACES["rgb"]).astype(np.uint8)


def index_tables(spec: QuantSpec, bits: Sequence[tuple[int, ...]], values: np.ndarray, space: Space) -> np.ndarray:
    """Tables in any space, in units of the table's index: float32 (levels, N, C); ``bits`` for each level and channel."""
    if not is_table(spec):
        raise ValueError(f"{spec!r} treats equal values differently, so it has no table; quantize the picture itself")
    points = space.points()
    joint = isinstance(spec.granularity, PerTensor) and not space.apart
    channels = [slice(0, len(space.low))] if joint else [slice(c, c + 1) for c in range(len(space.low))]
    alone = spec.replace(granularity=PerTensor())
    out = np.empty((len(bits), *points.shape), np.float32)
    for part in channels:
        rows = _rows(values, points, space, part)
        by_width: dict[int, np.ndarray] = {}
        for level, widths in enumerate(bits):
            width = widths[part.start]
            if width not in by_width:
                by_width[width] = _through(points[:, part], rows, alone.replace(bits=width))
            out[level, :, part] = by_width[width]
    return space.index(np.clip(space.shown(out), space.low, space.high).astype(np.float32))


def _rows(values: np.ndarray, points: np.ndarray, space: Space, channels: slice) -> Rows:
    """All values of some channels as one group, each as the table sees it; sorted by counting, so sorting again is cheap."""
    index = np.rint(space.index(values)[..., channels]).astype(np.intp)
    counts = np.bincount(index.ravel(), minlength=space.size)
    return Rows(np.repeat(points[:, channels.start], counts)[None])


def _through(points: np.ndarray, rows: Rows, spec: QuantSpec) -> np.ndarray:
    qparams = SCHEMES[spec.scheme].choose_qparams(rows, *choose_range(rows, spec), spec)
    return read_back(np.ascontiguousarray(points).reshape(1, -1), qparams, spec).reshape(points.shape)
