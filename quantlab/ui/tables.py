"""Tables to read: words that wrap, can be searched, printed and read aloud, and need no grid to be loaded.

A table to sort, with numbers, is ``st.dataframe``.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from html import escape

import streamlit as st

Row = Mapping[str, object]
_STYLE = """<style>
.ql-table-room { overflow: auto; border: 1px solid rgba(128, 128, 128, .25); border-radius: .5rem; }
.ql-table { width: 100%; border-collapse: collapse; font-size: .88rem; line-height: 1.35; margin: 0; }
.ql-table th { text-align: left; font-weight: 400; opacity: .85; }
.ql-table td, .ql-table th { padding: .38rem .6rem; border: 0; border-bottom: 1px solid rgba(128, 128, 128, .2); vertical-align: top; }
.ql-table tr:last-child td { border-bottom: 0; }
@media print { .ql-table-room { max-height: none !important; } .ql-table tr { break-inside: avoid; } }
</style>"""


def read_table(rows: Sequence[Row], title: str, height: int | None = None) -> None:
    """Draw rows of the same columns. title : what a screen reader calls it. height : in pixels, beyond which it scrolls."""
    if rows:
        st.html(_STYLE + table_html(rows, title, height))


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
