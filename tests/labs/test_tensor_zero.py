"""Where zero lies: exact with a whole zero point, at the end for values on one side, and off by up to half a step without."""

import numpy as np
import pytest

import quantlab as ql
from quantlab.film import Strip, unpack
from quantlab.labs.tensor import zero
from quantlab.labs.tensor.scrubs import SCRUBS
from quantlab.sources import TENSOR_SOURCES
from quantlab.types import QuantSpec


def zeros(x, scrub="bits", **spec):
    return zero.zeros(np.asarray(x, np.float32), QuantSpec("int-symmetric", **spec), SCRUBS[scrub], 0)


@pytest.mark.parametrize("source", ["relu", "weights", "channels", "uniform"])
def test_zero_is_exact_with_a_whole_zero_point_and_half_a_step_off_at_most_without(source):
    for level in zeros(TENSOR_SOURCES[source].make(4096)):
        assert level.symmetric.of_zero == 0 == level.asymmetric.of_zero
        assert level.symmetric.zero_point == 0
        assert abs(level.unrounded.of_zero) <= level.unrounded.scale * 0.5000001


def test_zero_lies_at_the_end_of_what_is_never_negative():
    rows = zeros(TENSOR_SOURCES["relu"].make(4096))
    assert all(level.asymmetric.zero_point == level.asymmetric.qmin for level in rows)
    assert all("at the end" in text for text in entries(rows)["Asymmetric"])
    assert all("no value is" in text for text in entries(rows)["Symmetric"][1:])


def test_a_zero_point_that_is_not_whole_has_an_error_in_words():
    rows = zeros([-1.0, 2.5, 0.3])
    assert rows[0].unrounded.levels == pytest.approx([-1, 1 / 6, 4 / 3, 2.5])  # steps of 3.5 / 3
    assert entries(rows)["Not whole"][0] == "s = 1.17, z = 0.857, no code: 0.0 becomes 0.167"


def test_the_range_is_that_of_the_followed_values_group():
    x = np.tile(np.linspace(-1, 1, 64), 4)
    x[64:] *= 10
    rows = zeros(x.reshape(1, -1), "group", bits=4)
    assert [level.high for level in rows[:4]][-1] == 1 and rows[-1].high == 10  # groups of 8 to 64, then of all


def test_a_shorter_last_group_is_found():
    x = np.arange(20, dtype=np.float32).reshape(2, 10)
    rows = zero.zeros(x, QuantSpec("int-symmetric", granularity=ql.per_group(4)), SCRUBS["bits"], 19)
    assert (rows[0].low, rows[0].high) == (0, 19) and rows[0].unrounded.levels[0] == 18  # the group is 18, 19


def entries(rows):
    film = zero.lines(Strip(tuple(map(str, range(len(rows))))), rows)
    return {entry["name"]: entry["texts"] for entry in unpack(film)[0]["entries"]}
