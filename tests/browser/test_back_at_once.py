"""Back while a click is under way leads to where the browser went, at any moment after the click."""

import pytest

HEARD = """() => { // before Streamlit and before the page: where the browser went of itself
  addEventListener('popstate', event => { if (event.isTrusted) window.went = location.search; }, { capture: true });
}"""
STATES = {
    "": ({}, "Integer, symmetric"),
    "?scheme=nf4&scrub=group": ({"scheme": "nf4", "scrub": "group"}, "NF4"),
    "?source=normal&scrub=outlier": ({"source": "normal", "scrub": "outlier"}, "Integer, symmetric"),
}


@pytest.mark.slow
def test_back_at_any_moment_after_a_click_ends_where_the_browser_went(lab):
    lab.open("tensor")
    lab.page.evaluate(HEARD)
    clicks = [lab.page.get_by_role("button", name=name).first for name in ("NF4 in groups of 64", "One growing outlier")]
    steps = 0
    for number, delay in enumerate((0, 20, 50, 80, 120, 160, 200, 250, 300, 400)):
        clicks[number % 2].click()
        lab.page.wait_for_function("search => location.search !== search", arg="")
        lab.settle()
        lab.page.evaluate("window.went = null")
        clicks[1 - number % 2].click()
        lab.page.wait_for_timeout(delay)
        lab.page.evaluate("history.back()")
        lab.page.wait_for_timeout(800)
        if (went := lab.page.evaluate("window.went")) is None:  # a page that moves on while the browser is about to go keeps it there
            lab.settle()
            continue
        lab.page.wait_for_function("location.search === window.went")
        lab.settle()
        query, scheme = STATES[went]
        assert lab.query() == query and lab.chosen("Scheme") == scheme, (delay, went)
        steps += 1
    assert steps >= 5
