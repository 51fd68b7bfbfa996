"""Agreement of an integer network with the fake-quantized one: how many codes differ, and which rounding makes them differ.

Both are given the same codes at every layer, and the codes are compared that the next layer reads. Then one reason after another
is taken away (``REASONS``): the fake-quantized network adds biases in float32, sums in float32, and the factor M is a float32.
Where nothing is left, nothing may differ.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

REASONS: dict[str, str] = {
    "as usual": "the fake-quantized network as it is: float biases, float32 sums",
    "same biases": "its biases rounded to the step of the products too",
    "float64 sums": "and its sums in float64",
    "exact M": "and M in float64 on the integer side",
}
EDGES = np.concatenate([[0.0], np.geomspace(1e-8, 0.5, 78)])  # of distances from a border, in steps


@dataclass(frozen=True, eq=False)
class LayerAgreement:
    """What one layer reads, in both networks. compared : how many codes. differing : of them, a number for each of ``REASONS``.

    inherited, inherited_same_biases : how many differ where each network goes its own way from the picture on, without and with
    equal biases. farthest : the largest difference, in codes, of those that differ as usual.
    near : histogram over ``EDGES`` of all codes' distance from a border between two codes, int64 (B,); differing_near : for each
    of ``REASONS``, that of the codes that differ, int64 (R, B).
    reach : what the biases before it are rounded by at most, half a step of the accumulator, in codes of this layer.
    """

    layer: str
    compared: int
    differing: tuple[int, ...]
    inherited: int
    inherited_same_biases: int
    farthest: int
    near: np.ndarray
    differing_near: np.ndarray
    reach: float

    def __add__(self, other: LayerAgreement) -> LayerAgreement:
        """Both counts together: of the same layer on more images, or of all layers."""
        return LayerAgreement(
            self.layer if self.layer == other.layer else "all layers",
            self.compared + other.compared,
            tuple(a + b for a, b in zip(self.differing, other.differing, strict=True)),
            self.inherited + other.inherited,
            self.inherited_same_biases + other.inherited_same_biases,
            max(self.farthest, other.farthest),
            self.near + other.near,
            self.differing_near + other.differing_near,
            max(self.reach, other.reach),
        )


@dataclass(frozen=True, eq=False)
class Agreement:
    """Both networks on N images. integer, fake, same_biases, exact : logits float32 (N, C) of the integer network, the fake-quantized
    one, that with biases on the step of the products, and the float network. labels : int64 (N,)."""

    layers: tuple[LayerAgreement, ...]
    integer: np.ndarray
    fake: np.ndarray
    same_biases: np.ndarray
    exact: np.ndarray
    labels: np.ndarray

    @property
    def total(self) -> LayerAgreement:
        """All layers together."""
        first, *others = self.layers
        for layer in others:
            first = first + layer
        return first
