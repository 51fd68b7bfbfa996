"""Can one value be followed: typed, or clicked in a chart?"""

FIELD = "A number; or click one in a chart"


def test_a_typed_number_is_followed_and_kept_in_the_address(reader):
    lab = reader().show("tensor?source=paste&values=1+2+3.5+-7")
    lab.type(FIELD, "3.4")
    assert lab.texts("following")["Value"].startswith("x = 3.5, element 2") and lab.query()["value"] == "3.4"


def test_a_value_in_the_address_is_followed_from_the_first_load_on(reader, new_lab):
    lab = reader().show("tensor?bits=5").type(FIELD, "0.3")
    fresh = new_lab()
    fresh.page.goto(lab.page.url)
    assert fresh.settle().texts("following") == lab.texts("following")


def test_what_is_no_number_is_refused_and_the_page_stays(reader):
    lab = reader().show().type(FIELD, "a *lot*")
    (sentence,) = lab.says()
    assert "a *lot*" in sentence and sentence.endswith(".") and lab.texts("following")["Value"]
    lab.type(FIELD, "0.1")
    assert lab.says() == []


def test_a_click_in_the_histogram_follows_the_value_under_the_mouse(reader):
    lab = reader().show()
    before = lab.texts("following")["Value"]
    click(lab, "histogram", 0.42)
    followed = lab.query()["value"]
    assert lab.page.get_by_role("textbox", name=FIELD).input_value() == followed
    assert lab.texts("following")["Value"] != before
    click(lab, "histogram", 0.58)
    assert float(lab.query()["value"]) > float(followed)
    lab.slider.press("End")  # the click is over: a later change does not bring it back
    lab.settle()
    lab.type(FIELD, "0.5")
    assert lab.query() == {"value": "0.5", "bits": "16"}


def test_a_click_keeps_the_rest_of_the_state(reader):
    lab = reader().show("tensor?source=laplace&bits=6&granularity=group-64")
    click(lab, "histogram", 0.45)
    query = lab.query()
    assert query.pop("value") and query == {"source": "laplace", "bits": "6", "granularity": "group-64"}


def click(lab, chart: str, share: float) -> None:
    """Click on the curve above this share of the chart's width: where a label tells the value under the mouse."""
    box = lab.point_at(chart).locator(".nsewdrag").first.bounding_box()
    x = box["x"] + box["width"] * share
    for k in range(2, 20):
        y = box["y"] + box["height"] * k / 20
        lab.page.mouse.move(x, y, steps=2)
        lab.page.wait_for_timeout(120)
        if lab.key(chart).locator(".hovertext, .axistext").count():
            lab.page.mouse.click(x, y)
            lab.page.wait_for_timeout(400)
            lab.settle()
            return
    raise AssertionError(f"no value is named anywhere above {share:.0%} of the chart")
