"""Tables: ``read_table`` of words that wrap, can be searched, printed and read aloud; ``table`` to sort and scroll, of numbers.

A table to sort is drawn on a canvas, of which a print shows the part that is in sight. So the same rows stand in the page as a plain
one, too, because nothing can be fetched while a page is laid out for paper; only a print shows it.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape
from typing import Any, Literal  # Any: of Streamlit's own kinds, and what a cell may hold

import streamlit as st

from quantlab.labs.text import kilobytes, rounded_percent
from quantlab.ui.paper import on_screen_alone

Row = Mapping[str, Any]
MOST_ON_PAPER = 60  # rows: a page and a half
_SHORT = 10  # characters of a cell that is not broken
STYLE = """
[class*=st-key-paper-] { display: none; }
.ql-paper { width: 100%; border-collapse: collapse; font-size: .82rem; line-height: 1.25; font-variant-numeric: tabular-nums; }
.ql-paper th, .ql-paper td { padding: .2rem .45rem; border: 0 solid rgba(128,128,128,.5); border-bottom-width: 1px; text-align: left; vertical-align: top; overflow-wrap: anywhere; }
.ql-paper th { font-weight: 600; overflow-wrap: normal; }
.ql-paper .s { white-space: nowrap; }
.ql-table-room { overflow: auto; border: 1px solid rgba(128, 128, 128, .25); border-radius: .5rem; }
.ql-table { width: 100%; border-collapse: collapse; font-size: .88rem; line-height: 1.35; margin: 0; }
.ql-table th { text-align: left; font-weight: 400; opacity: .85; }
.ql-table td, .ql-table th { padding: .38rem .6rem; border: 0; border-bottom: 1px solid rgba(128, 128, 128, .2); vertical-align: top; }
.ql-table tr:last-child td { border-bottom: 0; }
@media print {
  .ql-table-room { max-height: none !important; }
  .ql-table tr { break-inside: avoid; }
  [class*=st-key-paper-] { display: block; }
  [class*=st-key-paper-] .stElementContainer { break-inside: auto; }
  .ql-paper tr { break-inside: avoid; }
}
"""


def table(
    rows: Sequence[Row],
    key: str,
    formats: Mapping[str, str] | None = None,
    columns: Mapping[str, Any] | None = None,
    height: int | Literal["auto", "content"] = "auto",
) -> None:
    """Draw rows, each a cell by its column's name.

    formats : of columns of numbers: "bytes", "percent" of shares, or a printf form such as "%.1f dB". columns : Streamlit's configurations
    of others. height : in pixels, or "content".
    """
    numbers = {
        name: st.column_config.NumberColumn(format=form, width=90 if form == "bytes" else None) for name, form in (formats or {}).items()
    }
    with on_screen_alone(key):
        st.dataframe(list(rows), hide_index=True, column_config=numbers | dict(columns or {}), key=key, height=height)
    if rows:
        with st.container(key=f"paper-{key}"):
            st.html(on_paper(rows, formats or {}))


def on_paper(rows: Sequence[Row], formats: Mapping[str, str]) -> str:
    """The rows, one at least, as HTML, all text escaped, at most ``MOST_ON_PAPER`` of them.

    >>> on_paper([{"Name": "<b>", "Share": 0.5}], {"Share": "percent"})
    '<table class="ql-paper"><thead><tr><th>Name<th>Share</thead><tr><td class=s>&lt;b&gt;<td class=s>50.0 %</table>'
    """
    names = list(rows[0])
    head = "".join(f"<th>{escape(name)}" for name in names)
    cells = ([said(row.get(name), formats.get(name)) for name in names] for row in rows[:MOST_ON_PAPER])
    body = "".join(f"<tr>{''.join(map(_cell, words))}" for words in cells)
    rest = f"<p>The first {MOST_ON_PAPER} of {len(rows)} rows.</p>" if len(rows) > MOST_ON_PAPER else ""
    return f'<table class="ql-paper"><thead><tr>{head}</thead>{body}</table>{rest}'


def _cell(words: str) -> str:
    return f"<td{' class=s' if len(words) <= _SHORT else ''}>{escape(words)}"


def said(value: Any, form: str | None = None) -> str:
    """A cell in words; what has no number is empty.

    >>> said(131072, "bytes"), said(0.0363, "percent"), said(19.04, "%.1f dB"), said(None), said(float("nan"), "%.1f")
    ('131 kB', '3.6 %', '19.0 dB', '', '')
    """
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    if form is None or isinstance(value, str):
        return str(value)
    if form == "bytes":
        return kilobytes(float(value))
    return rounded_percent(float(value), 1) if form == "percent" else form % value


def read_table(rows: Sequence[Row], title: str, height: int | None = None) -> None:
    """Draw rows of the same columns. title : what a screen reader calls it. height : in pixels, beyond which it scrolls."""
    if rows:
        st.html(table_html(rows, title, height))


def table_html(rows: Sequence[Row], title: str, height: int | None = None) -> str:
    """The table as HTML, whatever its words hold; the room around it takes the focus, so that keys scroll it.

    >>> table_html([{"Layer": "<b>", "Bits": 4}], "layers").partition("<tbody>")[2]
    '<tr><td>&lt;b&gt;</td><td>4</td></tr></tbody></table></div>'
    """
    high = f' style="max-height: {height}px"' if height else ""
    heads = "".join(f'<th scope="col">{escape(name)}</th>' for name in rows[0])
    body = "".join(f"<tr>{''.join(f'<td>{escape(str(cell))}</td>' for cell in row.values())}</tr>" for row in rows)
    room = f'<div class="ql-table-room" role="region" tabindex="0" aria-label="{escape(title)}"{high}>'
    return f'{room}<table class="ql-table"><thead><tr>{heads}</tr></thead><tbody>{body}</tbody></table></div>'
