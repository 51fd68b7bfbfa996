"""The kernels of error diffusion.

A kernel is a list of (dx, dy, weight): the share of the error at (x, y) that is added to (x + dx, y + dy).

Sources: Floyd and Steinberg 1976; Jarvis, Judice and Ninke 1976, doi:10.1016/S0146-664X(76)80003-2; Atkinson's is the
one of HyperScan and MacPaint, which passes on six eighths of the error only.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Kernel:
    """Shares (dx, dy, weight) of the error for pixels not yet done: dy = 0 and dx > 0, or dy > 0."""

    slug: str
    title: str
    shares: tuple[tuple[int, int, float], ...]

    def given(self, strength: float = 1.0, serpentine: bool = False) -> tuple[np.ndarray, np.ndarray]:
        """For the loop: (dx, dy) int64 (shares, 2) and weights float32; in serpentine order those of the rows above come first."""
        shares = sorted(self.shares, key=lambda share: share[1] == 0) if serpentine else self.shares
        return np.array([share[:2] for share in shares]), np.array([strength * weight for *_, weight in shares], np.float32)


def _kernel(slug: str, title: str, divisor: int, *rows: tuple[int, ...]) -> Kernel:
    """A kernel from its printed form: row 0 starts right of the pixel, the others are centred under it."""
    shares = []
    for dy, row in enumerate(rows):
        left = -(len(row) // 2) if dy else 1
        shares += [(left + i, dy, weight / divisor) for i, weight in enumerate(row) if weight]
    return Kernel(slug, title, tuple(shares))


KERNELS: dict[str, Kernel] = {
    kernel.slug: kernel
    for kernel in (
        _kernel("floyd-steinberg", "Floyd–Steinberg", 16, (7,), (3, 5, 1)),
        _kernel("atkinson", "Atkinson", 8, (1, 1), (1, 1, 1), (0, 1, 0)),
        _kernel("jarvis-judice-ninke", "Jarvis–Judice–Ninke", 48, (7, 5), (3, 5, 7, 5, 3), (1, 3, 5, 3, 1)),
    )
}
