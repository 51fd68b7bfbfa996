"""Can the slider be used without a mouse, and does it say where it stands?"""

import pytest


def test_the_slider_is_found_by_its_role_and_name(reader):
    lab = reader().show()
    slider = lab.page.get_by_role("slider", name="Bits", exact=True)
    assert slider.count() == 1
    assert slider.get_attribute("aria-valuetext") == lab.level == "4"


@pytest.mark.parametrize("key, level", [("ArrowRight", "5"), ("ArrowLeft", "3"), ("Home", "1"), ("End", "16")])
def test_a_key_moves_the_level_and_the_focus_stays(reader, key, level):
    lab = reader().show()
    slider = lab.page.get_by_role("slider", name="Bits", exact=True)
    slider.focus()
    sent = len(lab.sent)
    slider.press(key)
    lab.painted()
    assert lab.level == slider.get_attribute("aria-valuetext") == level
    lab.settle()
    assert len(lab.sent) == sent + 1  # told once, when the key had rested
    assert lab.query() == {"bits": level} and set(lab.film_levels().values()) == {level}
    assert slider.evaluate("s => s === document.activeElement")


def test_a_key_held_down_is_told_to_python_once(reader):
    lab = reader().show()
    slider = lab.page.get_by_role("slider", name="Bits", exact=True)
    slider.focus()
    sent = len(lab.sent)
    for _ in range(6):
        slider.press("ArrowRight")
    lab.settle()
    assert lab.level == "10" and lab.query() == {"bits": "10"}
    assert len(lab.sent) == sent + 1


def test_a_slider_of_formats_reads_out_the_format(reader):
    lab = reader().show("tensor?scheme=float")
    slider = lab.page.get_by_role("slider", name="Format", exact=True)
    slider.focus()
    slider.press("Home")
    lab.painted()
    assert slider.get_attribute("aria-valuetext") == lab.level == "E2M1"


def test_a_chart_keeps_its_data_and_its_buttons_are_seen_when_they_have_the_focus(lab):
    lab.open().key("histogram").locator(".ql-plot").focus()
    lab.page.locator(".modebar-btn").first.wait_for(state="attached")
    names = lab.page.locator(".modebar-btn").evaluate_all("all => all.map(b => b.dataset.title || b.getAttribute('aria-label'))")
    assert any("PNG" in name for name in names)
    assert not any("Share" in name or "Cloud" in name for name in names)  # nothing offers to upload a person's numbers
    button = lab.page.locator(".modebar-btn").first
    button.evaluate("b => b.focus()")
    lab.page.wait_for_function("getComputedStyle(document.activeElement.closest('.modebar')).opacity === '1'")


def test_a_wall_of_pictures_is_one_stop_of_the_tab_key_and_arrows_walk_through_it(reader):
    lab = reader().show("cnn?source=small&images=200")
    wall = lab.key("wall").locator("button")
    assert wall.count() > 20 and wall.evaluate_all("all => all.filter(b => b.tabIndex === 0).length") == 1
    chosen = lab.key("wall").locator("button[aria-pressed=true]")
    before = wall.evaluate_all("all => all.findIndex(b => b.tabIndex === 0)")
    chosen.focus()
    for key in ("ArrowRight", "ArrowDown", "ArrowLeft"):
        lab.page.keyboard.press(key)
    inside = "all => all.findIndex(b => b === document.activeElement && b.getAttribute('aria-pressed') === 'true')"
    assert wall.evaluate_all(inside) > before + 3


LOOKS = """window.labLooks = e => { const all = []; for (let n = e, k = 0; n && k < 4; n = n.parentElement, k++) {
    const s = getComputedStyle(n); all.push(s.outlineStyle === 'none' ? '' : s.outline, s.boxShadow, s.borderColor); } return all.join(); };
  window.labBefore = new Map([...document.querySelectorAll('a, button, input, summary, [tabindex]')].map(e => [e, labLooks(e)]))"""


def test_every_stop_of_the_tab_key_is_seen(reader):
    lab = reader(anew=True).show()
    lab.page.evaluate(LOOKS)
    unseen, stops = [], set()
    for _ in range(36):  # skip links, controls, navigation, the page itself, its first charts and what to try
        lab.page.keyboard.press("Tab")
        name, seen = lab.page.evaluate(
            "(e => [e.tagName + ' ' + (e.ariaLabel || e.textContent).slice(0, 30), labBefore.has(e) && labBefore.get(e) !== labLooks(e)])(document.activeElement)"
        )
        stops.add(name)
        if not seen:
            unseen.append(name)
    assert unseen == []
    assert len(stops) > 25, stops
