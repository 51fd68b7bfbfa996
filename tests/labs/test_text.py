"""What the labs' numbers never look like, whatever the number."""

import math
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from quantlab.labs import text

NUMBERS = st.floats(allow_nan=True, allow_infinity=True)
SHARES = st.floats(0, 1)
WRITERS = [
    text.fixed, text.plain, text.signed, text.decibels, text.percent, text.rounded_percent, text.points, text.probability, text.kilobytes,
]  # fmt: skip


@pytest.mark.parametrize("write", WRITERS, ids=lambda write: write.__name__)
@given(value=NUMBERS)
def test_no_number_has_an_ascii_minus_a_signed_zero_or_a_word_of_the_machine(write, value):
    shown = write(value)
    assert "-" not in shown and "nan" not in shown and "inf" not in shown
    assert not re.search(r"[−+]0(?:\.0+)?(?![.\d])", re.sub(r"e−\d+", "", shown)), shown


@given(value=st.floats(-1e15, 1e15), decimals=st.integers(0, 6))
def test_a_number_of_fixed_decimals_is_the_nearest_such(value, decimals):
    shown = text.fixed(value, decimals)
    assert float(shown.replace(text.MINUS, "-")) == pytest.approx(value, abs=0.500001 * 10.0**-decimals, rel=1e-12)


@given(value=st.floats(-1.79e308, 1.79e308))  # the largest floats, rounded up to three digits, are no float any more
def test_a_plain_number_has_three_right_digits(value):
    assert float(text.plain(value).replace(text.MINUS, "-")) == pytest.approx(value, rel=6e-3, abs=1e-320)


@pytest.mark.parametrize("write", [text.percent, text.rounded_percent, lambda share: text.rounded_percent(share, 1)])
@given(share=SHARES)
def test_a_share_reads_0_or_100_only_where_it_is_that(write, share):
    shown = write(share)
    claims = float(shown.removesuffix(" %")) if shown[0].isdigit() else None
    assert (claims == 0) == (share == 0) and (claims == 100) == (share == 1), shown
    if shown[0] in "<>":
        bound = float(shown[1:-1]) / 100
        assert share < bound if shown[0] == "<" else share > bound - 1e-3
    else:
        assert claims == pytest.approx(100 * share, abs=0.5001)


@given(share=st.floats(1e-9, 1 - 1e-9))
def test_a_p_value_is_never_0_and_1_only_where_it_is_that(share):
    assert text.probability(share) not in ("p = 0", "p = 1") and text.probability(1.0) == "p = 1"


@given(count=st.floats(-100, 100))
def test_points_are_never_a_false_zero(count):
    shown = text.points(count)
    assert (shown == "0 points") == (count == 0)
    assert shown.endswith("point") == (shown in ("1 point", "−1 point"))


@given(count=st.integers(0, 10**12))
def test_sizes_stay_below_a_thousand_of_their_unit(count):
    number, unit = text.kilobytes(count).split(" ")
    assert float(number) < 1000 or unit == "GB"
    factor = {"byte": 1, "bytes": 1, "kB": 1e3, "MB": 1e6, "GB": 1e9}[unit]
    assert float(number) * factor == pytest.approx(count, rel=6e-3)


@given(parts=st.lists(st.text(max_size=60), max_size=5))
def test_a_file_name_can_be_had_on_every_system(parts):
    name = text.file_name(*parts)
    assert name.endswith(".csv") and 4 < len(name) <= 104 and not set(name) & set('/\\:*?"<>|\n\r\t\0')
    assert name[0] not in ". " and name.removesuffix(".csv").strip() == name.removesuffix(".csv")


def test_the_words_of_no_number():
    assert (text.decibels(math.inf), text.decibels(-math.inf), text.percent(math.nan)) == ("no error", "no signal", "undefined")
