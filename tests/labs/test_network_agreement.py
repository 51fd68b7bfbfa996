"""Where no truth is known, do tiles, words, table and films speak of agreement alone, with its numbers?"""

import csv
import io
from dataclasses import replace

import pytest

from quantlab.film import unpack
from quantlab.labs.network.answers import films as network_films
from quantlab.labs.network.answers import words as network_words
from quantlab.labs.network.answers.curves import curve_film, measures
from quantlab.labs.network.answers.frames import Frames, Level, sample
from quantlab.networks.settings import ACTIVATIONS
from tests.labs.network_cases import WIDTHS, frames


def untrue(known: tuple[int, ...] = WIDTHS) -> Frames:
    """The small network's frames, the float network's answers in place of the labels."""
    given = frames(known)

    def level(one: Level) -> Level:
        return Level(replace(one.evaluation, labels=one.evaluation.predicted_by_float), one.size)

    return replace(given, levels={b: level(one) for b, one in given.levels.items()}, exact=level(given.exact), truth=False)


def test_the_tiles_name_agreement_and_sizes_and_nothing_else():
    shown = {name: texts for name, _, texts in network_words.tiles(untrue())}
    assert list(shown) == ["Agreement", "In first five", "In memory", "Packed file", "Huffman file"]
    for bits, tile in zip(WIDTHS, shown["Agreement"], strict=True):
        assert tile == network_words.share(frames().levels[bits].evaluation.agreement)


@pytest.mark.parametrize("bits", WIDTHS)
def test_the_words_count_what_is_kept_and_claim_no_accuracy(bits):
    words, evaluation = network_words.notice(untrue(), bits), frames().levels[bits].evaluation
    assert f"**{200 - len(evaluation.flipped)} of 200**" in words and "not accuracy" in words and "correctly" not in words
    assert ("among the first five" in words) == bool(len(evaluation.flipped))


def test_few_pictures_are_said_to_say_little_and_a_level_to_come_is_said_to_come():
    few = untrue()
    short = {b: Level(replace(v.evaluation, logits=v.evaluation.logits[:9], reference=v.evaluation.reference[:9], labels=v.evaluation.labels[:9]), v.size) for b, v in few.levels.items()}  # fmt: skip
    low = 100 * short[4].evaluation.agreement.low
    assert f"the interval reaches from {low:.0f} % to" in network_words.notice(replace(few, levels=short), 4)
    assert network_words.notice(untrue((5,)), 6) == "This level is being computed."


def test_the_table_has_agreement_and_no_accuracy():
    rows = list(csv.DictReader(io.StringIO(network_words.csv(untrue()))))
    assert "top1" not in rows[0] and "macro_f1" not in rows[0] and "mcnemar_p" not in rows[0]
    for bits, row in zip(WIDTHS, rows, strict=False):
        assert float(row["agreement"]) == pytest.approx(frames().levels[bits].evaluation.agreement.value, abs=1e-6)
    assert float(rows[-1]["agreement"]) == 1 and len(rows) == len(WIDTHS) + 1


def test_films_speak_of_agreement_and_classes_have_none():
    films = network_films.films(untrue())
    assert "classes" not in films and "confusion" not in films
    curves = b"".join(curve_film(untrue(), measure) for measure in measures(truth=False).values())
    assert b"Agreement" in curves and not any(word in curves + films["numbers"] for word in (b"Top-1", b"F1", b"chance"))


def test_the_first_pictures_are_shown_whatever_their_class():
    assert sample(untrue(), 7).tolist() == list(range(7))


@pytest.mark.parametrize("shown", ["wall", "flipped"])
def test_pictures_are_called_what_the_float_network_calls_them(shown):
    for given, known in ((untrue(), False), (frames(), True)):
        assert unpack(network_films.films(given)[shown])[0]["known"] is known


@pytest.mark.parametrize(
    "changes, said",
    [
        ({}, False),
        ({"activation_spec": ACTIVATIONS.replace(calibrator="mse")}, True),
        ({"activation_spec": ACTIVATIONS.replace(calibrator="absmax")}, False),
        ({"activation_spec": ACTIVATIONS.replace(calibrator="percentile"), "activations": None}, False),
        ({"dynamic": True}, False),
    ],
)
def test_ranges_that_are_chosen_on_a_part_of_the_activations_are_said_to_be(changes, said):
    given = untrue()
    level = given.levels[5]
    evaluation = replace(level.evaluation, setting=level.evaluation.setting.replace(**changes))
    words = network_words.notice(replace(given, levels={5: Level(evaluation, level.size)}), 5)
    assert ("evenly spaced ones" in words) == said
