"""A model of what one answer costs: multiplications, bytes moved, energy. Nothing here is measured.

Energies are those of Horowitz 2014 (doi:10.1109/ISSCC.2014.6757323), figure 1.1.9, in 45 nm at 0.9 V, in picojoules: multiply
int8 0.2, float32 3.7; add int32 0.1, float32 0.9; 64 bits from DRAM 1300 to 2600, here 1300. Each weight and each activation
is taken to be moved once from and to DRAM; caches, registers and instructions are left out.
"""

from __future__ import annotations

from dataclasses import dataclass

from quantlab.integer.network import IntegerNetwork
from quantlab.integer.operations import Layer

MULTIPLY = {"int8": 0.2, "float32": 3.7}  # pJ
ADD = {"int8": 0.1, "float32": 0.9}  # pJ, of the accumulator: int32, float32
DRAM = 1300 / 8  # pJ a byte
BYTES = {"int8": 1, "float32": 4}
KINDS = tuple(MULTIPLY)


@dataclass(frozen=True)
class Cost:
    """A model's costs of one answer. multiplications : as many additions. moved : bytes. arithmetic, memory : picojoules."""

    multiplications: int
    moved: int
    arithmetic: float
    memory: float

    @property
    def energy(self) -> float:
        """Picojoules in all."""
        return self.arithmetic + self.memory


def multiplications(layer: Layer, outputs: int) -> int:
    """Products of one picture. outputs : accumulators that the layer gives for it."""
    return layer.weights[0].size * outputs


def cost(network: IntegerNetwork, sizes: dict[str, tuple[int, int]], kind: str) -> Cost:
    """The model's cost of one picture. sizes : of each layer, how many codes it reads and accumulators it gives. kind : of ``KINDS``."""
    if kind not in KINDS:
        raise ValueError(f"there is no energy known here of {kind!r}; choose one of {', '.join(KINDS)}")
    products = sum(multiplications(layer, sizes[layer.name][1]) for layer in network.layers)
    moved = sum(BYTES[kind] * (layer.weights.size + sizes[layer.name][0]) + 4 * layer.bias.size for layer in network.layers)
    return Cost(products, moved, products * (MULTIPLY[kind] + ADD[kind]), moved * DRAM)
