"""Does a chart say so where plotly.js does not arrive, and can a person ask for it again?"""

import pytest

SENTENCE = "This chart is not drawn, because plotly.js did not arrive from the server."
PLOTLY = "**/ql/plotly/**"
LOSSES = {
    "blocked": lambda route: route.abort(),
    "not found": lambda route: route.fulfill(status=404, body=""),
    "a page in its place": lambda route: route.fulfill(status=200, content_type="text/html", body="<title>Log in</title>"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_every_chart_says_that_plotly_did_not_arrive_and_is_drawn_when_asked_again(lab, loss):
    lab.page.route(PLOTLY, LOSSES[loss])
    lab.page.goto(f"{lab.url}/tensor")
    charts = lab.page.locator(".ql-plot")
    charts.first.get_by_role("alert").filter(has_text=SENTENCE).wait_for()
    lab.page.wait_for_function("() => document.querySelectorAll('.ql-plot').length === 4")
    lab.page.wait_for_function("() => document.querySelectorAll('.ql-plot-missing').length === 4")
    lab.page.unroute(PLOTLY)
    lab.page.get_by_role("button", name="Try again").first.click()
    lab.settle()
    assert set(lab.film_levels().values()) == {lab.level}
    assert charts.first.get_attribute("role") == "img"
    lab.errors.clear()  # the browser's own lines about what was lost here


def test_a_chart_says_what_it_waits_for(lab):
    held = []
    lab.page.route(PLOTLY, lambda route: held.append(route))
    lab.page.goto(f"{lab.url}/tensor")
    lab.page.get_by_role("alert").filter(has_text="waits for plotly.js").first.wait_for()
    held[0].continue_()
    lab.settle()
    assert lab.page.locator(".ql-plot-missing").count() == 0
