"""Whatever stands on the screen as an equation is true in the digits that are printed: over schemes, bits, roundings and values."""

import re

import numpy as np
import pytest

import quantlab as ql
from quantlab.labs.tensor import equations
from quantlab.labs.tensor.frames import FollowedValue
from quantlab.labs.text import MINUS
from quantlab.rounding import ROUNDINGS

RNG = np.random.default_rng(5)
AFFINE = ("int-symmetric", "int-asymmetric")
VALUES = {
    "normal": RNG.normal(size=400),
    "far from zero": RNG.normal(1000, 0.01, 400),
    "tiny": RNG.normal(size=400) * 1e-7,
    "large": RNG.normal(size=400) * 1e6,
    "ties": np.arange(-200, 200) / 2.0,
    "one sign": RNG.uniform(3, 4, 400),
}


def followed(x, spec, k):
    scheme = ql.SCHEMES[spec.scheme]
    q = ql.quantize(x, spec)
    qparams, value = q.qparams, x.ravel()[k]
    return FollowedValue(
        index=k,
        value=float(value),
        code=int(q.codes.ravel()[k]),
        place=float(scheme.place(np.array([[value]]), qparams, spec)[0, 0]),
        x_hat=float(ql.dequantize(q).ravel()[k]),
        scale=float(qparams.scale[0]),
        zero_point=int(qparams.zero_point[0]),
        qmin=qparams.qmin,
        qmax=qparams.qmax,
    )


def number(text):
    return float(text.replace(MINUS, "-").strip("() "))


def ulp(text):
    return equations.last_place(text.strip("() "))


def check(f, spec):
    code, rounding = equations.place_and_code(f, spec), ROUNDINGS[spec.rounding]
    found = re.fullmatch(
        r"[a-z ]+\((\S+) / (\S+?)(?: \+ (-?\d+))?\)(?: \+ (-?\d+))? = [a-z ]+\((\S+)\)(?: \+ -?\d+)? = (-?\d+)(?:, clipped to (-?\d+))?",
        code,
    )
    assert found, code
    value, scale, inner, outer, place, whole, clipped = found.groups()
    places = number(value) / number(scale) + int(inner or 0), number(place)
    for one in places:
        if rounding.random:
            assert abs(one + int(outer or 0) - int(whole)) < 1.6 or clipped, code
        else:
            assert rounding.apply(np.array([one]), None)[0] + int(outer or 0) == int(whole), code
    assert int(clipped or whole) == f.code, code
    assert bool(clipped) == (int(whole) != f.code)
    if clipped:
        assert f.code == np.clip(int(whole), f.qmin, f.qmax), code
    back = equations.reconstruction(f)
    scale, inner, sign, x_hat = re.fullmatch(r"(\S+) × (\(.*\)|-?\d+) ([=≈]) (\S+)", back).groups()
    steps = eval(inner.replace(MINUS, "-"))
    by_hand = number(scale) * steps
    if sign == "=":
        assert abs(by_hand - number(x_hat)) <= 0.51 * ulp(x_hat) + 1e-12 * abs(number(x_hat)), back
    else:
        assert abs(by_hand - number(x_hat)) <= 2e-7 * abs(number(x_hat)), back
        assert f.scale * steps != f.x_hat, "float32 rounded nothing here"
    off = equations.difference(f)
    x_hat, value, error = re.fullmatch(r"(\S+) − (\S+) = (\S+)", off).groups()
    assert abs(number(x_hat) - number(value) - number(error)) <= 0.51 * ulp(error) + 1e-12 * abs(number(x_hat)), off


@pytest.mark.parametrize("what", VALUES)
@pytest.mark.parametrize("bits", [2, 3, 4, 8, 12, 16])
@pytest.mark.parametrize("slug", AFFINE)
def test_equations_hold_in_the_digits_that_are_printed(slug, bits, what):
    x = VALUES[what].astype(np.float32)
    for calibrator in ("minmax" if slug == "int-asymmetric" else "absmax", *(["mse"] if bits < 8 else [])):
        for k in RNG.integers(0, x.size, 4):
            check(followed(x, spec := ql.QuantSpec(slug, bits=bits, calibrator=calibrator), int(k)), spec)


@pytest.mark.parametrize("arithmetic", ["onnx", "torch_fake", "torch_quant"])
@pytest.mark.parametrize("rounding", ROUNDINGS)
def test_equations_name_the_rounding_that_was_used(rounding, arithmetic):
    x = VALUES["normal"].astype(np.float32)
    try:
        spec = ql.QuantSpec("int-asymmetric", bits=5, rounding=rounding, arithmetic=arithmetic)
    except ValueError:
        pytest.skip("this arithmetic has a rounding of its own")
    for k in range(0, 400, 29):
        check(followed(x, spec, k), spec)


def test_the_equation_that_was_false():
    x = np.array([22690.4, -34905.6, 0.0], np.float32)
    spec = ql.QuantSpec("int-asymmetric", bits=16)
    for k in range(3):
        check(followed(x, spec, k), spec)
