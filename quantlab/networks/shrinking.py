"""Ways to shrink a network: what is pruned, what is shared, what is fine-tuned, without torch.

The order is that of Deep Compression: prune, fine-tune what stays; share weights by k-means, fine-tune the centroids;
Huffman-code. Each part can be left out.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

from quantlab.networks.pruning import PATTERNS

CODEBOOK_BITS = tuple(range(1, 9))
ALONE_SHARES = (30, 50, 70, 80, 90)  # per cent, of one layer while the others stay whole
SHARES = (0, 10, 20, 30, 40, 50, 60, 70, 80, 90, 95)  # per cent


@dataclass(frozen=True)
class Shrinking:
    """One way to shrink a network; frozen and hashable.

    pattern : of pruning, a slug of ``PATTERNS``, "none" for no pruning. share : pruned, in per cent; "2-4" has its own.
    bits : of the codebook of each layer's kept weights, None for weights that stay float32. layer_bits : (layer, bits) pairs that go
    before. huffman : whether streams are coded. norms : whether the batch norms are estimated anew after each of both steps, on
    calibration images. epochs : of fine-tuning after each, which does that too. seed : of its order of images.
    """

    pattern: str = "global"
    share: int = 60
    bits: int | None = 4
    layer_bits: tuple[tuple[str, int], ...] = ()
    huffman: bool = True
    norms: bool = True
    epochs: int = 0
    seed: int = 0

    def __post_init__(self) -> None:
        if self.pattern != "none" and self.pattern not in PATTERNS:
            raise ValueError(f"there is no pattern {self.pattern!r}; choose none or one of {', '.join(PATTERNS)}")
        if not 0 <= self.share < 100:
            raise ValueError(f"{self.share} % cannot be pruned: choose 0 to 99, so that something stays")
        for bits in [self.bits, *dict(self.layer_bits).values()]:
            if bits is not None and bits not in CODEBOOK_BITS:
                raise ValueError(f"a codebook of {bits} bits is not supported here; choose 1 to {CODEBOOK_BITS[-1]}")

    @property
    def prunes(self) -> bool:
        """Whether any weight goes."""
        return self.pattern != "none" and (self.share > 0 or not PATTERNS[self.pattern].shared)

    @property
    def shares_weights(self) -> bool:
        return self.bits is not None or bool(self.layer_bits)

    def bits_of(self, layer: str) -> int | None:
        """Bits of a layer's codebook.

        >>> Shrinking(bits=4, layer_bits=(("conv1", 6),)).bits_of("conv1")
        6
        """
        return dict(self.layer_bits).get(layer, self.bits)

    def replace(self, **changes: Any) -> Shrinking:
        """The same but for the fields named, of whatever types they have."""
        return replace(self, **changes)


PRUNED_ALONE: dict[str, Any] = {"bits": None, "layer_bits": ()}  # changes that leave pruning alone
WHOLE = Shrinking(pattern="none", bits=None, huffman=False)  # the float network, as a file of the same layout
