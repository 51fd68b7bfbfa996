"""Does axe-core find anything on any page, in the light and in the dark, does paper hold it, and can the names below every chart be read?"""

from pathlib import Path

import numpy as np
import pytest
from safetensors.numpy import save_file

from quantlab.labs.catalog import LABS

from ..bench.test_hostile import examples, named
from ..sources.hostile import EVIL, MARKUP
from .conftest import no_browser
from .paper import cut_on_paper

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
def test_axe_finds_nothing_on_any_page_in_either_theme_and_a_sheet_holds_it(reader, slug):
    lab = reader()
    arrive(lab, slug)
    assert cut_on_paper(lab) == []
    lab.settle(slider=False)
    if not AXE.exists():
        no_browser("axe-core is not installed: run `npm ci` in tests/js")
    assert lab.page.evaluate(UNREADABLE) == [], "ticks that are turned, or stand in each other"
    found = {"light": violations_of(lab)}
    lab.page.emulate_media(color_scheme="dark")
    lab.page.wait_for_function(f"Math.max(...{BACK}.slice(0, 3)) < 60")
    lab.settle(slider=False)
    found["dark"] = violations_of(lab)
    assert found == {"light": [], "dark": []}


def test_axe_finds_nothing_beside_files_that_were_brought_and_no_name_in_them_becomes_an_element(lab, tmp_path):
    weights, float_model, data = (tmp_path / f"<img src=x data-evil>{name}" for name in ("w.safetensors", "model.onnx", "data.npz"))
    noise = np.random.default_rng(0)
    save_file({f"{name}.weight": noise.normal(size=(16, 64)).astype(np.float32) for name in MARKUP}, weights)
    float_model.write_bytes(named(MARKUP))
    data.write_bytes(examples())
    lab.go("model?source=upload")
    lab.settle(slider=False).upload(weights)
    found = {"model": looked_at(lab, "tradeoff", "heat")}
    lab.go("bench?source=own")
    lab.settle(slider=False)
    for name, path in (("file", float_model), ("data", data)):
        lab.key(f"bench:upload:{name}").locator("input[type=file]").set_input_files(path)
        lab.settle(slider=False)
    lab.settle()
    found["bench"] = looked_at(lab, "layers", "steps")
    assert found == {"model": [], "bench": []}


def looked_at(lab, *charts: str) -> list:
    """What is wrong with a page whose charts are pointed at: cut on paper, an element out of a name, what axe finds."""
    for chart in charts:
        lab.key(chart).hover()
    found = [*lab.page.locator(EVIL).all(), *cut_on_paper(lab)]
    lab.settle(slider=False)
    if not AXE.exists():
        no_browser("axe-core is not installed: run `npm ci` in tests/js")
    return [*found, *violations_of(lab)]


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
