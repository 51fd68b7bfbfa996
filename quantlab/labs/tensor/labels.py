"""Where does a name fit beside its line? Beside the line's end, in free space; where there is none the name is left to the pointer.

A name is a box as wide as its letters; it may touch no other box and no line.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

Box = tuple[float, float, float, float]  # left, bottom, right, top, in pixels

LETTER, HEIGHT = 5.9, 13.0  # pixels of a name of size 11
_GAP = 6.0  # pixels between a name and what it names


@dataclass(frozen=True)
class Room:
    """The chart's axes and about how many pixels they have where it is small. x, y : (from, to)."""

    x: tuple[float, float]
    y: tuple[float, float]
    width: float = 330.0
    height: float = 236.0

    def pixels(self, x: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Places in pixels from the lower left corner, float64 (K, 2)."""
        return np.stack(
            ((x - self.x[0]) / (self.x[1] - self.x[0]) * self.width, (y - self.y[0]) / (self.y[1] - self.y[0]) * self.height), axis=-1
        )

    def back(self, across: float, up: float) -> tuple[float, float]:
        """A pixel as a place on the axes."""
        return (
            self.x[0] + across / self.width * (self.x[1] - self.x[0]),
            self.y[0] + up / self.height * (self.y[1] - self.y[0]),
        )


@dataclass(frozen=True)
class Label:
    """A name on the chart: where its left or right end stands, its box, and the ends of the line from what it names, where it stands off."""

    text: str
    x: float
    y: float
    anchor: str
    box: Box
    leader: tuple[np.ndarray, np.ndarray] | None


def sampled(room: Room, x: np.ndarray, y: np.ndarray) -> np.ndarray:
    """A line as points at most some three pixels apart, in pixels, float64 (K, 2); what is not finite is left out."""
    known = np.isfinite(x) & np.isfinite(y)
    at = room.pixels(np.asarray(x, float)[known], np.asarray(y, float)[known])
    if len(at) < 2:
        return at
    ends = zip(at[:-1], at[1:], strict=True)
    return np.concatenate([np.linspace(a, b, max(2, int(np.abs(b - a).max() // 3) + 2)) for a, b in ends])


def placed(room: Room, names: Sequence[tuple[str, float, float]], drawn: Sequence[np.ndarray], taken: Sequence[Box] = ()) -> list[Label]:
    """Those of the names (text, x, y of what is named) that find a place, the first ones first.

    drawn : ``sampled`` points of all that a name may not touch. taken : boxes that stand already.
    """
    points = np.concatenate([*drawn, np.empty((0, 2))])
    boxes, labels = list(taken), []
    for text, x, y in names:
        across, up = room.pixels(np.array([x]), np.array([y]))[0]
        for anchor, left, bottom in _places(across, up, LETTER * len(text)):
            box = (left, bottom, left + LETTER * len(text), bottom + HEIGHT)
            if not _inside(box, room) or any(meets(box, other) for other in boxes) or touched(box, points):
                continue
            way = _way(across, up, box)
            if any(touched(other, way) for other in boxes):
                continue
            where = room.back(box[0] if anchor == "left" else box[2], bottom + HEIGHT / 2)
            ends = [room.back(*end) for end in (way[0], way[-1])] if len(way) else []
            labels.append(Label(text, *where, anchor, box, (np.array(ends)[:, 0], np.array(ends)[:, 1]) if ends else None))
            boxes.append(box)
            points = np.concatenate((points, way))
            break
    return labels


def meets(a: Box, b: Box) -> bool:
    """Whether two boxes overlap."""
    return a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]


def touched(box: Box, points: np.ndarray) -> bool:
    """Whether a point lies in the box or within two pixels of it."""
    from quantlab.loops.boxes import any_within

    return any_within(np.ascontiguousarray(points), box[0] - 2, box[1] - 2, box[2] + 2, box[3] + 2)


def _way(across: float, up: float, box: Box) -> np.ndarray:
    """The line from what is named to the nearest point beside its name, as points, float64 (K, 2); none where they are neighbours."""
    middle = (box[1] + box[3]) / 2
    end = np.array(
        [min(max(across, box[0] - 2), box[2] + 2), middle if not box[0] - 2 < across < box[2] + 2 else np.clip(up, box[1], box[3])]
    )
    start = np.array([across, up])
    return np.linspace(start, end, 24) if np.hypot(*(end - start)) > 1.4 * _GAP else np.empty((0, 2))


def _inside(box: Box, room: Room) -> bool:
    return box[0] >= 0 and box[1] >= 0 and box[2] <= room.width and box[3] <= room.height


def _places(across: float, up: float, width: float) -> Iterator[tuple[str, float, float]]:
    """Anchor, left and bottom of the boxes to try: to the right, to the left, above and below, then a little farther."""
    for away in (_GAP, 2.5 * _GAP, 4 * _GAP):
        for rise in (0.0, away, -away, 2 * away, -2 * away):
            yield "left", across + away, up + rise - HEIGHT / 2
            yield "right", across - away - width, up + rise - HEIGHT / 2
        for bottom in (up + away, up - away - HEIGHT):
            yield "left", across - width / 2, bottom
