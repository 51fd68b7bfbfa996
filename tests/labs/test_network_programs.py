"""Does each room's program print the numbers that the room shows, and its table hold them?"""

import csv
import io

import pytest

import quantlab as ql
from quantlab.labs.network.budget import films as network_budget
from quantlab.labs.network.layers import costs as network_costs
from quantlab.labs.network.programs import answers_program, budget_program, layers_program, setting_text
from quantlab.networks.engine import layer_errors, size
from quantlab.networks.settings import ACTIVATIONS, FLOAT, WEIGHTS, Setting
from tests.labs.network_cases import CHOICES, WIDTHS, budgets, costs, evaluator

SOURCE = "network, data = shipped('small')"
SETTINGS = {
    "as usual": Setting(weights=4, activations=4),
    "everything else": Setting(
        weights=3, activations=None, inputs=4, ends_at_8=True, bias_at_32=False, folded=False, calibration=20,
        layer_weights=(("conv2", 2), ("answer", None)), weight_spec=WEIGHTS.replace(granularity=ql.per_channel(0), calibrator="mse"),
    ),
    "other schemes": Setting(
        weights=4, activations=6, weight_spec=ql.QuantSpec("kmeans", granularity=ql.per_group(16)),
        activation_spec=ql.QuantSpec("int-symmetric", arithmetic="torch_fake", calibrator="percentile"),
    ),
    "dynamic": Setting(weights=5, activations=5, dynamic=True, activation_spec=ACTIVATIONS.replace(calibrator="absmax")),
}  # fmt: skip


@pytest.mark.parametrize("name", SETTINGS)
def test_the_program_gives_the_numbers_of_the_lab(name, monkeypatch, capsys):
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    setting = SETTINGS[name]
    exec(answers_program("network, data = shipped('small')", 200, setting), {})
    answers = evaluator().evaluate(setting)
    lines = [f"Top-1 {answers.top(1)}", f"Top-5 {answers.top(5)}", f"Macro F1 {answers.f1}"]
    lines += [f"Agreement {answers.agreement}, McNemar p = {answers.difference.p:.2g}"]
    lines += [f"{size(evaluator().runner, setting).total('packed'):.0f} bytes packed"]
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize("name", SETTINGS)
def test_a_setting_as_python_is_that_setting(name):
    names = {"Setting": Setting, "WEIGHTS": WEIGHTS, "ACTIVATIONS": ACTIVATIONS, "ql": ql}
    assert eval(setting_text(SETTINGS[name]), names) == SETTINGS[name]


def rows(text: str) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(text)))


def test_the_program_of_the_layers_prints_both_charts(monkeypatch, capsys):
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    setting = Setting(weights=3, activations=3)
    exec(layers_program(SOURCE, setting, 3, (50, 200), "both"), {})
    errors = layer_errors(evaluator().runner, setting, 50)
    lines = [f"{e.layer}: alone {e.alone:.1f} dB, with all before it {e.output:.1f} dB" for e in errors]
    lines += [f"only {c.layer} {c.alone}, all but it {c.all_but}, Top-1" for c in costs(3).layers]
    assert capsys.readouterr().out.splitlines() == lines


@pytest.mark.parametrize("scrub, weights, activations", [("weights", True, False), ("activations", False, True)])
def test_the_program_of_the_layers_moves_what_the_slider_moves(scrub, weights, activations):
    program = layers_program(SOURCE, Setting(), 3, (50, 200), scrub)
    assert ("activations=False" in program, "weights=False" in program) == (not activations, not weights)


def test_the_table_of_the_layers_holds_every_layer_and_leaves_open_what_is_not_measured():
    errors = {bits: layer_errors(evaluator().runner, Setting(bits, bits), 50) for bits in (3, 5)}
    found = rows(network_costs.layers_csv(WIDTHS, errors, {3: costs(3)}))
    assert [(row["bits"], row["layer"]) for row in found] == [(b, e.layer) for b in "35" for e in errors[3]]
    for row, error, cost in zip(found, errors[3], costs(3).layers, strict=False):
        assert float(row["with_all_before_db"]) == pytest.approx(error.output, abs=1e-4)
        assert float(row["only_low"]) == pytest.approx(cost.alone.low, abs=1e-6) and row["images"] == "200"
        assert float(row["all_but"]) == pytest.approx(cost.all_but.value, abs=1e-6)
    assert {row["only"] for row in found[3:]} == {""}


def test_the_program_of_the_budget_prints_prices_and_plans_and_the_table_holds_them(monkeypatch, capsys):
    monkeypatch.setenv("QUANTLAB_CACHE", "off")
    expected = budgets().by_width[3]
    exec(budget_program(SOURCE, 200, FLOAT.replace(weights=16), CHOICES, expected.bytes, 3), {})
    *prices, first, first_loss, second, second_loss = capsys.readouterr().out.splitlines()
    assert [line.partition(":")[0] for line in prices] == [f"{x} at {b} bits" for x in ("conv1", "conv2", "answer") for b in CHOICES]
    found = {row["plan"]: row for row in rows(network_budget.budget_csv({3: expected}))}
    lines = (("greedy", first, first_loss, expected.greedy), ("exact", second, second_loss, expected.exact))
    for name, line, loss, outcome in lines:
        plan, share = outcome.plan, outcome.answers.top(1)
        assert line == f"{name}: {dict(plan.bits)}, {plan.bytes} bytes, Top-1 {share}"
        assert loss == f"loss predicted {plan.loss:.3g}, measured {outcome.measured_loss:.3g} bits"
        assert int(found[name]["bytes"]) == plan.bytes <= int(found[name]["budget_bytes"]) == expected.bytes
        assert [int(found[name][layer]) for layer, _ in plan.bits] == [bits for _, bits in plan.bits]
        assert float(found[name]["share"]) == pytest.approx(share.value, abs=1e-6)
        assert float(found[name]["loss_measured"]) == pytest.approx(outcome.measured_loss, rel=1e-5)
    assert float(found["equal"]["share"]) == pytest.approx(expected.equal.answers.top(1).value, abs=1e-6)
    assert found["equal"]["loss_predicted"] == ""  # no layer was measured at 3 bits
