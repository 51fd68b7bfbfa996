"""How numbers and names are written for people, in all labs alike."""

from __future__ import annotations

import math


def plain(value: float, digits: int = 3) -> str:
    """A number as a person writes it; powers of ten only where plain would be longer.

    >>> plain(0.013577), plain(12345.6), plain(1.2e-7), plain(0.0)
    ('0.0136', '12300', '1.2e-7', '0')
    """
    if value == 0 or not math.isfinite(value):
        return "0" if value == 0 else str(value)
    places = digits - 1 - math.floor(math.log10(abs(value)))
    text = f"{round(value, places):.{max(places, 0)}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    mantissa, exponent = f"{value:.{digits - 1}e}".split("e")
    short = f"{mantissa.rstrip('0').rstrip('.') if '.' in mantissa else mantissa}e{int(exponent)}"
    return text if len(text) <= len(short) else short


def decibels(value: float) -> str:
    """One decimal, or the word for no error at all.

    >>> decibels(-2.04), decibels(math.inf)
    ('−2.0 dB', 'no error')
    """
    return "no error" if value == math.inf else f"{value:.1f} dB".replace("-", "−")


def percent(share: float) -> str:
    """A share from 0 to 1 in per cent.

    >>> percent(0.00001), percent(0.0123), percent(0.5)
    ('< 0.01 %', '1.23 %', '50.0 %')
    """
    if 0 < share < 0.00005:
        return "< 0.01 %"
    return "0 %" if share == 0 else f"{100 * share:.2f} %" if share < 0.1 else f"{100 * share:.1f} %"


def kilobytes(count: float, decimals: int | None = None) -> str:
    """Bytes as kB or MB: with so many decimals, else three digits.

    >>> kilobytes(940), kilobytes(104321), kilobytes(2345678), kilobytes(38912, 1)
    ('0.94 kB', '104 kB', '2.35 MB', '38.9 kB')
    """
    size, unit = (count / 1e6, "MB") if count >= 1e6 else (count / 1e3, "kB")
    return f"{plain(size) if decimals is None else f'{size:.{decimals}f}'} {unit}"


def markdown_safe(text: str) -> str:
    r"""Text that may hold words from a file or an address, safe from being read as Markdown.

    >>> markdown_safe("a*b")
    'a\\*b'
    """
    return "".join(f"\\{c}" if c in "\\`*_{}[]()#+-.!|<>$:~^" else c for c in text)
