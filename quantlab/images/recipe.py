"""The recipe of a picture: what is quantized, how, and along which levels; frozen, hashable, checked when it is made."""

from __future__ import annotations

from dataclasses import dataclass, field

from quantlab.images.dither import DITHERS
from quantlab.images.palettes import PALETTES
from quantlab.images.spaces import SPACES
from quantlab.images.tables import is_table
from quantlab.schemes import SCHEMES
from quantlab.types import QuantSpec

PALETTE_SIZES = (2, 4, 8, 16, 32, 64, 128, 256)
QUALITIES = (1, 3, 5, 8, 10, 15, 20, 30, 40, 50, 60, 70, 80, 90, 95, 100)  # 1 and 2 have the same steps
WHAT = (*SPACES, "palette", "dct")


@dataclass(frozen=True)
class Recipe:
    """One recipe: what is quantized, how, and along which levels.

    what : a slug of ``SPACES`` (scalar, bits 1 to 8 a channel), "palette" (2 to 256 colours) or "dct" (JPEG quality).
    spec : the scheme of the scalar spaces; its bits follow the level. ``per_tensor()``: one quantizer for all channels,
        ``per_channel(2)``: one for each; luma and chroma always have their own.
    luma, chroma : bits that stay, in "ycbcr" and "lab"; None follows the level.
    full_range : the range is chosen on every value the space has once, not on the picture's values.
    dither, strength, serpentine, seed : see ``dither.py``; palettes know no serpentine order, "dct" no dither.
    method : a slug of ``PALETTES``. dead_zone : of "dct", 1 to 2.

    >>> Recipe("palette").labels, Recipe(spec=QuantSpec("nf4")).labels
    (('2', '4', '8', '16', '32', '64', '128', '256'), ('4',))
    """

    what: str = "rgb"
    spec: QuantSpec = field(default_factory=lambda: QuantSpec("int-asymmetric"))
    dither: str = "none"
    strength: float = 1.0
    serpentine: bool = False
    seed: int = 0
    luma: int | None = None
    chroma: int | None = None
    full_range: bool = False
    method: str = "median-cut"
    dead_zone: float = 1.0

    def __post_init__(self) -> None:
        for name, known in (("what", WHAT), ("dither", DITHERS), ("method", PALETTES)):
            if (value := getattr(self, name)) not in known:
                raise ValueError(f"{name}={value!r} is unknown; choose one of {', '.join(known)}")
        if not 0 <= self.strength <= 1:
            raise ValueError(f"strength={self.strength} is out of range; choose 0 (no dither) to 1")
        if not 1 <= self.dead_zone <= 2:
            raise ValueError(f"dead_zone={self.dead_zone} is out of range; choose 1 (plain) to 2")
        if self.dither != "none" and self.what == "dct":
            raise ValueError(
                f"dither={self.dither!r} is not supported here, because waves are rounded and not pixels; choose none, or another what"
            )
        if self.dither != "none" and self.what in SPACES and not is_table(self.spec):
            raise ValueError(f"dither={self.dither!r} needs fixed levels and {self.spec!r} has none; choose none or another scheme")
        if self.serpentine and (self.what == "palette" or DITHERS[self.dither].kernel is None):
            raise ValueError(
                f"serpentine is not supported for {self.what} with dither={self.dither!r}, because only error diffusion over pixels has an order; "
                "choose serpentine=False"
            )
        for name, bits in (("luma", self.luma), ("chroma", self.chroma)):
            if bits is not None and (self.what not in SPACES or not SPACES[self.what].apart):
                raise ValueError(
                    f"{name}={bits} is not supported for {self.what}, because it has no luma apart; choose what='ycbcr' or 'lab', or {name}=None"
                )
            if bits is not None and bits not in self._allowed():
                raise ValueError(f"{name}={bits} is out of range; choose one of {', '.join(map(str, self._allowed()))}")

    @property
    def levels(self) -> tuple[int, ...]:
        """Bits, numbers of colours or qualities, ascending."""
        return {"palette": PALETTE_SIZES, "dct": QUALITIES}.get(self.what, self._allowed())

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(map(str, self.levels))

    def bits_at(self, level: int) -> tuple[int, ...]:
        """Bits of each channel of a scalar space."""
        space = SPACES[self.what]
        luma, chroma = (level if fixed is None else fixed for fixed in (self.luma, self.chroma))
        return (luma, *[chroma] * (len(space.channels) - 1)) if space.apart else (level,) * len(space.channels)

    def _allowed(self) -> tuple[int, ...]:
        allowed = SCHEMES[self.spec.scheme].bits_allowed(self.spec.knobs)
        return tuple(b for b in allowed if b <= 8) or tuple(allowed)
