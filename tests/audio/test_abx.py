"""Does a blind test stay blind, and is its p-value the binomial sum?"""

import json
import math

import numpy as np
import pytest

from quantlab.audio.abx import MOST_TRIALS, Run, p_value, threshold
from quantlab.sources.sounds import load_sound


@pytest.mark.parametrize("n", range(1, MOST_TRIALS + 1))
def test_the_p_value_is_the_tail_of_the_binomial(n):
    for k in range(n + 1):
        assert p_value(k, n) == pytest.approx(sum(math.comb(n, i) for i in range(k, n + 1)) / 2**n)


def test_before_the_end_the_view_is_the_same_whatever_the_answers_are():
    runs = [Run(seed=seed, trials=3) for seed in range(64)]
    for step in range(3):
        assert len({json.dumps(run.view()) for run in runs}) == 1
        assert len({repr(run) for run in runs}) == 1
        runs = [run.answer("AB"[step % 2]) for run in runs]
    assert len({json.dumps(run.view()) for run in runs}) > 1
    assert all(run.finished for run in runs)


def test_x_is_a_or_b_and_neither_its_size_nor_its_bytes_tell_which():
    a, b = np.zeros((500, 1), np.float32), np.random.default_rng(0).uniform(-0.9, 0.9, (500, 1)).astype(np.float32)
    trials = [Run(seed=seed).sounds(a, b, 8000) for seed in range(40)]
    assert len({len(sound) for trial in trials for sound in trial.values()}) == 1
    assert len({sound for trial in trials for sound in trial.values()}) == 3 * len(trials), "no two wavs are the same"
    kinds = [(near(trial["X"], a), near(trial["X"], b)) for trial in trials]
    assert set(kinds) == {(True, False), (False, True)}
    assert all(near(trial["A"], a) and near(trial["B"], b) for trial in trials)
    with pytest.raises(ValueError, match="one length"):
        Run(seed=1).sounds(a, b[:-1], 8000)


def near(wav: bytes, sound: np.ndarray) -> bool:
    """Whether a wav is this sound but for its dither, two steps of 24 bits at most."""
    return bool(np.abs(load_sound("x.wav", wav).samples - sound).max() < 2 * 2**-23)


def test_a_listener_who_hears_it_is_always_right_and_one_who_guesses_is_right_by_half():
    a, b = np.zeros((10, 1), np.float32), np.full((10, 1), 0.5, np.float32)
    rng = np.random.default_rng(0)
    for seed in range(10):
        run = Run(seed=seed)
        while not run.finished:
            run = run.answer("A" if near(run.sounds(a, b, 8000)["X"], a) else "B")
        assert run.view()["right"] == MOST_TRIALS and run.view()["p"] == pytest.approx(2**-16)
    scores = [Run(seed=seed, given=tuple(rng.choice(["A", "B"], MOST_TRIALS))).right for seed in range(200)]
    assert np.mean(scores) == pytest.approx(8, abs=0.5)
    assert np.mean([p_value(k, 16) < 0.05 for k in scores]) < 0.09


def test_the_same_seed_gives_the_same_order_and_seeds_differ():
    orders = []
    for seed in range(100):
        run = Run(seed=seed)
        for _ in range(MOST_TRIALS):
            run = run.answer("A")
        orders.append(tuple(run.view()["order"]))
        assert run.right == orders[-1].count("A")
    assert len(set(orders)) > 95


@pytest.mark.parametrize(
    ("wrong", "remedy"),
    [
        (lambda: Run(seed=1, trials=17), "1 to 16"),
        (lambda: Run(seed=1, trials=0), "1 to 16"),
        (lambda: Run(seed=1).answer("C"), "A or B"),
        (lambda: Run(seed=1, trials=1).answer("A").answer("A"), "new run"),
        (lambda: Run(seed=1, trials=1, given=("A", "B")), "new run"),
    ],
)
def test_wrong_moves_are_refused_with_the_remedy(wrong, remedy):
    with pytest.raises(ValueError, match=remedy):
        wrong()


def test_the_threshold_is_the_highest_width_still_heard():
    assert threshold({2: (16, 16), 10: (12, 16), 12: (11, 16)}) == 10
    assert threshold({8: (8, 16)}) is None
