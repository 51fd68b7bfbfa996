"""Does a chart stand without plotly.js, say what is missing to somebody who points at it, and can that be asked for again?"""

import pytest

SENTENCE = "Values cannot be read out, because plotly.js did not arrive from the server."
PLOTLY = "**/ql/plotly/**"
LOSSES = {
    "blocked": lambda route: route.abort(),
    "not found": lambda route: route.fulfill(status=404, body=""),
    "a page in its place": lambda route: route.fulfill(status=200, content_type="text/html", body="<title>Log in</title>"),
}


@pytest.mark.parametrize("loss", LOSSES)
def test_charts_stand_and_say_that_plotly_did_not_arrive_until_it_is_asked_for_again(lab, loss):
    lab.page.route(PLOTLY, LOSSES[loss])
    lab.open()
    assert set(lab.film_levels().values()) == {lab.level}
    chart = lab.key("transfer").locator(".ql-plot")
    assert chart.get_attribute("role") == "figure" and lab.page.get_by_role("alert").filter(has_text="plotly").count() == 0
    chart.hover()
    chart.get_by_role("alert").filter(has_text=SENTENCE).wait_for()
    before = lab.paths()["transfer"]
    lab.slider.press("End")
    lab.painted()
    assert lab.paths()["transfer"] != before, "it follows the thumb all the same"
    lab.page.unroute(PLOTLY)
    chart.get_by_role("button", name="Try again").click()
    chart.locator(".nsewdrag").first.wait_for(state="attached")
    assert lab.page.locator(".ql-plot-missing").count() == 0
    lab.settle()
    assert set(lab.film_levels().values()) == {lab.level}
    lab.errors.clear()  # the browser's own lines about what was lost here


def test_a_chart_says_what_it_waits_for(lab):
    held = []
    lab.page.route(PLOTLY, lambda route: held.append(route))
    lab.open().key("transfer").locator(".ql-plot").hover()
    lab.page.get_by_role("alert").filter(has_text="waits for plotly.js").first.wait_for()
    held[0].continue_()
    lab.point_at("transfer")
    assert lab.page.locator(".ql-plot-missing").count() == 0


def test_a_chart_whose_film_is_replaced_while_plotly_is_on_its_way_gets_it_too(lab):
    held = []
    lab.page.route(PLOTLY, lambda route: held.append(route))
    lab.open().key("transfer").locator(".ql-plot").hover()
    lab.page.wait_for_function("document.querySelector('script[src*=plotly]') !== null")
    lab.choose("Scheme", "Integer, asymmetric")
    held[0].continue_()
    lab.key("transfer").locator(".nsewdrag").first.wait_for(state="attached")
    assert lab.page.locator(".ql-plot-missing").count() == 0
