"""The rooms of the model lab: every tensor of a file, and what hardware makes of it."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.model.reading import SAMPLE
from quantlab.labs.model.result import ModelResult
from quantlab.labs.model.words import already
from quantlab.labs.text import fixed, kilobytes, markdown_safe
from quantlab.model_file.activations import MAX_SAMPLES
from quantlab.model_file.hardware import DEVICES, UNITS
from quantlab.model_file.names import brief, printable
from quantlab.model_file.report import Cell, contents
from quantlab.ui import live, tables
from quantlab.ui.page import Page, titled

MOST_ROWS = 1000
_MEASURED = (
    f"Statistics are of all values; errors are of evenly spaced rows, some {SAMPLE} values a tensor. An error of weights is not the error of "
    "answers: which tensor an answer depends on, only a test of the model says."
)
_OUTPUTS = (
    f" Errors of outputs, ‖X(W − Ŵ)ᵀ‖² a sample, are of the same rows, on at most {MAX_SAMPLES} samples of each array, evenly spaced."
)
_ROOF = (
    "The roofline is a model, not a measurement: a step takes at least as long as its bytes need at full bandwidth, and its operations at full peak. "
    "Weights in fewer bits are brought to 16 bits before they are multiplied; the dashed roofs need both factors in that format. Peaks and bandwidths "
    "are the vendors' own, dense. Memory leaves out what software adds."
)


@contextmanager
def waiting() -> Iterator[None]:
    """What stands in place of the films while a file is read."""
    place = st.empty()
    with place.container(key="waiting-model"):
        st.html('<div data-film="waiting" class="ql-waiting">Reading the file …</div>')
    try:
        yield
    finally:
        place.empty()


def tensors(page: Page, result: ModelResult, label: str) -> None:
    """Size against error, and every tensor under every option."""
    films, frames = result.films, result.frames
    if frames.measured:
        left, right = titled("Size and error", "Every tensor under every option")
        with left:
            live.plot(films["tradeoff"], key="tradeoff")
        with right:
            live.image(films["heat"], key="heat")
    page.try_this(result, label)
    live.numbers(films["numbers"], key="numbers")
    page.words(result, label)
    for sentence in (already(frames), *frames.listing.model.notes):
        if sentence:
            st.info(markdown_safe(printable(sentence)) if sentence != already(frames) else sentence)


def table(page: Page, result: ModelResult, address: Address) -> None:
    """The tensors, ranked, and what the file holds by type."""
    frames, label = result.frames, address["bits"]
    rows = frames.arranged(label, address["order"], address["filter"])
    with page.of_rest("table"):
        if rows:
            wide = {"Tensor": st.column_config.TextColumn(width=250, pinned=True)}
            tables.table([readable(row, bool(frames.with_outputs)) for row in rows[:MOST_ROWS]], "tensors", _FORMATS, wide)
        else:
            st.caption(f"No name is like {markdown_safe(address['filter'])}.")
    shown = f" {MOST_ROWS} of {len(rows)} tensors are shown; the downloads hold all." if len(rows) > MOST_ROWS else ""
    if not frames.listing.complete:
        shown += (
            f" {len(frames.listing.measured)} of {len(frames.listing.model.tensors)} tensors are measured so far, the largest come last; order, "
            "shares of the error and the best options settle with the last one, and then the plan and the numbers can be taken along."
        )
    st.caption(_MEASURED + (_OUTPUTS if frames.with_outputs else "") + shown)
    st.header("What the file holds", anchor=False)
    held = contents(frames.listing.model)
    tables.table([_held(row) for row in held], "held", height="content")


def readable(row: dict[str, Cell], outputs: bool = False) -> dict[str, str | float | None]:
    """A row of the table: words, and numbers by which a person can sort; what has no number is empty. outputs : whether activations were brought."""

    def number(name: str) -> float | None:
        value = float(row[name])
        return value if math.isfinite(value) else None

    left = row["option"] == "leave"
    return {
        "Tensor": brief(str(row["tensor"]), 300),
        "Shape": str(row["shape"]).replace("x", " × "),
        "Type": str(row["dtype"]),
        "Size": number("bytes"),
        "Share": number("share"),
        "Outlier ratio": number("outlier_ratio"),
        "Becomes": str(row["option"]),
        "SQNR": None if left else number("sqnr_db"),
        "Share of error": None if left else number("share_of_error"),
        **({"Output SQNR": number("output_sqnr_db"), "Share of output error": number("share_of_output_error")} if outputs else {}),
        "Best at this size": str(row["best_at_this_size"]),
        "Its SQNR": None if left else number("best_sqnr_db"),
        "Note": printable(str(row["note"])),
    }


_FORMATS = {
    "Size": "bytes",
    "Share": "percent",
    "Outlier ratio": "%.1f",
    "SQNR": "%.1f dB",
    "Share of error": "percent",
    "Output SQNR": "%.1f dB",
    "Share of output error": "percent",
    "Its SQNR": "%.1f dB",
}


def _held(row: dict[str, Cell]) -> dict[str, str]:
    return {
        "Type": printable(str(row["type"])),
        "Tensors": str(row["tensors"]),
        "Values": f"{int(row['values']):,}".replace(",", " "),
        "Size": kilobytes(float(row["bytes"])),
        "Bits per value": fixed(float(row["bits_per_value"]), 2),
    }


def hardware(page: Page, result: ModelResult, label: str) -> None:
    """Memory at run time and the roofline; which units multiply which formats."""
    left, right = titled("Memory while it runs", "The roofline")
    with left:
        live.plot(result.films["memory"], key="memory")
    with right:
        live.plot(result.films["roofline"], key="roofline")
    page.try_this(result, label)
    live.numbers(result.films["numbers"], key="numbers")
    page.words(result, label)
    st.caption(_ROOF)
    st.header("Which units multiply which formats", anchor=False)
    wide = st.column_config.TextColumn(width="large")
    tables.table(
        [
            {
                "Unit": u.name,
                "Both factors": ", ".join(u.formats),
                "Sums": u.sums,
                "Source": u.source,
                "Looked up in": u.found or "not confirmed",
            }
            for u in UNITS
        ],
        "units",
        columns={"Both factors": st.column_config.TextColumn(width=260), "Source": wide, "Looked up in": wide},
        height="content",
    )
    st.caption(
        "A format that stands in no line, such as NF4 or groups of 3 bits, is one of storage alone: it is unpacked before it is multiplied."
    )
    tables.table(
        [{"Device": d.title, "Source": d.source, "Looked up in": d.found or "not confirmed"} for d in DEVICES.values()],
        "devices",
        columns=dict.fromkeys(("Source", "Looked up in"), wide),
        height="content",
    )
    st.caption(
        "The vendors' own documents could not be opened when the tables were checked (28 November 2026): the lines were found where they say."
    )


ROOMS: dict[str, Callable[[Page, ModelResult, str], None]] = {"tensors": tensors, "hardware": hardware}
