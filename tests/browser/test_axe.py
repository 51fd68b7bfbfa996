"""Does axe-core find anything on any page, in the light and in the dark?"""

from pathlib import Path

import pytest

from quantlab.labs.catalog import LABS

from .conftest import no_browser

AXE = Path(__file__).parents[1] / "js/node_modules/axe-core/axe.min.js"
# Rule -> selectors of Streamlit's own markup, which no page can mend.
NOT_OURS = {
    "scrollable-region-focusable": ["[data-testid=stCode] pre"],  # a program that is wider than its box cannot take the focus
    "list": ["[data-testid=stSidebarNavItems]"],  # sections of the navigation on a phone: items of a list that is none of theirs
    "listitem": ["[data-testid=stSidebarNavItems] li"],
}

LEARN = {  # more pages of lessons, and what stands there at last
    "learn?lesson=step-and-range&step=4": ".ql-draw svg",
    "learn?lesson=pictures&step=2": "[data-film=wipe][data-level]",
    "learn?lesson=rounding-and-clipping&step=2": ".ql-mark svg",
    "learn?part=reading": "li",
    "learn?part=class": ".st-key-class-open",
    "learn?part=inventory": "[data-testid=stForm]",
    "learn?part=exercises&exercise=centroids": "form, [data-testid=stForm]",
}
VIOLATIONS = """async notOurs => (await axe.run()).violations.flatMap(({ id, nodes }) => nodes
    .filter(node => !(notOurs[id] ?? []).some(css => document.querySelector(node.target[0])?.matches(css)))
    .map(node => [id, node.target.join(' '), node.html.slice(0, 300)]))"""


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_axe_finds_nothing_on_any_page(new_lab, theme):
    if not AXE.exists():
        no_browser("axe-core is not installed: run `npm ci` in tests/js")
    lab = new_lab(color_scheme=theme)
    found = {}
    for slug in (*LABS, *LEARN):
        arrive(lab, slug)
        if violations := violations_of(lab):
            found[slug] = violations
    assert found == {}


def violations_of(lab) -> list:
    """What axe finds on the page as it stands."""
    lab.page.evaluate(AXE.read_text())
    return lab.page.evaluate(VIOLATIONS, NOT_OURS)


def arrive(lab, slug: str) -> None:
    """Open a page; ``Lab.open`` waits for a slider, which some have not."""
    words = {"glossary": ".ql-glossary dt", "learn": ".st-key-begin-zero-point", **LEARN}.get(slug)
    if words is None:
        lab.open("" if slug == "home" else slug)
        return
    lab.page.goto(f"{lab.url}/{slug}")
    lab.page.locator(words).first.wait_for()
