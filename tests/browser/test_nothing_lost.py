"""Is a state that a person set still there when they come back: by back, by a link, by the navigation, by reload?"""

from urllib.parse import urlencode

import pytest

from quantlab.labs.catalog import LABS

FIVE = {
    "tensor": {"source": "laplace", "scheme": "mu-law", "granularity": "channel-0", "rounding": "floor", "bits": "6", "size": "4096"},
    "audio": {"source": "drums", "dither": "tpdf", "shaping": "first", "factor": "2", "bits": "5"},
    "image": {"source": "coffee", "scheme": "log", "dither": "none", "compare": "none-of-them", "view": "error", "bits": "3"},
    "reference": {"scheme": "mu-law", "bits": "6"},
    "cnn": {"source": "small", "rounding": "floor", "images": "200", "bits": "3", "measure": "f1"},
    "home": {"bits": "5"},
    "repair": {"room": "channels", "rows": "own", "bits": "3"},
    "train": {"room": "weight", "bits": "20"},
    "integer": {"room": "dot", "source": "small", "bits": "9"},
    "compress": {"source": "small", "images": "200", "pattern": "2-4", "bits": "3"},
    "bench": {"source": "small", "activations": "4", "bits": "3"},
    "model": {"source": "small", "family": "row", "plan": "budget", "order": "bytes", "bits": "5"},
    "language": {"source": "small", "tokens": "1024", "granularity": "group-32", "keys": "4", "bits": "3"},
}


def shown(lab):
    """What says the state: the address, the tab's title, the level, what stands in every control."""
    controls = "e => [e.getAttribute('aria-label'), e.value]"
    boxes = [box.evaluate(controls) for box in lab.page.get_by_role("combobox").all()]
    return lab.query(), lab.page.title(), lab.level, boxes, lab.says()


def go(lab, link, slug):
    link.click()
    lab.page.get_by_role("heading", level=1, name=LABS[slug].question).wait_for()
    return lab.settle()


def navigation(lab, slug):
    if not (section := LABS[slug].section):
        return lab.page.get_by_test_id("stTopNavLink").filter(has_text=LABS[slug].title)
    lab.page.get_by_test_id("stTopNavSection").filter(has_text=section).click()
    return lab.page.get_by_test_id("stTopNavDropdownLink").filter(has_text=LABS[slug].title)


@pytest.mark.parametrize("slug", [slug for slug, lab in LABS.items() if any(p.name == "bits" for p in lab.table)])
def test_a_state_is_there_again_by_whichever_way_one_comes_back(reader, slug):
    if LABS[slug].extra == "networks":
        pytest.importorskip("torch")
    other = "home" if slug == "reference" else "reference"
    path = "" if slug == "home" else slug
    lab = reader().show(f"{path}?{urlencode(FIVE[slug])}")
    before, address = shown(lab), lab.page.url
    assert before[0] and not before[-1], "a state of its own, and no complaint"

    def back():
        lab.page.go_back()
        lab.page.get_by_role("heading", level=1, name=LABS[slug].question).wait_for()
        return shown(lab.settle())

    go(lab, navigation(lab, other), other)
    assert back() == before, "by back, after the navigation"
    lab.page.evaluate(f"location.hash = ''; location.href = '{lab.url}/{'' if other == 'home' else other}'")
    lab.page.get_by_role("heading", level=1, name=LABS[other].question).wait_for()
    lab.settle()
    assert back() == before, "by back, after the address bar"
    go(lab, navigation(lab, other), other)
    go(lab, navigation(lab, slug), slug)
    assert shown(lab) == before and lab.page.url == address, "by the navigation"
    lab.page.go_back()
    lab.page.get_by_role("heading", level=1, name=LABS[other].question).wait_for()
    lab.settle()  # one step back leads to the page that one came from
    lab.open(f"{path}?{urlencode(before[0])}")
    assert shown(lab) == before, "by a link"
    lab.page.reload()
    assert shown(lab.settle()) == before, "by reload"


def test_a_card_leads_to_where_one_was_and_start_afresh_to_the_default(lab):
    lab.open("tensor?scheme=nf4&granularity=group-64")
    go(lab, navigation(lab, "home"), "home")
    go(lab, lab.page.get_by_test_id("stMain").get_by_role("link", name="Tensor"), "tensor")
    assert lab.query() == {"scheme": "nf4", "granularity": "group-64"} and lab.chosen("Scheme") == "NF4"
    lab.page.get_by_role("button", name="Start afresh").click()
    assert lab.settle().query() == {} and lab.chosen("One scale for") == "the whole tensor"
    assert not lab.page.get_by_role("button", name="Start afresh").count(), "there is nothing to start afresh"
    go(lab, navigation(lab, "home"), "home")
    go(lab, navigation(lab, "tensor"), "tensor")
    assert lab.query() == {}
    lab.page.go_back()
    lab.settle()


def test_the_page_that_is_open_is_not_lost_by_a_click_on_its_own_name(lab):
    lab.open("tensor?scheme=nf4")
    navigation(lab, "tensor").click()
    lab.page.wait_for_timeout(300)
    assert lab.settle().query() == {"scheme": "nf4"} and lab.chosen("Scheme") == "NF4"


def test_the_title_of_the_tab_names_the_page_and_the_state_and_never_flickers(lab):
    lab.open("tensor?scheme=nf4&granularity=group-64")
    assert lab.page.title() == "Tensor · NF4, groups of 64 · QuantLab"
    lab.page.evaluate("""() => {
      window.titles = [];
      new MutationObserver(() => titles.push(document.title)).observe(document.querySelector('title'), {childList: true, characterData: true, subtree: true});
    }""")
    lab.choose("Scheme", "Integer, asymmetric")
    after = "Tensor · Integer, asymmetric, groups of 64 · QuantLab"
    assert lab.page.title() == after
    go(lab, navigation(lab, "audio"), "audio")
    titles = lab.page.evaluate("titles")
    assert list(dict.fromkeys(titles)) in (
        [after, "Sound · QuantLab"],
        ["Tensor · NF4, groups of 64 · QuantLab", after, "Sound · QuantLab"],
    )
