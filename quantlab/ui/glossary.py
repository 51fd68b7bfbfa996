"""Terms as a list that reads well on a screen and on paper, and as what the browser shows beside a word."""

from __future__ import annotations

import json
from collections.abc import Sequence
from html import escape
from urllib.parse import quote

from quantlab.glossary import TERMS, Term

_STYLE = """<style>
.ql-glossary { margin: 0 !important; padding: 0 !important; max-width: 60rem; }
.ql-glossary dt { margin-top: .9rem; font-weight: 650; break-after: avoid; }
.ql-glossary dt small { font-weight: 400; opacity: .85; }
.ql-glossary dd { margin: .1rem 0 0; break-inside: avoid; }
.ql-glossary dd + dd { font-size: .9rem; }
.ql-glossary a { color: inherit; text-underline-offset: .15em; }
.ql-glossary cite { font-style: normal; opacity: .85; }
@media print { .ql-glossary a { color: inherit; text-decoration: none; } }
</style>"""


def listed(terms: Sequence[Term]) -> str:
    """The terms as a list of HTML: name, line, source, a state that shows it, related terms."""
    return f'{_STYLE}<dl class="ql-glossary">{"".join(map(_entry, terms))}</dl>' if terms else ""


def _entry(term: Term) -> str:
    also = f" <small>also {escape(', '.join(term.also))}</small>" if term.also else ""
    source = f" <cite>({escape(term.source)})</cite>" if term.source else ""
    related = ", ".join(f'<a href="glossary?q={quote(name)}" target="_self">{escape(name)}</a>' for name in term.related)
    shown = f'See <a href="{escape(term.address)}" target="_self">{escape(term.shown)}</a>'
    return f"<dt>{escape(term.name)}{also}</dt><dd>{escape(term.line)}{source}</dd><dd>{shown}. Related: {related}.</dd>"


def terms_json() -> bytes:
    """Every name, in lower case -> its term's name, line, what shows it and where: what the browser looks a word up in."""
    names = {name.lower(): [t.name, t.line, t.shown, t.address] for t in TERMS for name in (t.name, *t.also)}
    return json.dumps(names, ensure_ascii=False, separators=(",", ":")).encode()
