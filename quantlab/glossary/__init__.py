"""The glossary: one plain line for every term that the app uses, what it is related to, and a state of a lab that shows it."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from quantlab.caching import cache
from quantlab.glossary.term import Term
from quantlab.glossary.terms import TERMS

__all__ = ["TERMS", "Term", "find", "link", "term_of"]


@cache
def _by_name() -> dict[str, Term]:
    return {name.casefold(): term for term in TERMS for name in (term.name, *term.also)}


def term_of(name: str) -> Term | None:
    """The term of this name or of one of its other names, None where there is none.

    >>> term_of("sqnr").name, term_of("affine").name, term_of("no such word")
    ('SQNR', 'asymmetric', None)
    """
    return _by_name().get(name.strip().casefold())


def find(words: str) -> Sequence[Term]:
    """The terms that hold all of these words, those that are named so first; all where no word is given.

    >>> [term.name for term in find("even round")][0], find("zzz")
    ('rounding half to even', [])
    """
    parts = words.casefold().split()
    found = [term for term in TERMS if all(part in term.text for part in parts)]
    return sorted(found, key=lambda term: _rank(term, words.strip().casefold(), parts))


def _rank(term: Term, whole: str, parts: Sequence[str]) -> int:
    names = [name.casefold() for name in (term.name, *term.also)]
    named = all(any(part in name for name in names) for part in parts)
    return 0 if not parts or whole in names else 1 if any(name.startswith(whole) for name in names) else 2 if named else 3


def link(name: str, words: str = "") -> str:
    """A term in Markdown, leading to its line; ValueError for one that the glossary does not have.

    >>> link("zero point", "Where zero lies")
    '[Where zero lies](glossary?q=zero%20point)'
    """
    term = term_of(name)
    if term is None:
        raise ValueError(f"the glossary has no {name!r}; add it to quantlab/glossary/terms.py")
    return f"[{words or name}](glossary?q={quote(term.name)})"
