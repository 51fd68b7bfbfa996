"""What the bits of a number say, against the formats' own decoding and numpy's float32."""

import numpy as np
import pytest

from quantlab.formats import FORMATS, FloatFormat, IntFormat, ScaleFormat
from quantlab.labs.reference.bits import flip, read, single_format

SMALL = [f for f in FORMATS.values() if isinstance(f, FloatFormat | IntFormat | ScaleFormat) and f.bits <= 8]


def evaluate(formula) -> float:
    """The formula as Python computes it: only digits, operators and brackets occur."""
    text = "".join(part for part, _ in formula).replace("−", "-").replace("·", "*").replace("^", "**")
    assert set(text) <= set("0123456789+-*/() .")
    return eval(text)


@pytest.mark.parametrize("entry", SMALL, ids=lambda f: f.slug)
def test_the_formula_of_every_word_gives_its_value(entry):
    for word in range(1 << entry.bits):
        reading = read(entry, word)
        assert "".join(field.bits for field in reading.fields) == f"{word:0{entry.bits}b}"
        if np.isfinite(reading.value):
            assert evaluate(reading.formula) == reading.value


@pytest.mark.parametrize("entry", [f for f in SMALL if hasattr(f, "decode")], ids=lambda f: f.slug)
def test_the_value_is_what_the_format_decodes(entry):
    decoded = entry.decode(np.arange(1 << entry.bits))
    read_values = np.array([read(entry, word).value for word in range(1 << entry.bits)], np.float32)
    assert np.array_equal(decoded, read_values, equal_nan=True)


@pytest.mark.parametrize("entry", SMALL, ids=lambda f: f.slug)
def test_the_neighbours_are_the_next_values_of_the_format(entry):
    values = sorted({float(v) for v in entry.values()})
    for word in range(1 << entry.bits):
        reading = read(entry, word)
        if np.isfinite(reading.value):
            i = values.index(reading.value)
            assert reading.below == (values[i - 1] if i else None)
            assert reading.above == (values[i + 1] if i + 1 < len(values) else None)


@pytest.mark.parametrize("value", [1.0, -1.0, 0.1, 3.4028235e38, 1e-45, 0.0, 1.1754944e-38, 2.0])
def test_the_neighbours_of_a_float32_are_numpys(value):
    x = np.float32(value)
    reading = read(FORMATS["fp32"], int(x.view(np.uint32)))
    assert reading.value == float(x)
    with np.errstate(over="ignore"):
        down, up = np.nextafter(x, np.float32(-np.inf)), np.nextafter(x, np.float32(np.inf))
    assert reading.below == float(down)
    assert reading.above == (float(up) if np.isfinite(up) else None)


def test_flipping_counts_from_the_left():
    assert flip(0b1000, 4, 0) == 0 and flip(0, 4, 3) == 1


def test_any_eemm_can_be_read():
    assert read(single_format("e3m4"), 0b0_011_0000).value == 1.0


@pytest.mark.parametrize("slug", ["mxfp4", "e9m9x", "nonsense"])
def test_what_is_no_single_number_is_refused(slug):
    with pytest.raises(ValueError, match=slug):
        single_format(slug)


def test_a_word_too_long_is_refused():
    with pytest.raises(ValueError, match="255"):
        read(FORMATS["e4m3fn"], 256)
