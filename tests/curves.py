"""Makes the figure of docs/measurements.md: accuracy against bits, from the shipped networks and all their test images.

python -m tests.curves

It trains each network with five seeds, which takes some minutes: the shaded bands say where one more training's curve lies.
"""

from __future__ import annotations

from pathlib import Path

from quantlab.film.figures import ORIGINAL, QUANTIZED, THEORY
from quantlab.networks.engine import Evaluator, Runner, shipped
from quantlab.networks.engine.seeds import BITS, GRAINS, TRAININGS, ends, trained
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.settings import FLOAT, WEIGHTS, Setting, bit_settings

OUT = Path(__file__).parents[1] / "assets" / "curves.svg"
WIDE, HIGH, LEFT, TOP = 350, 230, 52, 34  # of a panel, and where the first begins
COLORS = {"per tensor": QUANTIZED, "per channel": ORIGINAL}


def place(panel: int, bits: float, share: float) -> tuple[float, float]:
    return LEFT + panel * (WIDE + 46) + (bits - 2) / 10 * WIDE, TOP + (1 - share) * HIGH


def path(panel: int, points: list[tuple[float, float]], style: str) -> str:
    return f'<polyline fill="none" {style} points="{" ".join("{:.1f},{:.1f}".format(*place(panel, *point)) for point in points)}"/>'


def text(x: float, y: float, words: str, more: str = "") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" {more}>{words}</text>'


def frame(panel: int, title: str, exact: Evaluation) -> list[str]:
    """Axes, title and the float network's two lines."""
    left, bottom = place(panel, 2, 0)
    drawn = [text(left, TOP - 14, title, 'font-weight="600"'), text(left + WIDE / 2, bottom + 36, "bits", 'text-anchor="middle"')]
    for share in (0, 0.25, 0.5, 0.75, 1):
        drawn.append(path(panel, [(2, share), (12, share)], 'stroke="#ddd"'))
        drawn.append(text(left - 6, place(panel, 2, share)[1] + 4, f"{100 * share:.0f} %", 'text-anchor="end"'))
    drawn += [text(place(panel, bits, 0)[0], bottom + 17, str(bits), 'text-anchor="middle"') for bits in range(2, 13)]
    return drawn + [
        path(panel, [(2, exact.top(k).value), (12, exact.top(k).value)], f'stroke="{THEORY}" stroke-dasharray="7 4"') for k in (1, 5)
    ]


def bands(panel: int, name: str) -> list[str]:
    """Where one more training's Top-1 lies with 95 %."""
    between, drawn = ends(trained(name, range(TRAININGS))), []
    for grain, color in COLORS.items():
        edges = [[(bits, between[grain, bits][end]) for bits in BITS] for end in (0, 1)]
        points = " ".join("{:.1f},{:.1f}".format(*place(panel, *point)) for point in edges[0] + edges[1][::-1])
        drawn.append(f'<polygon fill="{color}" fill-opacity=".12" points="{points}"/>')
    return drawn


def curves(panel: int, evaluator: Evaluator) -> list[str]:
    drawn = []
    for grain, color in COLORS.items():
        setting = Setting(weight_spec=WEIGHTS.replace(granularity=GRAINS[grain]))
        found = {bits: evaluator.evaluate(s) for bits, s in bit_settings(setting, "both", tuple(range(2, 13))).items()}
        for k, dash in ((1, ""), (5, 'stroke-dasharray="2 3"')):
            intervals = {bits: evaluation.top(k) for bits, evaluation in found.items()}
            drawn += [
                path(panel, [(b, i.low), (b, i.high)], f'stroke="{color}" stroke-width="5" stroke-opacity=".3"')
                for b, i in intervals.items()
            ]
            drawn.append(path(panel, [(b, i.value) for b, i in intervals.items()], f'stroke="{color}" stroke-width="2" {dash}'))
    return drawn


def main() -> None:
    drawn: list[str] = []
    for panel, name in enumerate(("plain", "depthwise")):
        network, data = shipped(name)
        evaluator = Evaluator(Runner(network, data))
        title = f"{network.title}, weights and activations, {len(data.test)} images"
        drawn += frame(panel, title, evaluator.evaluate(FLOAT)) + bands(panel, name) + curves(panel, evaluator)
    y = TOP + HIGH + 66
    for i, (grain, color) in enumerate(COLORS.items()):
        drawn += [
            f'<path d="M{LEFT + 170 * i} {y - 4}h24" stroke="{color}" stroke-width="2"/>',
            text(LEFT + 30 + 170 * i, y, f"weights {grain}"),
        ]
    drawn.append(text(LEFT + 340, y, "solid Top-1, dotted Top-5, dashed float; bars are 95 % intervals of the images,"))
    drawn.append(text(LEFT + 340, y + 17, "bands hold one more training's Top-1 with 95 % (from five trainings)"))
    wide, high = LEFT + 2 * WIDE + 46 + 14, y + 33
    head = f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {wide} {high}" font-family="sans-serif" font-size="12" fill="#222">'
    OUT.write_text("\n".join([head, f'<rect width="{wide}" height="{high}" fill="#fff"/>', *drawn, "</svg>"]) + "\n", "utf-8")
    print(OUT)


if __name__ == "__main__":
    main()
