"""The tensor lab's films on ``st.slider``: the same frames, charts and numbers, drawn by Streamlit at every step."""

import sys
from pathlib import Path

import numpy as np
import streamlit as st

sys.path.insert(0, str(Path(__file__).parents[3]))

import quantlab as ql
from quantlab import comparison as tensor_compare
from quantlab.film import unpack
from quantlab.labs.tensor import films as tensor_films
from quantlab.labs.tensor import frames as tensor_frames
from quantlab.labs.tensor.scrubs import SCRUBS
from quantlab.sources import TENSOR_SOURCES
from tests.steps import finished


@st.cache_resource
def made():
    x, spec, scrub = TENSOR_SOURCES["weights"].make(65536, 0), ql.QuantSpec("int-symmetric"), SCRUBS["bits"]
    frames = finished(tensor_frames.frames(lambda v: x, lambda v: scrub.spec_at(spec, v), "bits", scrub.values(spec, x.shape)))
    curve = tensor_films.curve_film(frames, finished(tensor_compare.compare(x, spec.granularity)), False)
    return frames, tensor_films.films(frames, x.shape), curve


def chart_at(film: bytes, level: int) -> dict:
    header, payload = unpack(film)
    floats, figure = np.frombuffer(payload, np.float32), header["figure"]
    for track in header["tracks"]:
        for axis in "xy":
            start, length = track[axis][0 if len(track[axis]) == 1 else level]
            figure["data"][track["trace"]][axis] = floats[start : start + length]
    figure["layout"]["title"] = {"text": f"level {header['labels'][level]}"}
    return figure


st.set_page_config(layout="wide")
frames, films, curve = made()
bits = st.slider("Bits", 1, 16, 4)
top, bottom = st.columns(2), st.columns(2)
for column, name, film in zip(
    (*top, *bottom), ("histogram", "curve", "transfer", "error"), (films.histogram, curve, films.transfer, films.error), strict=True
):
    column.plotly_chart(chart_at(film, bits - 1), key=name, theme=None)
for column, entry in zip(st.columns(7), unpack(films.numbers)[0]["entries"], strict=True):
    column.metric(entry["name"], entry["texts"][bits - 1])
header, payload = unpack(films.error_map)
rows, cols = header["rows"], header["cols"]
shades = np.frombuffer(payload, np.uint8).reshape(-1, rows, cols)[bits - 1]
st.image(np.array(header["palette"], np.uint8)[shades])
st.write(f"all at level {bits}")
