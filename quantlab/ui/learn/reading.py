"""What to read, and why."""

from __future__ import annotations

from html import escape

import streamlit as st

from quantlab.learn.reading import REFERENCES, Reference
from quantlab.learn.topics import by_topic


def listed() -> None:
    """Every reference with one line why, and the way to a lab that shows its figure."""
    st.markdown("Each with one line why, and a state of a lab that shows what it says.")
    for topic, references in by_topic(REFERENCES).items():
        st.header(topic, anchor=False)
        st.html(f"<ul>{''.join(map(_line, references))}</ul>")


def _line(reference: Reference) -> str:
    title = f"<em>{escape(reference.title)}</em>"
    title = f'<a href="{escape(reference.link)}" target="_blank" rel="noopener">{title}</a>' if reference.link else title
    see = f' <a href="{escape(reference.see)}" target="_self">See it</a>.' if reference.see else ""
    return f"<li>{escape(reference.authors)}: {title}, {escape(reference.where)}. {escape(reference.why)}{see}</li>"
