"""A page as a print lays it out."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from .lab import Lab

SHEET = 703  # CSS pixels of A4 between the margins of the page's own rule
# What ends beyond the sheet, and what cuts its own text or hides it behind a bar. Of a chart its frame counts: it clips its marks itself.
CUT = """sheet => [...document.querySelectorAll('[data-testid=stMain] *')].filter(e => {
  const box = e.getBoundingClientRect(), style = getComputedStyle(e);
  if (box.width < 2 || box.height < 2 || e.parentElement.closest('svg, .ql-spoken, .katex-mathml') || e.closest('.ql-spoken, .katex-mathml') || !e.checkVisibility()) return false;
  const text = e.matches('pre, code, table, td, th, p, li, .ql-numbers[data-layout=lines] *');
  return box.right > sheet + 1 || (text && style.display !== 'inline' && e.scrollWidth > e.clientWidth + 1);
}).map(e => `${e.tagName} ${e.className} ${Math.round(e.getBoundingClientRect().right)} ${e.scrollWidth} ${e.clientWidth}: ${e.textContent.slice(0, 60)}`)"""


@contextmanager
def on_paper(lab: Lab) -> Iterator[None]:
    """Lay the page out at once, without a chance to draw: observers of sizes are still, as they are in a print."""
    page = lab.page
    size = page.viewport_size
    page.evaluate("dispatchEvent(new Event('beforeprint'))")
    page.evaluate("document.querySelectorAll('.ql-plot').forEach(e => { e.style.width = `${e.offsetWidth}px`; })")
    page.emulate_media(media="print")
    page.set_viewport_size({"width": SHEET, "height": 1000})
    try:
        yield
    finally:
        page.evaluate("document.querySelectorAll('.ql-plot').forEach(e => { e.style.width = ''; })")
        page.set_viewport_size(size)
        page.emulate_media(media="screen")


def cut_on_paper(lab: Lab) -> list[str]:
    """Elements that a sheet does not hold."""
    with on_paper(lab):
        return lab.page.evaluate(CUT, SHEET)
