"""Numbers and names in words, the same in all labs.

Minus is U+2212, also in exponents; zero has no sign; no rounding makes a share 0 or 100 % that is not; what no number can say
has a word. Programs and tables to take away write numbers in full, with their own signs, and use nothing of this.
"""

from __future__ import annotations

import math

MINUS = "\u2212"


def fixed(value: float, decimals: int = 1) -> str:
    """So many decimals; what rounds to zero has no sign.

    >>> fixed(-2.04), fixed(-0.04), fixed(3.14159, 3), fixed(-0.4, 0), fixed(math.inf)
    ('−2.0', '0.0', '3.142', '0', '∞')
    """
    if not math.isfinite(value):
        return _not_finite(value)
    text = f"{value:.{decimals}f}"
    return text.lstrip("-") if float(text) == 0 else text.replace("-", MINUS)


def plain(value: float, digits: int = 3) -> str:
    """A number as a person writes it; powers of ten only where plain would be longer.

    >>> plain(0.013577), plain(12345.6), plain(1.2e-7), plain(0.0), plain(-0.5)
    ('0.0136', '12300', '1.2e−7', '0', '−0.5')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else _not_finite(value)
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    short = f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"
    places = digits - 1 - int(exponent)
    text = f"{float(short):.{max(places, 0)}f}" if abs(places) < 20 else short
    text = text.rstrip("0").rstrip(".") if "." in text and "e" not in text else text
    return (text if len(text) <= len(short) else short).replace("-", MINUS)


def signed(value: float, decimals: int = 1) -> str:
    """A change, with its sign; none where it rounds to zero.

    >>> signed(14.23), signed(-0.5), signed(0.01)
    ('+14.2', '−0.5', '0.0')
    """
    text = fixed(value, decimals)
    return text if value < 0 or text == fixed(0, decimals) or not math.isfinite(value) else f"+{text}"


def decibels(value: float, decimals: int = 1) -> str:
    """So many decimals and the unit, or the words for no error at all and for error alone.

    >>> decibels(-2.04), decibels(-0.01), decibels(math.inf), decibels(-math.inf)
    ('−2.0 dB', '0.0 dB', 'no error', 'no signal')
    """
    if math.isinf(value):
        return "no error" if value > 0 else "no signal"
    return f"{fixed(value, decimals)} dB"


def percent(share: float) -> str:
    """A share from 0 to 1 in per cent: 0 % and 100 % are exactly that.

    >>> percent(0.00001), percent(0.0123), percent(0.5), percent(0.9999), percent(1)
    ('< 0.01 %', '1.23 %', '50.0 %', '> 99.9 %', '100 %')
    """
    if not math.isfinite(share) or share in (0, 1):
        return f"{fixed(100 * share, 0)} %" if math.isfinite(share) else _not_finite(share)
    if 0 < share < 0.00005:
        return "< 0.01 %"
    if 0.9995 <= share < 1:
        return "> 99.9 %"
    return f"{fixed(100 * share, 2 if abs(share) < 0.09995 else 1)} %"


def rounded_percent(share: float, decimals: int = 0) -> str:
    """A share from 0 to 1 in per cent with so many decimals; 0 and 100 only where it is that.

    >>> rounded_percent(0.004), rounded_percent(0.996), rounded_percent(0.9996, 1), rounded_percent(0.71), rounded_percent(1.0, 1)
    ('< 1 %', '> 99 %', '> 99.9 %', '71 %', '100.0 %')
    """
    if not math.isfinite(share):
        return _not_finite(share)
    text, least = fixed(100 * share, decimals), 10.0**-decimals
    if 0 < share < 1 and text in (fixed(0, decimals), fixed(100, decimals)):
        return f"< {fixed(least, decimals)} %" if share < 0.5 else f"> {fixed(100 - least, decimals)} %"
    return f"{text} %"


def points(count: float) -> str:
    """Percentage points in words: whole ones, below one a decimal.

    >>> points(0.7), points(1.2), points(16.2), points(-0.3), points(0), points(0.01)
    ('0.7 points', '1 point', '16 points', '−0.3 points', '0 points', 'less than 0.1 points')
    """
    if 0 < abs(count) < 0.05:
        return "less than 0.1 points"
    text = fixed(count, 0 if abs(count) >= 0.95 or count == 0 else 1)
    return f"{text} point{'' if text.lstrip(MINUS) == '1' else 's'}"


def probability(p: float) -> str:
    """A p value with its sign of relation, in two digits; never 0, and 1 only where it is that.

    >>> probability(0.2512), probability(3e-40), probability(1.0), probability(0.9999)
    ('p = 0.25', 'p < 0.001', 'p = 1', 'p > 0.99')
    """
    if not math.isfinite(p):
        return f"p {_not_finite(p)}"
    return "p < 0.001" if p < 0.001 else "p > 0.99" if 0.995 <= p < 1 else f"p = {p:.2g}"


def kilobytes(count: float, decimals: int | None = None) -> str:
    """Bytes as bytes, kB, MB or GB: with so many decimals, else three digits.

    >>> kilobytes(64), kilobytes(940), kilobytes(104321), kilobytes(2345678), kilobytes(38912, 1), kilobytes(999999)
    ('64 bytes', '0.94 kB', '104 kB', '2.35 MB', '38.9 kB', '1 MB')
    """
    if abs(count) < 100:
        return f"{plain(count)} byte{'' if count == 1 else 's'}"
    size, unit = next((count / scale, unit) for scale, unit in _SIZES if abs(count) >= 0.9995 * scale or unit == "kB")
    return f"{plain(size) if decimals is None else fixed(size, decimals)} {unit}"


_SIZES = ((1e9, "GB"), (1e6, "MB"), (1e3, "kB"))


def _not_finite(value: float) -> str:
    return "undefined" if math.isnan(value) else "∞" if value > 0 else f"{MINUS}∞"


def markdown_safe(text: str) -> str:
    r"""Text that may hold words from a file or an address, safe from being read as Markdown.

    >>> markdown_safe("a*b")
    'a\\*b'
    """
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>$:~^" else c for c in text)


def file_name(*parts: str, ending: str = "csv") -> str:
    """A file's name that says what it holds, without what is none of a kind, and free of what any system refuses in names.

    >>> file_name("weights", "int-symmetric", "group-64", "none"), file_name("a/b:c", "…", "")
    ('weights int-symmetric group-64.csv', 'a-b-c.csv')
    """
    clean = ("".join(c if c.isalnum() or c in "-_+=.," else "-" for c in part).strip("-.") for part in parts)
    return f"{' '.join(part for part in clean if part not in ('', 'none'))[:100].strip() or 'numbers'}.{ending}"
