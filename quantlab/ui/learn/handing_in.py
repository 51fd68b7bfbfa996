"""What goes from hand to hand: worksheets with their solutions, and transcripts that this server signs and checks."""

from __future__ import annotations

from functools import partial

import streamlit as st

from quantlab.labs.text import markdown_safe
from quantlab.learn import transcript as transcripts
from quantlab.learn import worksheet as worksheets
from quantlab.learn.exercises import EXERCISES
from quantlab.ui.learn.lessons import all_lessons
from quantlab.ui.learn.progress import diary
from quantlab.ui.tables import table

_MOST_FIRST = 9_999


def worksheet() -> None:
    """Which exercises, how many sheets; the sheets and the solutions as files to print."""
    st.caption("Each sheet has numbers of its own. Who types the number of a sheet into the address of an exercise meets the same values.")
    titles = {exercise.slug: exercise.title for exercise in worksheets.chosen(())}
    names = st.multiselect("Exercises", list(titles), list(titles)[:4], format_func=titles.__getitem__, key="worksheet:exercises")
    with st.container(horizontal=True):
        count = st.number_input("Sheets", 1, worksheets.MOST_SHEETS, 30, key="worksheet:count")
        first = st.number_input("Number of the first sheet", 0, _MOST_FIRST, 1, key="worksheet:first")
    exercises, numbers = [EXERCISES[name] for name in titles if name in names], range(first, first + count)
    with st.container(horizontal=True):
        for label, make, file in (
            ("The sheets", worksheets.sheets, "worksheet"),
            ("The solutions", worksheets.solutions, "worksheet-solutions"),
        ):
            st.download_button(
                f"{label} (HTML, to print)",
                partial(make, exercises, numbers),
                f"{file}.html",
                "text/html",
                icon=":material/print:",
                on_click="ignore",
                disabled=not exercises,
                key=f"worksheet:{file}",
            )


def transcript() -> None:
    """A transcript of one's own, and whether one that was handed in is as this server signed it."""
    kept = diary()
    st.caption(
        "The server grades your answers again and signs the result, so that a teacher can check on this server that nothing was changed. "
        "Your name stands in that file alone; the server keeps neither."
    )
    name = st.text_input("Your name, or nothing", max_chars=transcripts.LONGEST_NAME, key="transcript:name")
    st.download_button(
        "My transcript (signed JSON)",
        partial(transcripts.signed, name, kept, all_lessons()),
        "transcript.json",
        "application/json",
        icon=":material/verified:",
        on_click="ignore",
        disabled=not (kept.lessons or kept.work),
        help=None if kept.lessons or kept.work else "Answer something first",
        key="transcript:mine",
    )
    file = st.file_uploader("Check a transcript", None, max_upload_size=1, key="transcript:check")
    if file is not None:
        _checked(file.getvalue())


def _checked(data: bytes) -> None:
    try:
        body = transcripts.checked(data.decode("utf-8"))
    except UnicodeDecodeError:
        st.error("This is no text in UTF-8; take the JSON file that a student downloaded.")
        return
    except ValueError as problem:
        st.error(f"{str(problem)[:1].upper()}{str(problem)[1:]}.")
        return
    rows = body["answers"]
    right = sum(row["score"] >= 1 for row in rows)
    who = body["name"] or "nobody by name"
    st.success(
        f"Signed by this server on {markdown_safe(body['made'])} for {markdown_safe(who)}: {right} of {len(rows)} answers are right."
    )
    table([{name: str(value) for name, value in row.items()} for row in rows], "handed-in")
