"""Do the charts against bits show what scikit-learn says of the same answers, for what moves, for W and A alone, and in float?"""

from dataclasses import replace

import numpy as np
import pytest
from sklearn.metrics import accuracy_score, f1_score, top_k_accuracy_score

from quantlab.film import unpack
from quantlab.labs.network.answers.curves import MEASURES, UNTRUE, curve_film
from tests.labs.network_cases import WIDTHS, frames
from tests.labs.test_network_films import track

CLASSES = range(10)


def expected(name, evaluation):
    """The independent number, in per cent."""
    true, logits = evaluation.labels, evaluation.logits
    first = logits.argmax(axis=1)
    return (
        100
        * {
            "Top-1": lambda: accuracy_score(true, first),
            "Top-5": lambda: top_k_accuracy_score(true, logits, k=5, labels=CLASSES),
            "Macro F1": lambda: f1_score(true, first, average="macro"),
            "Agreement": lambda: accuracy_score(evaluation.reference.argmax(axis=1), first),
        }[name]()
    )


def drawn(film):
    """Name -> upright places of every line of a chart that stands still."""
    return {trace["name"]: trace["y"] for trace in unpack(film)[0]["figure"]["data"] if "y" in trace}


@pytest.mark.parametrize("slug", MEASURES)
def test_lines_marks_and_the_float_line_are_the_measure(slug):
    film = curve_film(frames(), MEASURES[slug])
    lines = drawn(film)
    marks = [i for i, trace in enumerate(unpack(film)[0]["figure"]["data"]) if trace["name"] == "now"]
    for place, name in enumerate(MEASURES[slug].lines):
        moving = [expected(name, frames().levels[bits].evaluation) for bits in WIDTHS]
        assert lines[name] == pytest.approx(moving, abs=1e-3)
        assert [float(track(film, marks[place], str(bits))[0]) for bits in WIDTHS] == pytest.approx(moving, abs=1e-3)
        exact = lines["float" if place == 0 else f"float, {name}"]
        assert exact == pytest.approx([expected(name, frames().exact.evaluation)] * 2, abs=1e-3)
    name = next(iter(MEASURES[slug].lines))
    for curve, title in (("weights", "W alone"), ("activations", "A alone")):
        alone = [expected(name, frames().others[curve][bits]) for bits in WIDTHS]
        assert lines[f"{name}, {title}"] == pytest.approx(alone, abs=1e-3)


@pytest.mark.parametrize("slug", MEASURES)
def test_every_interval_is_a_stem_around_its_value(slug):
    lines = drawn(curve_film(frames(), MEASURES[slug]))
    for name in MEASURES[slug].lines:
        low, high, gap = np.array(lines[f"{name} interval"], dtype=object).reshape(-1, 3).T
        assert set(gap) == {None}
        assert all(a <= value <= b for a, value, b in zip(low, lines[name], high, strict=True)) and any(low < high)


def test_chance_is_drawn_where_a_guess_has_a_share():
    chance = {slug: drawn(curve_film(frames(), measure)).get("chance") for slug, measure in MEASURES.items()}
    assert chance == {"top": [10.0, 10.0], "top5": [50.0, 50.0], "f1": None, "agreement": None}


def test_a_kept_setting_is_drawn_in_place_of_the_thin_lines():
    kept = {bits: frames().levels[bits].evaluation for bits in (3, 5, 16)}
    lines = drawn(curve_film(replace(frames(), pinned=kept), MEASURES["top"]))
    assert lines["Top-1, kept"] == pytest.approx([expected("Top-1", evaluation) for evaluation in kept.values()], abs=1e-3)
    assert not any("alone" in name for name in lines)


def test_without_known_labels_the_lines_are_called_agreement():
    assert not {"Top-1", "Top-5", "Macro F1"} & {name for measure in UNTRUE.values() for name in (measure.title, *measure.lines)}
