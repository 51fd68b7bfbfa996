"""How the network lab writes its numbers."""

from __future__ import annotations


def kilobytes(count: float) -> str:
    """Bytes as people write them.

    >>> kilobytes(38912), kilobytes(3.1e6)
    ('38.9 kB', '3.1 MB')
    """
    return f"{count / 1e6:.1f} MB" if count >= 1e6 else f"{count / 1e3:.1f} kB"


def points(count: float) -> str:
    """Percentage points in words.

    >>> points(0.7), points(16.2)
    ('1 point', '16 points')
    """
    return f"{count:.0f} point{'' if round(count) == 1 else 's'}"


def probability(p: float) -> str:
    """A p value in words of two digits.

    >>> probability(0.2512), probability(3e-40)
    ('p = 0.25', 'p < 0.001')
    """
    return "p < 0.001" if p < 0.001 else f"p = {p:.2g}"
