"""Would plotly's own classes take every figure that the labs build as a plain dict?"""

import inspect

import numpy as np
import plotly.graph_objects as go
import pytest

import quantlab as ql
from quantlab import comparison as tensor_compare
from quantlab.audio.chain import Chain
from quantlab.audio.clips import load_clip
from quantlab.film import Strip, unpack
from quantlab.film.figures import Chart
from quantlab.labs.audio import films as audio_films
from quantlab.labs.audio.recipe import ChainRecipe
from quantlab.labs.catalog import LABS
from quantlab.labs.reference import films as reference_films
from quantlab.labs.tensor import films as tensor_films
from quantlab.labs.tensor import frames as tensor_frames
from quantlab.labs.tensor.scrubs import SCRUBS
from quantlab.progress import finish
from quantlab.sources import TENSOR_SOURCES
from quantlab.sources.sounds import Sound
from tests.steps import finished


def tensor_charts(scheme: str, scrub: str) -> dict[str, bytes]:
    x = TENSOR_SOURCES["weights"].make(4096, 0)
    spec, entry = ql.QuantSpec(scheme), SCRUBS[scrub]
    values = entry.values(spec, x.shape)
    frames = finished(
        tensor_frames.frames(lambda v: entry.tensor_at(x, v), lambda v: entry.spec_at(spec, v), entry.knob(spec), values, None)
    )
    curves = finished(tensor_compare.compare(x, spec.granularity))
    return tensor_films.films(frames, x.shape, ("histogram", "transfer", "error", "curve"), curves)


def every_chart():
    for scheme, scrub in (("int-symmetric", "bits"), ("float", "bits"), ("int-asymmetric", "clip"), ("mu-law", "group")):
        yield from ((f"{scheme} {scrub} {name}", film) for name, film in tensor_charts(scheme, scrub).items())
    yield from ((f"home {view}", film) for view, film in finished(LABS["home"].show(LABS["home"].read({}))).films.items())
    for room, device in (("tensors", "own"), ("hardware", "own"), ("hardware", "a100")):
        shown = finish(LABS["model"].show(LABS["model"].read({"source": "small", "room": room, "device": device})))
        yield from ((f"model {room} {view}", film) for view, film in shown.films.items())
    for name in ("int-symmetric", "float"):
        recipe = ChainRecipe(Chain(ql.QuantSpec(name)))
        frames = finished(recipe.frames(Sound(load_clip("voice").samples[:9000], 48_000)))
        yield from ((f"sound {name} {field}", film) for field, film in audio_films.films(frames, recipe, list(audio_films.VIEWS)).items())
    for name, make in inspect.getmembers(reference_films, inspect.isfunction):
        if make.__module__ == reference_films.__name__ and not name.startswith("_") and not inspect.signature(make).parameters:
            yield f"reference {name}", make()


@pytest.mark.slow
def test_plotly_takes_every_figure():
    seen = 0
    for name, film in every_chart():
        if not isinstance(film, bytes) or "figure" not in (header := unpack(film)[0]):
            continue
        figure = go.Figure(header["figure"])  # raises on a word that plotly does not know
        assert len(figure.data) >= 1, name
        assert figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None, f"{name} would rescale"
        assert figure.layout.xaxis.tickangle == 0, f"{name}: plotly would turn names that have no room"
        for axis in (figure.layout.xaxis, figure.layout.yaxis):
            assert axis.type != "log" or axis.ticktext, f"{name}: ticks of a logarithmic axis in plotly's own style"
        seen += 1
    assert seen >= 20


def test_a_wrong_word_would_be_seen():
    chart = Chart(Strip(("1",)), 200, "a chart", "x", "y").axes((0, 1), (0, 1), xaxis_tikvals=[1])
    with pytest.raises(ValueError, match="tikvals"):
        go.Figure(unpack(chart.film())[0]["figure"])


def test_axes_reach_into_the_layout_and_keep_the_rest():
    chart = Chart(Strip(("1",)), 200, "a chart", "x", "y").axes(
        (0, 1), xaxis_type="log", yaxis2={"range": [0, 2]}, yaxis2_dtick=1, margin={"l": 9}
    )
    assert chart.layout["xaxis"]["type"] == "log" and chart.layout["xaxis"]["range"] == [0, 1]
    assert chart.layout["yaxis2"] == {"range": [0, 2], "dtick": 1}
    assert chart.layout["margin"]["l"] == 9 and chart.layout["margin"]["r"] == 12


def test_what_has_no_place_on_an_axis_is_a_gap():
    chart = Chart(Strip(("1",)), 200, "a chart", "x", "y").points("dots", np.array([1.0, 2, 3]), np.array([np.inf, np.nan, 5]), "#000000")
    assert unpack(chart.film())[0]["figure"]["data"][0]["y"] == [None, None, 5.0]
