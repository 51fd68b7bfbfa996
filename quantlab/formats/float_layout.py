"""The layout of one binary floating-point format: its fields, and the ends that follow from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from quantlab.formats.named import Named

Nan = Literal["none", "one", "ieee", "zero"]

F32_BIAS, F32_MIN_EXPONENT = 127, -149


@dataclass(frozen=True)
class FloatLayout(Named):
    """The fields of one binary floating-point format that fits inside float32.

    nan : "none"; "one": all ones is NaN (S.1111.111); "ieee": the top exponent is kept for infinity and NaNs; "zero": the pattern of
        -0 is NaN, and zero has no sign (FNUZ).
    subnormals : False: what the fields could say below ``min_normal`` is zero.
    saturate : whether overflow becomes ±max where a cast does not say otherwise; else infinity, or NaN where there is none.
    """

    exponent_bits: int
    mantissa_bits: int
    bias: int
    has_inf: bool
    nan: Nan
    subnormals: bool = True
    saturate: bool = True

    def __post_init__(self) -> None:
        if self.nan not in get_args(Nan):
            raise ValueError(f"{self.slug}: nan={self.nan!r} is unknown; choose one of {', '.join(get_args(Nan))}")
        if self.has_inf != (self.nan == "ieee"):
            raise ValueError(f"{self.slug}: has_inf={self.has_inf} with nan={self.nan!r}; infinity goes with nan='ieee'")
        if self.exponent_bits < 1 or self.mantissa_bits < 0:
            raise ValueError(f"{self.slug}: needs 1 exponent bit or more and 0 mantissa bits or more")
        if self._top_exponent < 1:
            raise ValueError(f"{self.slug}: infinity and NaN leave no normal value; give it more exponent bits")
        if not self.saturate and self.nan == "none":
            raise ValueError(f"{self.slug}: no infinity and no NaN to overflow to; it can only saturate")
        if self.emax > F32_BIAS or self._min_exponent < F32_MIN_EXPONENT or self.mantissa_bits > 23:
            raise ValueError(
                f"{self.slug}: spans 2^{self._min_exponent} to 2^{self.emax} with {self.mantissa_bits} mantissa bits, "
                f"float32 only 2^-149 to 2^127 with 23; use fewer bits, another bias, or infinity (which takes 2^128)"
            )

    @property
    def bits(self) -> int:
        """Sign, exponent and mantissa bits together."""
        return 1 + self.exponent_bits + self.mantissa_bits

    @property
    def _top_exponent(self) -> int:
        """The largest exponent field that holds finite values."""
        lost = self.nan == "ieee" or (self.nan == "one" and self.mantissa_bits == 0)
        return (1 << self.exponent_bits) - 1 - lost

    @property
    def _min_exponent(self) -> int:
        return 1 - self.bias - (self.mantissa_bits if self.subnormals else 0)

    @property
    def emax(self) -> int:
        """The exponent of ``max``: 2^emax <= max < 2^(emax + 1); MX subtracts it from the scale's exponent."""
        return self._top_exponent - self.bias

    @property
    def max(self) -> float:
        """The largest finite value."""
        top = (1 << self.mantissa_bits) - 1 - (self.nan == "one" and self.mantissa_bits > 0)
        return 2.0**self.emax * (1 + top / (1 << self.mantissa_bits))

    @property
    def min_normal(self) -> float:
        """The smallest value whose mantissa has a leading one."""
        return 2.0 ** (1 - self.bias)

    @property
    def min_subnormal(self) -> float:
        """The smallest value above zero (``min_normal`` where there are no subnormals)."""
        return 2.0**self._min_exponent
