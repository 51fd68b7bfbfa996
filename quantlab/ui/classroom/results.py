"""Results of a vote on the page: the histogram, mistakes by name, drawn curves as a cloud, and who changed."""

from __future__ import annotations

import math
from collections.abc import Sequence
from html import escape

import streamlit as st

from quantlab.classroom.results import Changes, Results
from quantlab.learn.lesson import Step
from quantlab.learn.questions import axis_of
from quantlab.ui import live
from quantlab.ui.learn.predictions import marked

_STYLE = """<style>
.ql-bars { border-collapse: collapse; width: 100%; font-size: 1rem; }
.ql-bars td { padding: .3rem .5rem .3rem 0; border: 0; vertical-align: middle; }
.ql-bars td:nth-child(2) { width: 45%; }
.ql-bars td:last-child { width: 3rem; text-align: right; font-variant-numeric: tabular-nums; }
.ql-bars i { display: block; height: 1.1rem; border-radius: .2rem; background: #0072B2; min-width: 2px; }
.ql-bars tr.right i { background: #009E73; }
.ql-bars tr.right td:first-child { font-weight: 650; }
.ql-changes { border-collapse: collapse; font-size: .9rem; }
.ql-changes :is(td, th) { padding: .25rem .6rem; border: 1px solid rgba(128,128,128,.35); text-align: center; font-weight: 400; }
.ql-changes td.same { background: rgba(128,128,128,.15); }
</style>"""


def results(found: Results, step: Step, key: str) -> None:
    """The distribution of a vote with the right answer marked; step : the question's, with its truth computed here."""
    question = step.question
    assert question is not None, "a step without a question has no results"
    truth = question.truth(step.state)
    if question.kind == "draw":
        shown = [v if math.isfinite(v) else None for v in truth.values()]
        live.draw(
            question.written_name, list(truth), axis_of(truth), question.unit, None, shown, key, lambda values: None, cloud=found.curves
        )
    elif question.kind == "mark":
        live.mark(question.written_name, marked(step, None, truth, found.curves), key, lambda values: None)
    else:
        right = step.filled(question.options[truth].label) if question.kind == "choice" else ""
        st.html(_STYLE + bars(found.bars, right))
        if question.kind == "number":
            st.markdown(f"It is **{question.written(truth)}**.")
        elif question.kind == "order":
            st.markdown(f"Right is: {' < '.join(step.filled(question.options[k].label) for k in truth)}.")
    if found.right is not None:
        st.markdown(f"**{found.right} of {found.answered}** are right.")
    if found.mistakes:
        st.markdown("Wrong ideas by name")
        st.html(_STYLE + bars(found.mistakes))
    if found.changes and any(map(sum, found.changes.counts)):
        st.markdown("From the first vote (rows) to the second (columns)")
        st.html(_STYLE + matrix(found.changes))


def bars(counted: Sequence[tuple[str, int]], right: str = "") -> str:
    """Labels with bars, as a table of HTML; the right one is marked.

    >>> bars([("<b>", 3)], "<b>").count("&lt;b&gt;"), "✓" in bars([("a", 1), ("b", 0)], "b")
    (1, True)
    """
    most = max([1, *(count for _, count in counted)])
    rows = (
        f'<tr class="{"right" if label == right else ""}"><td>{escape(label)}{" ✓" if label == right else ""}</td>'
        f'<td><i style="width: {100 * count / most:.1f}%"></i></td><td>{count}</td></tr>'
        for label, count in counted
    )
    return f'<table class="ql-bars">{"".join(rows)}</table>'


def matrix(changes: Changes) -> str:
    """Who went from which answer to which, as a table of HTML."""
    head = "".join(f"<th>{escape(label)}</th>" for label in changes.labels)
    rows = (
        f"<tr><th>{escape(label)}</th>"
        + "".join(f'<td class="{"same" if j == i else ""}">{count}</td>' for j, count in enumerate(changes.counts[i]))
        + "</tr>"
        for i, label in enumerate(changes.labels)
    )
    return f'<table class="ql-changes"><tr><th></th>{head}</tr>{"".join(rows)}</table>'
