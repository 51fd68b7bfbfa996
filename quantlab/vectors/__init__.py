"""Codes of several values together: product quantization with k-means codebooks, and the lattice E8."""

from quantlab.vectors.e8 import ball, nearest, nearest_in_ball
from quantlab.vectors.product import ProductQuantizer

__all__ = ["ProductQuantizer", "ball", "nearest", "nearest_in_ball"]
