"""The rooms of the bench: a report, the matrix of known faults, a broken model."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from quantlab.bench.document import document
from quantlab.bench.report import as_json
from quantlab.labs.address import Address, Question
from quantlab.labs.bench.report import parts_of
from quantlab.labs.bench.request import YOURS
from quantlab.labs.bench.result import BenchResult
from quantlab.labs.forms import File
from quantlab.sources.upload import MAX_STATE
from quantlab.ui import live
from quantlab.ui.controls import Controls
from quantlab.ui.page import Page, titled
from quantlab.ui.tables import read_table
from quantlab.ui.uploading import HELD, tell

_HEIGHT = 360  # pixels of a table of layers, beyond which it scrolls
_OWN_PART = (
    "An error is *its own* where the layer makes it from the float model's own input, *inherited* where the layers before it made it. "
    "Values spread evenly within a step give 1/√12 = 0.289; clipped ones give more, values that lie on a level less."
)
_TITLES = {
    "file": "A float model (ONNX)",
    "data": "Examples: x and y (npz), or pictures (zip)",
    "quantized": "Its quantized form (ONNX), if you have one",
}


def draw_file(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """The uploader of a model or of its examples; files are read in a worker process with limited memory."""
    if where is not None:
        assert isinstance(question.form, File)
        key = f"bench:upload:{question.name}"
        file = where.file_uploader(
            _TITLES[question.name],
            list(question.form.endings),
            max_upload_size=MAX_STATE >> 20,
            key=key,
            help=f"{question.advice} {HELD}".strip(),
        )
        controls.bring(question.name, key, file)
    token: str = controls.keep(question.name)
    if where is not None:
        tell(token, where, named=True, uploader=question.name)
    return token


def report(page: Page, result: BenchResult, address: Address) -> None:
    """The verdict, where the error arises, and what is found."""
    films, label = result.films, address["bits"]
    live.numbers(films["verdict"], key="verdict")
    left, right = titled("Where the error arises", "Error over step")
    with left:
        live.plot(films["layers"], key="layers")
    with right:
        live.plot(films["steps"], key="steps")
    page.words(result, label)
    page.try_this(result, label)
    level = result.reports.get(label)
    if level is None:  # the thumb went on while the others were computed
        return
    with page.of_rest("findings"):
        _findings(result, level, label)
    if "reliability" in films:
        left, right = titled("Is it as sure as it is right?", "Damage by class" + (" and slice" if level["by_slice"] else ""))
        with left:
            live.plot(films["reliability"], key="reliability")
        with right, page.of_rest("parts"):
            read_table(parts_of(level), "Damage by class", 250)
    with page.of_rest("report"), st.container(horizontal=True):
        st.download_button(
            "Report of this level (HTML)",
            lambda: document(level),
            "report.html",
            "text/html",
            icon=":material/description:",
            on_click="ignore",
            key="bench:html",
        )
        st.download_button(
            "For a CI job (JSON)",
            lambda: as_json(level),
            "report.json",
            "application/json",
            icon=":material/data_object:",
            on_click="ignore",
            key="bench:json",
        )
    st.caption(_OWN_PART)


def _findings(result: BenchResult, level: Mapping[str, Any], label: str) -> None:
    st.header("What the boxes find" + (" in your file" if label == YOURS else f" at {label} bits"), anchor=False)
    if rows := result.rows[label]:
        read_table(rows, "What the boxes find")
    else:
        known = (
            "the answers are kept" if level["integers"] else "every law holds, every error follows from the steps, and the answers are kept"
        )
        st.caption(f"Nothing: {known}.")
    reasons = [{"Layer": e["layer"], "Why the ratio of its input is what it is": e["why"]} for e in level["layers"] if e["why"]]
    if reasons:
        read_table(reasons, "Why the ratios are what they are", _HEIGHT)


def faults(page: Page, result: BenchResult, address: Address) -> None:
    """Which box finds which fault."""
    live.numbers(result.films["boxes"], key="boxes")
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    st.header("Which box finds which fault", anchor=False)
    read_table(result.rows[""], "Which box finds which fault")
    st.caption("Each fault is put into the same sound model at 8 bits with a scale for each channel, and all boxes are opened.")


def quiz(page: Page, result: BenchResult, address: Address) -> None:
    """One broken model; the slider opens its boxes."""
    live.numbers(result.films["opened"], key="opened")
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])


ROOMS: dict[str, Callable[[Page, BenchResult, Address], None]] = {"report": report, "faults": faults, "quiz": quiz}
