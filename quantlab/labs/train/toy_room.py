"""The toy in the plane: the float network, rounded at every width, and what training with rounding makes of it.

The numbers in words and table come from Python's own training; the browser takes the same steps live.
"""

from __future__ import annotations

from quantlab.film import Strip, header_of, numbers_film, pack
from quantlab.labs.text import fixed, probability, rounded_percent
from quantlab.labs.train.result import TrainResult
from quantlab.networks import toy
from quantlab.networks.statistics import difference
from quantlab.progress import Steps

LABELS = tuple(map(str, toy.WIDTHS))


def steps(data: str, seed: int) -> Steps[TrainResult]:
    """All widths; yields (done, total)."""
    total = len(toy.WIDTHS) + 1
    yield 0, total
    points, exact = toy.DATA[data](seed), toy.float_network(data, seed)
    broken = {b: toy.with_steps(exact, b) for b in toy.WIDTHS}
    trained = {}
    for k, b in enumerate(toy.WIDTHS):
        yield k + 1, total
        trained[b] = yield from _within(toy.learn(broken[b], points, b, toy.ROUNDED_STEPS), k + 1, total)
    float_right = toy.right(exact, points, None)
    rows, sentences = [], []
    for b in toy.WIDTHS:
        before, after = toy.right(broken[b], points, b), toy.right(trained[b], points, b)
        gain = difference(before, after)
        rows.append((b, float_right.mean(), before.mean(), after.mean(), gain.p))
        claim = (
            f"more of the points it learnt from, with this one seed (McNemar, {probability(gain.p)})"
            if gain.seen and gain.value > 0
            else "no gain seen"
        )
        if gain.seen and gain.value < 0:
            claim = "fewer, with this one seed"
        sentences.append(
            f"Float puts {rounded_percent(float(float_right.mean()), 1)} of {len(points.side)} points on their side. With weights rounded to **{b} bits "
            f"after training** it is {rounded_percent(float(before.mean()), 1)}. {toy.ROUNDED_STEPS} steps of training *with* the rounding make it "
            f"**{rounded_percent(float(after.mean()), 1)}**: {claim}."
        )
    strip = Strip(LABELS)
    tiles = [
        ("Float", "Share of the points on their side of the border", [rounded_percent(rows[0][1], 1)] * len(rows)),
        ("Rounded", "After training; each layer has the step of least squared error", [rounded_percent(r[2], 1) for r in rows]),
        ("Trained", f"After {toy.ROUNDED_STEPS} steps with rounding, computed in Python", [rounded_percent(r[3], 1) for r in rows]),
        ("Levels", "Values that a weight can have", [str(2 * toy.top_code(b) + 1) for b in toy.WIDTHS]),
        (
            "Step, layer 2",
            "The step that rounding after training chose, and the learned one",
            [f"{fixed(broken[b].steps[1], 3)} → {fixed(trained[b].steps[1], 3)}" for b in toy.WIDTHS],
        ),
    ]
    header = header_of(strip, "toy") | {
        "xy": points.xy.tolist(),
        "side": points.side.tolist(),
        "weights": [w.tolist() for w in exact.weights],
        "biases": [w.tolist() for w in exact.biases],
        "steps": [list(broken[b].steps) for b in toy.WIDTHS],
        "adam": toy.ADAM,
        "most": toy.ROUNDED_STEPS,
        "alt": "The plane as the network divides it: in float, rounded after training, trained with rounding",
    }
    films = {"toy": pack(header), "numbers": numbers_film(strip, tiles)}
    columns = ("bits", "share_float", "share_rounded", "share_trained", "mcnemar_p")
    return TrainResult(LABELS, films, sentences, columns, rows, lambda label: _program(data, seed, label))


def _within(inner: Steps[toy.Weights], done: int, total: int) -> Steps[toy.Weights]:
    """The same steps, told as one part of ``total``."""
    while True:
        try:
            next(inner)
        except StopIteration as end:
            return end.value
        yield done, total


def _program(data: str, seed: int, label: str) -> str:
    return f"""from quantlab.networks import toy
from quantlab.progress import finish

points, exact = toy.DATA["{data}"]({seed}), toy.float_network("{data}", {seed})
rounded = toy.with_steps(exact, {label})
trained = finish(toy.learn(rounded, points, {label}, toy.ROUNDED_STEPS))
for name, net, bits in (("float", exact, None), ("rounded", rounded, {label}), ("trained", trained, {label})):
    print(name, toy.right(net, points, bits).mean())
"""
