"""No name on the chart of all schemes lies on another or on a line: read back from the film, in the chart's own coordinates."""

import re

import numpy as np
import pytest

import quantlab as ql
from quantlab.comparison import compare
from quantlab.film import unpack
from quantlab.labs.tensor.films import curve_film
from quantlab.sources import TENSOR_SOURCES
from tests.labs.test_tensor_frames import frames_of
from tests.steps import finished

WIDTH, HEIGHT = 330, 236  # pixels of the axes on a narrow screen
CASES = [
    ("weights", ql.QuantSpec("int-symmetric")),
    ("weights", ql.QuantSpec("kmeans", method="lloyd", granularity=ql.per_group(64))),
    ("normal", ql.QuantSpec("int-asymmetric", granularity=ql.per_group(32), scales="e8m0")),
    ("sine", ql.QuantSpec("mu-law")),
    ("uniform", ql.QuantSpec("log")),
    ("relu", ql.QuantSpec("int-symmetric", granularity=ql.per_group(16))),
]


def film_of(source, spec, axis):
    x = TENSOR_SOURCES[source].make(4096, 0)
    made, _ = frames_of(spec, x=x)
    curves = finished(compare(x, spec.granularity, spec.knobs.get("scales", "float32")))
    return made, unpack(curve_film(made, curves, source == "sine", axis))[0]["figure"], curves


def pixels(layout, x, y):
    (left, right), (low, high) = layout["xaxis"]["range"], layout["yaxis"]["range"]
    return (np.asarray(x, float) - left) / (right - left) * WIDTH, (np.asarray(y, float) - low) / (high - low) * HEIGHT


def boxes(layout):
    for note in layout["annotations"]:
        text = re.sub("<[^>]*>", "", note["text"])
        x, y = pixels(layout, note["x"], note["y"])
        wide, tall = 0.49 * note["font"]["size"] * len(text), note["font"]["size"]
        left = x - wide if note["xanchor"] == "right" else x
        yield text, (float(left), float(y - tall / 2), float(left + wide), float(y + tall / 2))


def drawn(figure):
    """All lines as points a pixel apart, and the dots."""
    for trace in figure["data"]:
        if "x" not in trace:
            continue
        x, y = pixels(figure["layout"], *(np.array([np.nan if v is None else v for v in trace[axis]], float) for axis in "xy"))
        if trace["mode"] == "markers" or len(x) < 2:
            yield trace["name"], x, y
        else:
            at = np.arange(0, len(x) - 1, 0.01)
            yield trace["name"], np.interp(at, np.arange(len(x)), x), np.interp(at, np.arange(len(y)), y)


@pytest.mark.slow
@pytest.mark.parametrize("axis", ["value", "code"])
@pytest.mark.parametrize("source, spec", CASES, ids=str)
def test_no_name_lies_on_another_or_on_a_line(source, spec, axis):
    _, figure, _ = film_of(source, spec, axis)
    named = list(boxes(figure["layout"]))
    assert len(named) >= 5
    for i, (name, a) in enumerate(named):
        assert a[0] >= 0 and a[1] >= 0 and a[3] <= HEIGHT + 1, f"{name} leaves the chart"
        for other, b in named[:i]:
            assert not (a[0] < b[2] and b[0] < a[2] and a[1] < b[3] and b[1] < a[3]), f"{name} lies on {other}"
        for line, x, y in drawn(figure):
            hit = (x > a[0]) & (x < a[2]) & (y > a[1]) & (y < a[3])
            assert not hit.any(), f"{name} lies on the line of {line}"


def test_every_line_says_its_name_at_the_pointer():
    _, figure, curves = film_of("weights", ql.QuantSpec("int-symmetric"), "value")
    names = {trace["name"] for trace in figure["data"]}
    assert {curve.title for curve in curves if len(curve.points) > 1 and curve.scheme != "int-symmetric"} <= names


def test_a_block_format_stands_where_its_scales_put_it():
    _, figure, _ = film_of("weights", ql.QuantSpec("int-symmetric", granularity=ql.per_group(32)), "value")
    at = {trace["name"]: trace["x"][0] for trace in figure["data"] if trace["mode"] == "markers" and "x" in trace}
    assert at["MXFP4"] == 4.25 and at["Q4_0"] == 4.5
    assert figure["layout"]["xaxis"]["title"]["text"] == "bits per value"
    _, by_code, _ = film_of("weights", ql.QuantSpec("int-symmetric", granularity=ql.per_group(32)), "code")
    at = {trace["name"]: trace["x"][0] for trace in by_code["data"] if trace["mode"] == "markers" and "x" in trace}
    assert at["MXFP4"] == 4 and by_code["layout"]["xaxis"]["title"]["text"] == "bits per code"


def test_the_chart_and_the_tiles_count_the_same_bits():
    spec = ql.QuantSpec("int-symmetric", granularity=ql.per_group(16), scales="float16")
    made, _ = frames_of(spec)
    curves = finished(compare(TENSOR_SOURCES["weights"].make(4096, 0), spec.granularity, "float16"))
    own = next(curve for curve in curves if curve.scheme == "int-symmetric")
    assert [frame.point.metrics["bits_per_value"] for frame in made.frames] == list(own.column("bits_per_value"))
    assert own.column("bits_per_value")[3] == 4 + 16 / 16
