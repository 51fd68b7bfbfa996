"""Work on rows whose parameters are known: encoded, decoded, or both, block by block.

A block goes through all its steps while it is in a core's cache; where the scheme has one loop for all of them, once.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence

import numpy as np
from numpy.typing import DTypeLike

from quantlab.rounding import ROUNDINGS, Noise, uniform_noise
from quantlab.schemes import SCHEMES
from quantlab.types import QParams, QuantSpec
from quantlab.values.blocks import SIZE, Block, blocks, in_threads

Groups = Callable[[slice], QParams]  # the parameters of some of the groups
Work = Callable[[np.ndarray, QParams, Noise, np.ndarray], None]  # (block, its groups' parameters, noise, where to write)


def read_back(rows: np.ndarray, qparams: QParams | Groups, spec: QuantSpec, part: int = 0) -> np.ndarray:
    """``fake_quantize`` on rows (G, N) whose parameters are known, or chosen block by block; float32 (G, N)."""
    scheme = SCHEMES[spec.scheme]

    def both(block: np.ndarray, groups: QParams, noise: Noise, out: np.ndarray) -> None:
        if not scheme.read_back(block, groups, spec, out):
            out[...] = scheme.decode(scheme.encode(block, groups, spec, noise), groups, spec)

    return blockwise(both, rows, qparams, spec, part, np.float32)


def codes_of(rows: np.ndarray, qparams: QParams, spec: QuantSpec, part: int, dtype: DTypeLike) -> np.ndarray:
    """The codes of rows (G, N), of an integer ``dtype`` that holds them."""
    scheme = SCHEMES[spec.scheme]

    def codes(block: np.ndarray, groups: QParams, noise: Noise, out: np.ndarray) -> None:
        out[...] = scheme.encode(block, groups, spec, noise)

    return blockwise(codes, rows, qparams, spec, part, dtype)


def values_of(codes: np.ndarray, qparams: QParams, spec: QuantSpec) -> np.ndarray:
    """The values of codes (G, N), float32."""
    scheme = SCHEMES[spec.scheme]

    def values(block: np.ndarray, groups: QParams, noise: Noise, out: np.ndarray) -> None:
        out[...] = scheme.decode(block.astype(np.float32), groups, spec)

    return blockwise(values, codes, qparams, spec, 0, np.float32)


def blockwise(work: Work, rows: np.ndarray, qparams: QParams | Groups, spec: QuantSpec, part: int, dtype: DTypeLike) -> np.ndarray:
    """``work`` on every block of rows (G, N); (G, N) of ``dtype``.

    qparams : of all groups; or a function, of short ones, for which a block is some whole rows.
    part : which part of the tensor the rows are (``Granularity.split``), so that each draws noise of its own.
    """
    out = np.empty_like(rows, dtype, order="K")
    n = rows.shape[1]
    parameters = qparams.groups if isinstance(qparams, QParams) else qparams

    def run(cuts: Sequence[Block]) -> None:
        for cut in cuts:
            groups, columns = cut

            def noise(shape: tuple[int, ...] = rows[cut].shape, start: int = groups.start * n + columns.start) -> np.ndarray:
                return uniform_noise(shape, spec.seed + (part << 32), start)

            work(rows[cut], parameters(groups), noise, out[cut])

    chosen_here = qparams is parameters
    in_threads(run, blocks(rows, ROUNDINGS[spec.rounding].random or chosen_here, 4 * SIZE if chosen_here else SIZE))
    return out
