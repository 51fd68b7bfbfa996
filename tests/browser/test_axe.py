"""Does axe-core find anything on any page, in the light and in the dark, and can the names below every chart be read there?"""

from pathlib import Path

import numpy as np
import pytest

from quantlab.labs.catalog import LABS

from ..bench.test_hostile import examples, model
from .conftest import no_browser

AXE = Path(__file__).parents[1] / "js/node_modules/axe-core/axe.min.js"
# Rule -> selectors of Streamlit's own markup, which no page can mend.
NOT_OURS = {
    "scrollable-region-focusable": ["[data-testid=stCode] pre"],  # a program that is wider than its box cannot take the focus
    "list": ["[data-testid=stSidebarNavItems]"],  # sections of the navigation on a phone: items of a list that is none of theirs
    "listitem": ["[data-testid=stSidebarNavItems] li"],
    "presentation-role-conflict": ["[data-testid=stFileUploaderDropzone]"],  # an uploader's frame that takes the focus by script alone
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
# What passes is not listed: to name every such element takes as long as the rules do.
VIOLATIONS = """async notOurs => (await axe.run({ resultTypes: ['violations'] })).violations.flatMap(({ id, nodes }) => nodes
    .filter(node => !(notOurs[id] ?? []).some(css => document.querySelector(node.target[0])?.matches(css)))
    .map(node => [id, node.target.join(' '), node.html.slice(0, 300)]))"""

# Chart, text: ticks that are turned, and those of one axis that overlap.
UNREADABLE = """() => [...document.querySelectorAll('.ql-plot')].filter(labSeen).flatMap(chart => ['x', 'y'].flatMap(axis => {
  const texts = [...chart.querySelectorAll(`.${axis}tick text`)].map(text => [text, text.getBoundingClientRect()]);
  const turned = texts.filter(([text]) => text.transform.baseVal.consolidate()?.matrix.b);
  const covered = texts.filter(([text, a], k) => texts.slice(0, k).some(([other, b]) => text.parentNode !== other.parentNode
      && Math.min(a.right, b.right) > Math.max(a.left, b.left) + 1 && Math.min(a.bottom, b.bottom) > Math.max(a.top, b.top) + 4));
  return [...turned, ...covered].map(([text]) => [labKey(chart), text.textContent]); }))"""

BACK = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\\d+/g).map(Number)"


@pytest.mark.parametrize("slug", [*LABS, *LEARN])
def test_axe_finds_nothing_on_any_page_in_either_theme(reader, slug):
    if not AXE.exists():
        no_browser("axe-core is not installed: run `npm ci` in tests/js")
    lab = reader()
    arrive(lab, slug)
    assert lab.page.evaluate(UNREADABLE) == [], "ticks that are turned, or stand in each other"
    found = {"light": violations_of(lab)}
    lab.page.emulate_media(color_scheme="dark")
    lab.page.wait_for_function(f"Math.max(...{BACK}.slice(0, 3)) < 60")
    lab.settle(slider=False)
    found["dark"] = violations_of(lab)
    assert found == {"light": [], "dark": []}


def test_axe_finds_nothing_beside_files_that_were_brought(lab, tmp_path):
    if not AXE.exists():
        no_browser("axe-core is not installed: run `npm ci` in tests/js")
    arrays, float_model, data = (tmp_path / name for name in ("weights.npz", "model.onnx", "data.npz"))
    np.savez(arrays, w=np.random.default_rng(0).normal(size=(64, 64)).astype(np.float32))
    float_model.write_bytes(model())
    data.write_bytes(examples())
    lab.go("model?source=upload")
    lab.settle(slider=False).upload(arrays)
    found = {"model": violations_of(lab)}
    lab.go("bench?source=own")
    lab.settle(slider=False)
    for name, path in (("file", float_model), ("data", data)):
        lab.key(f"bench:upload:{name}").locator("input[type=file]").set_input_files(path)
        lab.settle(slider=False)
    found["bench"] = violations_of(lab.settle())
    assert found == {"model": [], "bench": []}


def violations_of(lab) -> list:
    """What axe finds on the page as it stands."""
    if not lab.page.evaluate("'axe' in window"):
        lab.page.evaluate(AXE.read_text())
    return lab.page.evaluate(VIOLATIONS, NOT_OURS)


def arrive(lab, slug: str) -> None:
    """Show a page; ``Lab.show`` waits for a slider, which some have not."""
    words = {"glossary": ".ql-glossary dt", "learn": ".st-key-begin-zero-point", **LEARN}.get(slug)
    if words is None:
        lab.show("" if slug == "home" else slug)
        return
    lab.go(slug)
    lab.page.locator(words).first.wait_for()
    lab.settle(slider=False)
