"""Marks: the end of the range and the levels are the quantizer's own, and what a mark costs is what the core measures there."""

import numpy as np
import pytest

import quantlab as ql
from quantlab.labs.tensor.result import quantizer_at
from quantlab.learn.marks import decibels, picture, places
from quantlab.learn.measures import evaluate, state_of
from quantlab.learn.questions import Question

NORMAL = "tensor?source=normal&bits=4"


def test_the_end_of_the_range_is_where_no_value_is_moved_any_farther():
    state = state_of(NORMAL)
    x, spec = quantizer_at(state.address())
    assert places("clip", state)[0] == pytest.approx(
        float(ql.fake_quantize(np.array([1e3], np.float32), spec, ql.choose_qparams(x, spec))[0])
    )
    assert evaluate("clip", state) == pytest.approx(places("clip", state)[0])


@pytest.mark.parametrize("share", [1.0, 0.8, 0.5, 0.2])
def test_what_a_marked_end_costs_is_measured_by_the_core(share):
    state = state_of(NORMAL)
    x, _ = quantizer_at(state.address())
    end = share * places("clip", state)[0]
    scale = np.float32(end / 7)
    by_hand = np.clip(np.rint(x.astype(np.float64) / scale), -7, 7) * scale
    assert decibels("clip", state, [end]) == pytest.approx(ql.metrics.sqnr_db(x, by_hand), abs=1e-3)


def test_levels_of_least_error_cost_more_wherever_they_are_moved():
    state = state_of("tensor?source=laplace&scheme=kmeans&bits=2")
    best = places("levels", state)
    x = quantizer_at(state.address())[0]
    nearest = np.array(best)[np.abs(x.ravel()[:, None] - best).argmin(axis=1)].reshape(x.shape)
    assert decibels("levels", state, best) == pytest.approx(ql.metrics.sqnr_db(x, nearest), abs=1e-3)
    for k in range(4):
        for off in (-0.2, 0.2):
            moved = [*best[:k], best[k] + off, *best[k + 1 :]]
            assert decibels("levels", state, moved) < decibels("levels", state, best)


def test_the_picture_holds_every_value():
    state = state_of(NORMAL)
    shown = picture("clip", state)
    assert sum(shown.counts) == quantizer_at(state.address())[0].size and shown.axis[0] == -shown.axis[1] and shown.mirrored


@pytest.mark.parametrize(
    "answer",
    [None, [], [1.0, 2.0], ["1"], [True], [float("nan")], [1e13], {"0": 1}],
    ids=["nothing", "none", "two", "text", "truth", "nan", "huge", "map"],
)
def test_what_are_no_marks_gets_one_sentence(answer):
    question = Question("mark", "Where?", measure="clip", within=0.3)
    with pytest.raises(ValueError, match="Put every mark on the picture"):
        question.grade(state_of(NORMAL), answer)


@pytest.mark.parametrize(
    ("expression", "state", "said"),
    [
        ("clip", "tensor?source=relu&scheme=int-asymmetric&bits=4", "no one mark"),
        ("levels", "tensor?bits=8", "more than a hand can mark"),
        ("sqnr_db", NORMAL, "cannot be marked"),
        ("clip", "image?bits=3", "values of a tensor"),
    ],
)
def test_what_cannot_be_marked_is_refused_with_the_remedy(expression, state, said):
    with pytest.raises(ValueError, match=said):
        places(expression, state_of(state))


@pytest.mark.parametrize("bits", range(2, 6))
def test_the_shares_at_the_levels_are_those_of_the_codes(bits):
    from quantlab.learn.measures import curve

    state = state_of(f"tensor?source=normal&bits={bits}")
    x, spec = quantizer_at(state.address())
    codes = ql.quantize(x, spec).codes.ravel()
    counted = np.bincount((codes - codes.min()).astype(int)) / codes.size
    shares = [share for share in curve(state, "share_at_level").values() if share]
    assert shares == pytest.approx(list(counted[counted > 0]))
