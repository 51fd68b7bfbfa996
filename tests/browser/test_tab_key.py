"""Is the slider the first thing that a keyboard reaches, and is it seen where the keyboard is?"""

HEADINGS = "[...document.querySelectorAll('[data-testid=stMain] :is(h1, h2, h3, h4)')].map(h => +h.tagName[1])"
BARE = """[...document.querySelectorAll('canvas')].filter(c => !c.closest('button')?.ariaLabel)
    .filter(c => c.getAttribute('role') !== 'img' || !c.getAttribute('aria-label')).map(labKey)"""


def test_the_first_stop_skips_to_the_slider(lab):
    page = lab.open().page
    page.keyboard.press("Tab")
    link = page.get_by_role("link", name="Skip to the slider")
    assert link.evaluate("e => e === document.activeElement")
    assert link.bounding_box()["y"] >= 0
    page.keyboard.press("Enter")
    assert lab.slider.evaluate("e => e === document.activeElement") and lab.query() == {}


def test_no_button_of_plotly_stands_before_the_slider_and_enter_and_arrows_reach_them(lab):
    page = lab.open().page
    chart = lab.key("histogram").locator(".ql-plot")
    buttons = chart.locator(".modebar-btn")
    chart.focus()  # plotly comes with its buttons
    buttons.first.wait_for(state="attached")
    assert page.locator(".modebar-btn").evaluate_all("all => all.filter(b => b.tabIndex >= 0).length") == 0 < buttons.count()
    assert chart.evaluate("e => e === document.activeElement")
    for key, at in (("Enter", 0), ("ArrowRight", 1), ("ArrowLeft", 0)):
        page.keyboard.press(key)
        assert buttons.nth(at).evaluate("e => e === document.activeElement")
    page.keyboard.press("Escape")
    assert chart.evaluate("e => e === document.activeElement && getComputedStyle(e).outlineStyle") == "solid"


def test_headings_do_not_jump_and_every_canvas_says_what_it_shows(reader):
    lab = reader()
    for address in ("tensor", "image", "audio", "cnn"):
        levels = lab.show(address).page.evaluate(HEADINGS)
        assert levels[0] == 1 and all(after - before <= 1 for before, after in zip(levels, levels[1:], strict=False))
        assert lab.page.evaluate(BARE) == []


def test_an_own_button_shows_the_focus_in_the_theme_s_colour(reader):
    lab = reader().show("image")
    lab.key("wipe").locator("button").first.focus()
    lab.page.keyboard.press("Shift+Tab")
    lab.page.keyboard.press("Tab")
    ring = lab.page.evaluate(
        "(({ outlineStyle, outlineWidth, outlineColor }) => [outlineStyle, outlineWidth, outlineColor])(getComputedStyle(document.activeElement))"
    )
    assert ring == ["solid", "2px", "rgb(0, 114, 178)"]  # 5.2 : 1 on white
