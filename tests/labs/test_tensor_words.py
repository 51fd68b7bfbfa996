"""The words and programs of the tensor lab say what was computed."""

import math
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

import quantlab as ql
from quantlab.comparison import compare
from quantlab.film import unpack
from quantlab.labs.tensor import films as tensor_films
from quantlab.labs.tensor import words as tensor_words
from quantlab.labs.tensor.laws import laws
from quantlab.labs.text import plain
from tests.labs.test_tensor_frames import CASES, X, frames_of
from tests.steps import finished

ROOT = Path(__file__).parents[2]


@pytest.mark.slow
@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_the_copied_program_prints_the_numbers_on_the_tiles(spec):
    made, _ = frames_of(spec)
    frame = made.frames[min(3, len(made.frames) - 1)]
    program = tensor_words.python('x = TENSOR_SOURCES["weights"].make(4096, seed=0)', frame.point.spec)
    printed = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True, check=True).stdout
    m = frame.point.metrics
    assert f"SQNR {m['sqnr_db']:.1f} dB, MSE {m['mse']:.4g}\n" in printed
    assert f"{m['bits_per_value']:.2f} bits per value, code entropy {m['entropy_bits']:.2f} bit" in printed


def test_the_table_has_a_line_for_every_level_with_the_numbers_in_full():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"))
    head, *lines = tensor_words.csv(made).splitlines()
    assert head.startswith("bits,mse,") and len(lines) == 16
    assert float(lines[3].split(",")[1]) == made.frames[3].point.metrics["mse"]


def test_the_notice_names_the_level_and_its_sqnr():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"))
    for i, frame in enumerate(made.frames):
        text = tensor_words.notice(made, i)
        assert f"at {made.labels[i]} bit" in text
        assert f"{frame.point.metrics['sqnr_db']:.1f} dB" in text


def test_the_notice_says_when_clipping_is_most_of_the_error():
    made, _ = frames_of(ql.QuantSpec("int-symmetric", 8), "clip")
    assert "more bits do not bring them back" in tensor_words.notice(made, len(made.labels) - 1)
    assert "Nothing is clipped" in tensor_words.notice(made, 0)


@pytest.mark.parametrize("spec", CASES, ids=repr)
def test_the_formula_with_its_numbers_is_true(spec):
    made, _ = frames_of(spec, follow=-0.05)
    lines = {name: texts for name, _, texts in tensor_words.following(made, X.shape)}
    for text in lines["Error"]:
        a, b, c = (float(n.strip("()").replace("−", "-")) for n in re.fullmatch(r"(\S+) − (\S+) = (\S+)", text).groups())
        assert a - b == pytest.approx(c, rel=2e-2, abs=2e-4)


def test_bits_are_twos_complement_and_float_fields():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"), follow=-10.0)
    followed, spec = made.frames[3].followed, made.frames[3].point.spec
    assert followed.code == -7 and tensor_words.stored_bits(followed, spec) == "1001"  # 16 - 7 = 9
    made, _ = frames_of(ql.QuantSpec("float", format="e2m1fn"), "clip", follow=-10.0)
    assert tensor_words.stored_bits(made.frames[0].followed, made.frames[0].point.spec) == "1 11 1"  # -6, E2M1's largest


@pytest.mark.parametrize("value, text", [(0.0135767, "0.0136"), (1234567.0, "1.23e6"), (2.6e-9, "2.6e−9"), (-0.5, "−0.5"), (100.0, "100")])
def test_numbers_are_written_plainly(value, text):
    assert plain(value) == text


@pytest.mark.slow
@pytest.mark.parametrize("spec", CASES, ids=repr)
@pytest.mark.parametrize("sine", [False, True])
def test_films_hold_every_level(spec, sine):
    made, _ = frames_of(spec)
    curves = finished(compare(X, spec.granularity))
    films = tensor_films.films(made, X.shape, tensor_films.VIEWS)
    for film in (*films.values(), tensor_films.curve_film(made, curves, sine)):
        assert all(f'"{label}"'.encode() in film for label in made.labels)


def test_other_schemes_are_measured_like_the_chosen_one():
    curves = finished(compare(X, ql.per_tensor()))
    made, _ = frames_of(ql.QuantSpec("int-symmetric"))
    own = next(c for c in curves if c.scheme == "int-symmetric")
    assert list(own.column("sqnr_db")) == [frame.point.metrics["sqnr_db"] for frame in made.frames]


def test_the_laws_beside_the_curve_are_theorys():
    (name, _, best), (_, _, bound) = laws(range(1, 9), sine=False)
    assert "Lloyd-Max" in name and best[3] == pytest.approx(-10 * math.log10(0.00950101), abs=1e-4)
    assert bound[3] == pytest.approx(24.0824, abs=1e-3)  # 6.0206 * 4


@pytest.mark.parametrize("spec", [ql.QuantSpec(slug, **v) for slug, s in ql.SCHEMES.items() for v in s.variants], ids=repr)
def test_no_text_names_a_quantity_that_the_scheme_has_not(spec):
    made, _ = frames_of(spec)
    scheme = ql.SCHEMES[spec.scheme]
    lines = tensor_words.following(made, X.shape)
    tiles = tensor_words.tiles(made)
    for i, frame in enumerate(made.frames):
        stored = scheme.stored(frame.point.spec)
        said = " ".join([*(texts[i] for _, _, texts in lines), tensor_words.notice(made, i)])
        names = " ".join(name for name, _, _ in [*lines, *tiles])
        assert ("clipped" in (said + names).lower()) <= scheme.clips
        assert ("s = " in said) == bool({"scale", "d"} & set(stored))
        assert ("zero_point" in stored) <= ("z = " in said)
        if "zero" in stored:  # any number, no code
            assert "z = " in said
        elif not tensor_words.is_affine(spec):
            assert "z = " not in said and "zero point" not in names
        assert ("table" in said and "look-up" in said and "Codebook" in names) == ("codebook" in stored)


def test_a_codebook_says_what_it_costs():
    made, _ = frames_of(ql.QuantSpec("kmeans", method="lloyd"))
    tiles = {name: texts for name, _, texts in tensor_words.tiles(made)}
    assert tiles["Codebook"][3] == "64 bytes" and "Clipped" not in tiles  # 16 levels of 4 bytes
    lines = {name: texts for name, _, texts in tensor_words.following(made, X.shape)}
    assert lines["Codebook"][3] == "16 levels in a table of 64 bytes"


def test_unused_levels_and_borders_are_in_the_legend():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"))
    figure = unpack(tensor_films.films(made, X.shape, ["histogram"])["histogram"])[0]["figure"]
    legend = {trace["name"] for trace in figure["data"] if trace["showlegend"]}
    assert legend == {"borders", "original", "quantized", "unused levels"}
    for frame in made.frames[2:5]:
        used = frame.levels[tensor_films._used(frame)].astype(np.float32)
        assert set(used) == set(ql.fake_quantize(X, frame.point.spec).ravel())


def test_logarithmic_ticks_are_of_one_style():
    made, _ = frames_of(ql.QuantSpec("int-symmetric"))
    films = tensor_films.films(made, X.shape, ["histogram", "error"])
    for film in films.values():
        layout = unpack(film)[0]["figure"]["layout"]
        for axis in (layout["xaxis"], layout["yaxis"]):
            if axis.get("type") == "log":
                assert axis["ticktext"] and all(re.fullmatch("1|10[⁻⁰¹²³⁴⁵⁶⁷⁸⁹]*", text) for text in axis["ticktext"])
