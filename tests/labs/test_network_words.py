"""Do the network lab's words follow its numbers, and does the program it shows give them?"""

import csv
import io
import re
from dataclasses import replace

import pytest

from quantlab.labs.network.answers import words as network_words
from quantlab.labs.network.layers.costs import notice_costs
from quantlab.labs.network.layers.words import notice_layers
from quantlab.networks.engine import layer_errors
from quantlab.networks.settings import Setting
from tests.labs.network_cases import WIDTHS, costs, evaluator, frames


def test_the_words_say_accuracy_and_whether_a_difference_is_seen():
    for bits in WIDTHS:
        evaluation, words = frames().levels[bits].evaluation, network_words.notice(frames(), bits)
        assert f"At **{bits} bits**" in words and f"**{100 * evaluation.top(1).value:.1f} %** of 200 images" in words
        assert ("No difference seen" in words) == (not evaluation.difference.seen)
    seen = {frames().levels[bits].evaluation.difference.seen for bits in WIDTHS}
    assert seen == {True, False}


def test_the_words_name_what_does_the_damage():
    words = network_words.notice(frames(), 2)
    cost = {c: frames().exact.evaluation.top(1).value - found[2].top(1).value for c, found in frames().others.items()}
    assert cost["weights"] > 2 * cost["activations"]
    assert f"It is the weights: they alone cost {100 * cost['weights']:.0f} points" in words


def test_a_level_to_come_is_said_to_come():
    assert network_words.notice(frames((5,), False), 6) == "This level is being computed."
    assert notice_layers(6, None) == "This level is being computed."


def test_the_words_of_the_layers_name_the_worst_and_the_dearest():
    setting = Setting(weights=2, activations=2)
    errors = layer_errors(evaluator().runner, setting, 50)
    worst = min(errors, key=lambda e: e.alone).layer
    assert f"*{worst}* errs most by itself" in notice_layers(2, errors)
    found = costs(2)
    dear = min(found.layers, key=lambda cost: cost.alone.value)
    lost = found.exact.value - dear.alone.value
    assert f"Only *{dear.layer}* at 2 bits costs {100 * lost:.0f} points" in notice_costs(2, found)
    assert f"Only *{dear.layer}* at 2 bits changes {round(200 * lost)} of 200 answers" in notice_costs(2, found, truth=False)
    assert "No layer costs a point" in notice_costs(16, costs(16)) and "No layer changes one" in notice_costs(16, costs(16), truth=False)
    assert "still being measured" in notice_costs(2, None)


def test_tiles_say_value_and_interval():
    tiles = {name: texts for name, _, texts in network_words.tiles(frames())}
    top1 = frames().levels[4].evaluation.top(1)
    assert tiles["Top-1"][2] == f"{100 * top1.value:.1f} %\n{100 * top1.low:.1f} to {100 * top1.high:.1f}"
    assert tiles["Difference"][-1].startswith("none seen") and tiles["Difference"][0] == "worse\np < 0.001"
    kilobytes = [float(text.split()[0]) for text in tiles["Packed file"]]
    assert kilobytes == sorted(kilobytes) and re.fullmatch(r"\d\.\d kB\n\d\.\d × smaller", tiles["Packed file"][2])


def test_the_csv_holds_the_kept_setting_where_it_is_known():
    kept = {3: frames().levels[8].evaluation}
    rows = {row["bits"]: row for row in csv.DictReader(io.StringIO(network_words.csv(replace(frames(), pinned=kept))))}
    assert float(rows["3"]["kept_top1"]) == pytest.approx(kept[3].top(1).value, abs=1e-6)
    assert float(rows["3"]["kept_mcnemar_p"]) < 0.001
    assert rows["4"]["kept_top1"] == rows["4"]["kept_mcnemar_p"] == rows["float"]["kept_top1"] == ""


def test_the_csv_holds_every_level_and_the_float_network():
    rows = list(csv.DictReader(io.StringIO(network_words.csv(frames()))))
    assert [row["bits"] for row in rows] == [*map(str, WIDTHS), "float"]
    for row in rows[:-1]:
        evaluation = frames().levels[int(row["bits"])].evaluation
        assert float(row["top1"]) == pytest.approx(evaluation.top(1).value, abs=1e-6)
        assert float(row["macro_f1_low"]) == pytest.approx(evaluation.f1.low, abs=1e-6)
        weights = frames().others["weights"][int(row["bits"])]
        alone = [float(row[f"weights_alone_{name}"]) for name in ("top1", "macro_f1", "agreement")]
        assert alone == pytest.approx([weights.top(1).value, weights.f1.value, weights.agreement.value], abs=1e-6)
