"""A page on paper: what no hand can use there goes, what scrolls on the screen is whole, and nothing is wider than the sheet.

``live/paper.js`` makes all of it as much smaller as the sheet is narrower than the window. In the dark the page is turned into its
negative, since charts have drawn their colours already.
"""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

STYLE = """
@page { margin: 12mm; }
@media print {
  [data-testid=stHeader], [data-testid=stSidebar], .stButton, .stDownloadButton, .stButtonGroup, .stPageLink { display: none !important; }
  [data-testid=stTooltipIcon], .ql-program button, [class*=st-key-screen-] { display: none !important; }
  .stElementContainer:has(h2, h3) { break-after: avoid; }
  [data-testid=stMain], [data-testid=stBottom] { zoom: var(--ql-paper, 1); }
  .stApp, .stAppViewContainer, [data-testid=stMain], [data-testid=stBottom] { position: static !important; height: auto; overflow: visible; }
  [data-testid=stMain] { display: flex; flex-direction: column; }
  [data-testid=stBottom] { order: -1; }
  [data-testid=stBottom], [data-testid=stBottom] > div { background: none !important; }
  [data-testid=stMainBlockContainer] { padding: 0; }
  .stElementContainer, .st-key-at-rest-program { break-inside: avoid; }
  :root, body, .stApp { color-scheme: light !important; background: #fff !important; }
  .st-key-tries, .stSelectbox, .stTextInput, .stTextArea, .stNumberInput, .stFileUploader, .stProgress { display: none !important; }
  [data-testid=stCodeCopyButton], [data-testid=stElementToolbar] { display: none !important; }
  .ql-program pre, .stCode pre, .stMarkdown pre { background: none !important; border: 1px solid rgba(128,128,128,.5); max-height: none !important; overflow: visible !important; }
  .ql-program code, .stCode code, .stMarkdown pre code { white-space: pre-wrap !important; overflow-wrap: anywhere; }
  .ql-numbers[data-layout=lines] * { white-space: normal !important; overflow-wrap: anywhere; }
}
@media print and (prefers-color-scheme: dark) {
  [data-testid=stMain] { filter: invert(1) hue-rotate(180deg); --ql-on-paper: invert(1) hue-rotate(180deg); }
  [data-testid=stMain] img { filter: var(--ql-on-paper); }
}
"""


def on_screen_alone(name: str) -> DeltaGenerator:
    """Room for what paper does without: a heading above nothing but buttons, advice on what to click."""
    return st.container(key=f"screen-{name}")
