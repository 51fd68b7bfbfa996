"""Agreement, where no truth is known: how often a network still answers as its float self does."""

from __future__ import annotations

from collections.abc import Callable

from quantlab.labs.network.answers.frames import Frames, Level
from quantlab.labs.text import rounded_percent
from quantlab.networks.statistics import Interval

EXTREMES = ("absmax", "minmax")  # range rules that need no search, and so can be dynamic


PRINTS = """print(f"Agreement with the float network {answers.agreement}")
print(f"Its first answer among the first five {answers.top(5)}")
"""


def tiles(
    frames: Frames, each: Callable[[Callable[[Level], str]], list[str]], share: Callable[[Interval], str]
) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level): agreement in place of accuracy."""
    of = f", of {len(frames.pixels)} pictures, with its 95 % interval (Wilson)"
    return [
        ("Agreement", f"The share of pictures whose first answer is the float network's{of}", each(lambda v: share(v.evaluation.agreement))),
        ("In first five", f"The share with the float network's answer among the first five{of}", each(lambda v: share(v.evaluation.top(5)))),
    ]  # fmt: skip


def notice(frames: Frames, bits: int) -> str:
    """Two or three sentences on the level under the thumb, none of which claims to know what is right."""
    level = frames.levels.get(bits)
    if level is None:
        return "This level is being computed."
    same, five = level.evaluation.agreement, level.evaluation.top(5)
    agreeing, among = (round(share.value * share.n) for share in (same, five))
    what = {"both": "weights and activations", "weights": "weights", "activations": "activations"}[frames.scrub]
    words = [f"At **{bits} bits** for {what} the first answer agrees with the float network for **{agreeing} of {same.n}** pictures."]
    if agreeing < same.n:
        words.append(f"The float network's answer is still among the first five for {among}.")
    words.append("What the pictures really show is not among the data: this is agreement with the float network, not accuracy.")
    if same.n < 100:
        words.append(f"So few pictures say little: the interval reaches from {rounded_percent(same.low)} to {rounded_percent(same.high)}.")
    setting = level.evaluation.setting
    if setting.activations is not None and not setting.dynamic and setting.activation_spec.calibrator not in EXTREMES:
        words.append("Where a layer has very many activations, its range is chosen on evenly spaced ones of their sorted values.")
    return " ".join(words)
