"""Float formats beyond the table: any EeMm, from its numbers or from a slug such as ``e3m4``."""

from __future__ import annotations

import re

from quantlab.formats.float_format import FloatFormat
from quantlab.formats.float_layout import Nan
from quantlab.formats.table import FORMATS, Format


def custom(
    e: int,
    m: int,
    bias: int | None = None,
    inf: bool = False,
    subnormals: bool = True,
    saturate: bool = True,
    fnuz: bool = False,
) -> FloatFormat:
    """Any EeMm. With infinity it also has IEEE's NaNs; without, one NaN from 8 bits up and none below (as OCP does).

    bias : left out, 2^(e-1) - 1, with fnuz one more. fnuz : finite, zero without a sign, and NaN in place of -0.

    >>> custom(3, 4).slug, custom(3, 4).max, custom(3, 4, inf=True).slug, custom(3, 4, inf=True).max
    ('e3m4fn', 30.0, 'e3m4', 15.5)
    """
    if inf and fnuz:
        raise ValueError("fnuz stands for finite: choose inf=True or fnuz=True")
    usual = (1 << max(e - 1, 0)) - 1 + fnuz
    slug = f"e{e}m{m}" + (f"b{bias}" if bias not in (None, usual) else "") + ("" if inf else "fnuz" if fnuz else "fn")
    slug += ("" if subnormals else "-nosub") + ("" if saturate else "-nosat")
    title = f"E{e}M{m}" + ("" if bias in (None, usual) else f", bias {bias}")
    nan: Nan = "ieee" if inf else "zero" if fnuz else "one" if 1 + e + m >= 8 else "none"
    return FloatFormat(slug, title, e, m, usual if bias is None else bias, inf, nan, subnormals, saturate)


def parse_format(slug: str) -> Format:
    """The entry of ``FORMATS``, or the float format that a slug like ``custom``'s describes.

    Slugs follow ml_dtypes: "e3m4" has infinity, "e3m4fn" (finite) has none, "e3m4fnuz" has no -0 either; between them "b11" for a bias, "-nosub" for
    no subnormals, "-nosat" for no saturation. OCP's E4M3 is "e4m3fn".

    >>> parse_format("e4m3").max, parse_format("e4m3fn").max, parse_format("e4m3b11fn").max
    (240.0, 448.0, 28.0)
    """
    if slug in FORMATS:
        return FORMATS[slug]
    match = re.fullmatch(r"e(\d{1,2})m(\d{1,2})(?:b(-?\d{1,3}))?(fnuz|fn)?(-nosub)?(-nosat)?", slug)
    if match is None:
        raise ValueError(f"unknown format {slug!r:.60}; write one like 'e3m4' or 'e3m4fn', or one of {', '.join(FORMATS)}")
    e, m, bias, finite, nosub, nosat = match.groups()
    return custom(int(e), int(m), None if bias is None else int(bias), not finite, not nosub, not nosat, finite == "fnuz")
