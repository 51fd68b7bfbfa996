"""Do the budget's films show bytes, losses and bits as the searches and the network gave them, and the words what follows?"""

from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.forms import Choice
from quantlab.labs.network.budget.films import bits_film, notice_budget, pareto_film
from quantlab.labs.network.budget.predicted_loss import notice_predicted_loss, predicted_loss_film
from quantlab.labs.text import plain
from tests.labs.network_cases import budgets
from tests.labs.test_network_films import trace, track

FILMS = {"pareto": pareto_film, "bits": bits_film, "promise": predicted_loss_film}


@pytest.mark.parametrize("truth", [True, False])
@pytest.mark.parametrize("name", FILMS)
def test_plotly_takes_every_chart_and_nothing_rescales(name, truth):
    header, _ = unpack(FILMS[name](replace(budgets(), truth=truth)))
    figure = go.Figure(header["figure"])
    assert header["labels"] == ["2", "3", "4", "8"]
    assert figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None
    if name == "pareto":
        assert ("Top-1" in figure.layout.yaxis.title.text) == truth


def test_the_line_of_best_plans_holds_every_exact_plan_and_none_is_beaten():
    header, _ = unpack(predicted_loss_film(budgets()))
    line = header["figure"]["data"][trace(predicted_loss_film(budgets()), "predicted")]
    x, y = np.array(line["x"]), np.array(line["y"])
    assert (np.diff(x) > 0).all() and (np.diff(y) < 0).all()
    for bought in budgets().by_width.values():
        plan = bought.exact.plan
        assert y[x <= plan.bytes / 1e3].min() == pytest.approx(plan.loss)
        assert bought.greedy.plan.loss >= y[x <= bought.greedy.plan.bytes / 1e3].min() - 1e-12


def test_measured_losses_stand_where_they_were_measured():
    film = predicted_loss_film(budgets())
    names = [t["name"] for t in unpack(film)[0]["figure"]["data"]]
    first, second = (i for i, name in enumerate(names) if name == "now")
    for bits, bought in budgets().by_width.items():
        assert track(film, first, str(bits))[0] == pytest.approx(bought.exact.measured_loss, rel=1e-5)
        assert track(film, second, str(bits))[0] == pytest.approx(bought.equal.measured_loss, rel=1e-5)


def test_the_bars_are_the_bits_of_the_exact_plan():
    film = bits_film(budgets())
    for bits, bought in budgets().by_width.items():
        own = [own for _, own in bought.exact.plan.bits]
        assert track(film, trace(film, "exact"), str(bits))[1::3].tolist() == own


def test_the_words_say_what_the_bytes_buy_and_whether_losses_add_up():
    for bits, bought in budgets().by_width.items():
        said, kept = notice_budget(bits, bought), notice_predicted_loss(bits, bought)
        assert f"{bits} bits and **{100 * bought.equal.answers.top(1).value:.1f} %**" in said
        assert f"**{100 * bought.exact.answers.top(1).value:.1f} %**" in said
        seen = bought.exact.answers.difference_from(bought.equal.answers).seen
        assert ("no difference seen" in said) == (not seen)
        assert f"**{plain(bought.exact.plan.loss)} bits**" in kept and f"**{plain(bought.exact.measured_loss)}**" in kept
        ratio = bought.exact.measured_loss / bought.exact.plan.loss
        assert ("do not add up" in kept) == (not 1 / 1.5 < ratio < 1.5)
    kinds = {notice_predicted_loss(bits, bought).rpartition("** ")[2] for bits, bought in budgets().by_width.items()}
    assert len(kinds) >= 2


OTHER = {
    "scheme": "int-asymmetric",
    "granularity": "channel-0",
    "calibrator": "mse",
    "clip": "0.5",
    "images": "200",
    "calibration": "20",
    "bias": "same",
    "norm": "apart",
    "arithmetic": "torch_fake",
    "levels": "narrow",
    "scales": "float16",
}


def test_every_control_of_the_room_does_something_and_what_does_nothing_is_not_shown():
    """By the key of what is computed: two addresses with the same key show the same."""
    lab, room = LABS["cnn"], {"room": "budget"}
    questions = []
    opening = lab.table.walk(lambda question: questions.append(question) or room.get(question.name, question.default))
    usual = lab.tasks(opening, ())[0].key
    for question in questions:
        if isinstance(question.form, Choice) and question.place in ("side", "more", "hidden") and question.name not in ("source", "file"):
            others = [slug for slug in question.form.options if slug != question.default]
            changed = lab.read(room | {question.name: OTHER.get(question.name, others[0])}) if others else opening
            assert changed.query.keys() <= {"room", question.name} and not changed.notices
            acts = lab.tasks(changed, ())[0].key != usual
            assert acts == (question.place != "hidden" and bool(others)), question.name


def test_a_slider_that_moved_the_activations_elsewhere_moves_bytes_of_weights_here():
    lab = LABS["cnn"]
    assert lab.tasks(lab.read({"room": "budget", "scrub": "activations"}), ())[0].key == lab.tasks(lab.read({"room": "budget"}), ())[0].key
