"""The kernels of error diffusion, and how far apart the rows of a wavefront must run.

A kernel is a list of (dx, dy, weight): the share of the error at (x, y) that is added to (x + dx, y + dy). All pixels
with the same t = x + s y can be done at once if every share flows to a later t, that is dx + s dy >= 1 for all of it:

    s = max over the shares with dy > 0 of ceil((1 - dx) / dy)

Sources: Floyd and Steinberg 1976; Jarvis, Judice and Ninke 1976, doi:10.1016/S0146-664X(76)80003-2; Atkinson's is the
one of HyperScan and MacPaint, which passes on six eighths of the error only.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Kernel:
    """Shares (dx, dy, weight) of the error for pixels not yet done: dy = 0 and dx > 0, or dy > 0."""

    slug: str
    title: str
    shares: tuple[tuple[int, int, float], ...]

    @property
    def slope(self) -> int:
        """s: the wavefront runs along t = x + s y.

        >>> [KERNELS[slug].slope for slug in ("floyd-steinberg", "atkinson", "jarvis-judice-ninke")]
        [2, 2, 3]
        """
        return max([-((dx - 1) // dy) for dx, dy, _ in self.shares if dy > 0], default=1)

    @property
    def reach(self) -> int:
        """The number of steps of t that the farthest share spans."""
        return max(dx + self.slope * dy for dx, dy, _ in self.shares)

    @property
    def rows(self) -> int:
        """The number of rows that the error goes down."""
        return max(dy for _, dy, _ in self.shares)


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
