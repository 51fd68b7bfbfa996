"""Results of the engine beside its evaluations: sizes, errors of layers, what one layer costs, histograms, feature maps."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from quantlab.networks.evaluation import Evaluation


@dataclass(frozen=True)
class LayerSize:
    """Bytes of one layer, its bias among them. ``count`` : weights and biases.

    memory : codes, scales, zero points and codebooks. packed : the file that ``packing.save`` writes, its header among
    them. huffman : the codes Huffman-coded, with the code's table and the scales.
    """

    layer: str
    count: int
    exact: int
    memory: float
    packed: int
    huffman: float


@dataclass(frozen=True)
class Size:
    """Bytes of a whole network. ``other`` : of what is never quantized (batch norms that are not folded), in float32."""

    layers: tuple[LayerSize, ...]
    other: int

    def total(self, what: str) -> float:
        """Bytes of the whole network: "exact" (float32), "memory", "packed" or "huffman"."""
        return sum(getattr(layer, what) for layer in self.layers) + self.other


@dataclass(frozen=True)
class LayerError:
    """SQNR in dB, inf without error. arriving : of what the earlier layers hand on, before it is quantized here.

    output : of what this layer hands on in the quantized network. alone : of its output, had it been given the float
    network's activations.
    """

    layer: str
    arriving: float
    output: float
    alone: float


@dataclass(frozen=True, eq=False)
class Sensitivity:
    """Answers of two settings. alone : this layer quantized and all others float. all_but : all quantized and this one float."""

    layer: str
    alone: Evaluation
    all_but: Evaluation


@dataclass(frozen=True, eq=False)
class Spread:
    """Histogram of one layer's weights or of what flows into it. edges : (B + 1,); counts : (B,) before and after.

    levels : float32 (G, L) of each group, ascending; (0, 0) where the values are float or their ranges each image's own.
    """

    layer: str
    edges: np.ndarray
    before: np.ndarray
    after: np.ndarray
    levels: np.ndarray


@dataclass(frozen=True, eq=False)
class FeatureMaps:
    """The maps of one step for one image, float32 (C, H, W) or (C,): float network, quantized network."""

    step: str
    before: np.ndarray
    after: np.ndarray

    @property
    def error(self) -> np.ndarray:
        return self.after - self.before
