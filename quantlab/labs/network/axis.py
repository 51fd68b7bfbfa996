"""An axis of a network's layers whose names can be read, be they 3 or 53.

Few layers bear their names; of many each block bears one, where it begins, and a point under the pointer says its own.
"""

from __future__ import annotations

from collections.abc import Sequence

from quantlab.film import Strip
from quantlab.film.figures import Chart, literal

FEW = 12  # layers that all bear their names


def block_of(layer: str) -> str:
    """The block that a layer belongs to; a layer outside of one is a block of its own.

    >>> block_of("block1_2_conv1"), block_of("block3_depth"), block_of("answer")
    ('block1_2', 'block3', 'answer')
    """
    return layer.rpartition("_")[0] or layer


def over_layers(strip: Strip, layers: Sequence[str], alt: str, y_title: str, span: tuple[float, float], height: int = 240) -> Chart:
    """A chart over layers at 0, 1, 2, ... with the upright axis ``y_title`` from span[0] to span[1]."""
    many = len(layers) > FEW
    at = _begins(layers) if many else list(range(len(layers)))
    names = [literal(block_of(layers[i]) if many else layers[i]) for i in at]
    ticks = {"tickvals": at, "ticktext": names}
    return Chart(strip, height, alt, "", y_title).axes((-0.6, len(layers) - 0.4), span, xaxis=ticks)


def _begins(layers: Sequence[str]) -> list[int]:
    """The places where blocks begin, but for those too close to the one before.

    >>> _begins(["conv1", "block1_a", "block1_b", "block2_a", "answer"])
    [0, 1, 3, 4]
    """
    gap = -(-len(layers) // 24)
    begins = [0]
    for i in range(1, len(layers)):
        if block_of(layers[i]) != block_of(layers[i - 1]) and i - begins[-1] >= gap:
            begins.append(i)
    return begins


def named(chart: Chart, layers: Sequence[str], digits: int = 1) -> Chart:
    """The trace drawn last says under the pointer which layer it is and its value."""
    name = chart.traces[-1]["name"]
    chart.traces[-1] |= {"text": list(layers), "hovertemplate": f"%{{text}}: %{{y:.{digits}f}}<extra>{name}</extra>"}
    return chart


def size(layers: Sequence[str], few: int) -> int:
    """The size of a marker or a bar: ``few`` where layers are few, less where they stand close."""
    return few if len(layers) <= FEW else max(4, round(few * 0.7))
