"""Number formats: which numbers they hold, and which of them is nearest.

``FORMATS`` maps a slug to what is known about one number format. Four kinds of entry, each with what it can do:

* ``FloatFormat``: sign, exponent field E, mantissa field M; a normal value is (-1)^S * 2^(E - bias) * (1 + M / 2^m),
  a subnormal one (E = 0) is (-1)^S * 2^(1 - bias) * M / 2^m. ``cast``, ``values``, ``encode``, ``decode``, ``fields``.
* ``IntFormat``: consecutive integers. ``cast``, ``values``.
* ``ScaleFormat``: powers of two without sign or zero. ``cast``, ``values``, ``encode``, ``decode``.
* ``BlockFormat``: elements of one format that share a scale of another; a description, the arithmetic is a scheme's.

Every other EeMm comes from ``custom`` or, by its slug, from ``parse_format``.

>>> FORMATS["e2m1fn"].values().tolist()
[-6.0, -4.0, -3.0, -2.0, -1.5, -1.0, -0.5, 0.0, 0.5, 1.0, 1.5, 2.0, 3.0, 4.0, 6.0]
>>> FORMATS["e4m3fn"].cast([0.3, 17, 1000]).tolist()
[0.3125, 16.0, 448.0]
"""

from quantlab.formats.custom import custom, parse_format
from quantlab.formats.float_format import FloatFormat
from quantlab.formats.float_words import Fields
from quantlab.formats.int_format import IntFormat
from quantlab.formats.scale_format import ScaleFormat
from quantlab.formats.table import FORMATS, BlockFormat, Format

__all__ = [
    "FORMATS",
    "BlockFormat",
    "Fields",
    "FloatFormat",
    "Format",
    "IntFormat",
    "ScaleFormat",
    "custom",
    "parse_format",
]
