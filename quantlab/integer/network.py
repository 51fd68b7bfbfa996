"""Integer networks: operations one after another, each reading results of earlier ones.

Nothing here multiplies floats but what the requantizer "float" does by definition: from the picture's bytes to the last
accumulators all is whole numbers. The last ones times their scale are the logits.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from quantlab.integer.operations import USUAL, Arithmetic, Layer, Numbers, Operation, Watch

BATCH = 50  # images whose patches stand in memory at once
PIXEL = np.array([np.float32(1 / 255)], np.float64)  # the scale of a picture's bytes


@dataclass(frozen=True, eq=False)
class IntegerNetwork:
    """Operations in the order of computing, and the places of the results that each reads, -1 for the picture.

    shape : height, width and channels of a picture.
    """

    title: str
    shape: tuple[int, int, int]
    operations: tuple[Operation, ...]
    reads: tuple[tuple[int, ...], ...]

    @property
    def layers(self) -> tuple[Layer, ...]:
        """Those with weights."""
        return tuple(operation for operation in self.operations if isinstance(operation, Layer))

    def run(self, pixels: np.ndarray, arithmetic: Arithmetic = USUAL, watch: Watch | None = None) -> Numbers:
        """The last result for pictures uint8 (N, H, W, C). watch : hears of every layer's codes and accumulators."""
        return self._run(pixels, arithmetic, watch, len(self.operations))

    def read_by(self, name: str, pixels: np.ndarray, arithmetic: Arithmetic = USUAL) -> Numbers:
        """What the layer of this name requantizes: the accumulators that reach it; ValueError where there is no such layer."""
        place = next((i for i, operation in enumerate(self.operations) if isinstance(operation, Layer) and operation.name == name), None)
        if place is None:
            raise ValueError(f"there is no layer {name!r}; this network has {', '.join(layer.name for layer in self.layers)}")
        return self._run(pixels, arithmetic, None, place)

    def _run(self, pixels: np.ndarray, arithmetic: Arithmetic, watch: Watch | None, end: int) -> Numbers:
        """What operation ``end`` reads, or the last result."""
        if pixels.dtype != np.uint8 or pixels.shape[1:] != self.shape:
            wanted = ", ".join(map(str, self.shape))
            raise ValueError(
                f"{self.title} reads uint8 (N, {wanted}) and these are {pixels.dtype} {pixels.shape}; give bytes from 0 to 255"
            )
        results = {-1: Numbers(pixels.transpose(0, 3, 1, 2).astype(np.int32), PIXEL)}
        for place, (operation, reads) in enumerate(zip(self.operations[:end], self.reads, strict=False)):
            inputs = [results[i] for i in reads]
            if watch is not None and isinstance(operation, Layer):
                codes = operation.codes(inputs[0], arithmetic)
                results[place] = Numbers(operation.accumulate(codes, arithmetic), operation.out_scale)
                watch(operation, codes, results[place].values)
            else:
                results[place] = operation(arithmetic, *inputs)
            for i in [i for i in results if i >= 0 and i != place and self._last(i) <= place]:
                del results[i]
        return results[self.reads[end][0] if end < len(self.reads) else end - 1]

    def batches(self, pixels: np.ndarray, arithmetic: Arithmetic = USUAL, watch: Watch | None = None) -> Iterator[np.ndarray]:
        """Logits float32 (n, classes) of some pictures after others: between two of them a computation can be left."""
        for start in range(0, len(pixels), BATCH):
            yield self.run(pixels[start : start + BATCH], arithmetic, watch).real

    def logits(self, pixels: np.ndarray, arithmetic: Arithmetic = USUAL, watch: Watch | None = None) -> np.ndarray:
        """Logits float32 (N, classes)."""
        return np.concatenate(list(self.batches(pixels, arithmetic, watch)))

    def _last(self, place: int) -> int:
        return max((i for i, reads in enumerate(self.reads) if place in reads), default=place)
