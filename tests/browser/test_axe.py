"""Does axe-core find anything on any page, in the light and in the dark?"""

from pathlib import Path

import pytest

from quantlab.labs.catalog import LABS

from .conftest import no_browser

AXE = Path(__file__).parents[1] / "js/node_modules/axe-core/axe.min.js"
# Rule -> selectors of Streamlit's own markup, which no page can mend.
NOT_OURS = {"scrollable-region-focusable": ["[data-testid=stCode] pre"]}  # a program that is wider than its box cannot take the focus

VIOLATIONS = """async notOurs => (await axe.run()).violations.flatMap(({ id, nodes }) => nodes
    .filter(node => !(notOurs[id] ?? []).some(css => document.querySelector(node.target[0])?.matches(css)))
    .map(node => [id, node.target.join(' '), node.html.slice(0, 300)]))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(new_lab, theme):
    if not AXE.exists():
        no_browser("axe-core is not installed: run `npm ci` in tests/js")
    lab = new_lab(color_scheme=theme)
    found = {}
    for slug in LABS:
        arrive(lab, slug)
        lab.page.evaluate(AXE.read_text())
        if violations := lab.page.evaluate(VIOLATIONS, NOT_OURS):
            found[slug] = violations
    assert found == {}


def arrive(lab, slug: str) -> None:
    """Open a page; the glossary has no slider, which ``Lab.open`` waits for."""
    if slug != "glossary":
        lab.open("" if slug == "home" else slug)
        return
    lab.page.goto(f"{lab.url}/{slug}")
    lab.page.locator(".ql-glossary dt").first.wait_for()
