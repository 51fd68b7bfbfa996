"""Does the address hold the state: whole, short, kept by back and forward, and forgiving?"""

import pytest

from .lab import Server


def test_a_deep_link_on_a_fresh_server_shows_that_state(new_lab, browser):
    server = Server(QUANTLAB_WORKERS="0")
    try:
        lab = new_lab(url=server.url)
        lab.open("tensor?source=laplace&scheme=mu-law&bits=6&granularity=channel-0&rounding=floor&size=4096&seed=7")
        assert lab.level == "6" and set(lab.film_levels().values()) == {"6"}
        assert (lab.chosen("Tensor"), lab.chosen("One scale for")) == ("Laplace", "each row")
        assert "'mu-law'" in lab.code() and 'TENSOR_SOURCES["laplace"].make(4096, seed=7' in lab.code()
        assert "bits=6" in lab.code() and "rounding='floor'" in lab.code()
        assert lab.says() == []
        assert "Traceback" not in server.log()
    finally:
        server.stop()


def test_an_address_without_a_query_stays_without_one(lab):
    assert lab.open().query() == {}


@pytest.mark.parametrize(
    "query", ["bits=4", "source=weights&scheme=int-symmetric&granularity=tensor&rounding=nearest-even", "size=65536&seed=0"]
)
def test_a_default_is_left_out_of_the_address(reader, query):
    lab = reader().show(f"tensor?{query}")
    assert lab.query() == {} and lab.says() == []


@pytest.mark.parametrize(
    "name", ["source", "scheme", "bits", "granularity", "calibrator", "rounding", "scrub", "size", "seed", "arithmetic"]
)
def test_a_bad_value_in_the_address_falls_back_to_the_default_and_says_so(reader, name):
    lab = reader().show(f"tensor?{name}=n<b>o_such")
    (sentence,) = lab.says()
    assert name in sentence and "n<b>o_such" in sentence and "instead" in sentence
    assert lab.query() == {} and lab.texts()["SQNR"] and lab.level == "4"
    assert lab.choose("Scheme", "Integer, asymmetric").query()["scheme"] == "int-asymmetric"
    assert lab.says() == []


ODD = "value=abc nonsense=1 file=0123 tensor=w source=upload&file=feed source=weights&source=sine size=1 size=1e3 seed=-1 bits=17 "
ODD += "granularity=group-0 granularity=group-9999999 granularity=channel-7 percentile=nan&calibrator=percentile"


@pytest.mark.parametrize("query", ODD.split())
def test_an_odd_address_leaves_the_page_alive(reader, query):
    lab = reader().show(f"tensor?{query}")
    assert lab.texts()["SQNR"]
    lab.choose("Scheme", "Integer, asymmetric")
    assert lab.query()["scheme"] == "int-asymmetric" and lab.texts()["SQNR"]


def test_a_control_writes_a_slug_and_takes_it_out_again(reader):
    lab = reader().show().choose("One scale for", "groups of 64")
    assert lab.query() == {"granularity": "group-64"}
    lab.choose("One scale for", "the whole tensor")
    assert lab.query() == {}


def test_a_default_that_nobody_touched_follows_the_scheme(reader):
    lab = reader().show().choose("Scheme", "Integer, asymmetric")
    assert lab.query() == {"scheme": "int-asymmetric"}  # its own default range, not the one of the scheme before


def test_try_this_sets_the_state_without_a_new_page_and_back_and_forward_restore_it(reader):
    lab = reader().show()
    page = lab.page
    page.evaluate("window.marker = 1")
    start = lab.every_text()
    lab.key("try-Groups-of-64").get_by_role("button").click()
    groups = lab.settle().every_text()
    assert lab.query() == {"granularity": "group-64"} and groups != start
    lab.key("try-2-bits").get_by_role("button").click()
    two = lab.settle().every_text()
    assert lab.query() == {"bits": "2"} and lab.level == "2" and two not in (start, groups)
    page.go_back()
    lab.settle()
    assert lab.query() == {"granularity": "group-64"} and lab.level == "4" and lab.every_text() == groups
    page.go_back()
    lab.settle()
    assert lab.query() == {} and lab.every_text() == start
    page.go_forward()
    lab.settle()
    assert lab.query() == {"granularity": "group-64"} and lab.every_text() == groups
    assert page.evaluate("window.marker") == 1


def test_every_try_this_link_shows_what_its_address_shows_on_a_fresh_load(reader, new_lab):
    lab = reader().show()
    keys = lab.page.locator("[class*=st-key-try-]").evaluate_all("all => all.map(labKey)")
    assert len(keys) == len(set(keys)) >= 4
    fresh = new_lab()
    for name in keys:
        lab.key(name).get_by_role("button").click()
        lab.settle()
        fresh.page.goto(lab.page.url)
        fresh.settle()
        assert fresh.every_text() == lab.every_text() and fresh.level == lab.level, name
        assert lab.says() == fresh.says() == [], name


def test_back_after_a_drag_restores_the_level(reader):
    lab = reader().show()
    lab.key("try-2-bits").get_by_role("button").click()
    lab.settle()
    lab.slider.press("End")
    assert lab.settle().query() == {"bits": "16"}
    lab.page.go_back()
    lab.settle()
    assert lab.level == lab.query().get("bits", "4") != "16"
    lab.slider.press("End")
    assert lab.settle().query() == {"bits": "16"}, "the same level again is told again"
    assert "bits=16" in lab.code()


def test_two_people_do_not_see_each_others_state(new_lab):
    one, two = new_lab().open(), new_lab().open()
    one.choose("Scheme", "Integer, asymmetric")
    one.slider.press("Home")
    one.settle()
    two.slider.press("ArrowRight")
    two.settle()
    assert two.query() == {"bits": "5"}
    assert (one.query()["scheme"], one.query()["bits"]) == ("int-asymmetric", "1")
    assert "int-symmetric" in two.code() and "int-asymmetric" in one.code()


def test_the_card_on_the_home_page_leads_into_the_tensor_lab_and_back(lab):
    lab.open("")
    lab.page.evaluate("window.marker = 1")
    lab.slider.press("End")
    lab.settle()
    lab.page.get_by_test_id("stMain").get_by_role("link", name="Tensor").click()
    lab.page.get_by_role("heading", level=1, name="How few bits does this tensor need?").wait_for()
    lab.settle()
    assert lab.level == "4" and lab.query() == {}
    lab.page.go_back()
    lab.page.get_by_role("heading", level=1, name="What does quantization do").wait_for()
    lab.settle()
    assert set(lab.film_levels().values()) == {lab.level}
    assert lab.query().get("bits", "3") == lab.level
    assert lab.page.evaluate("window.marker") == 1
