"""Is what a "try this" promises what comes true: the number of its state, found by itself, that of the page's tile?"""

import pytest

from quantlab.labs import expectations
from quantlab.labs.catalog import LABS
from quantlab.progress import finish

CASES = [(slug, entry) for slug in ("tensor", "image", "audio") for entry in LABS[slug].tries[::2]]


@pytest.mark.slow
@pytest.mark.parametrize(("slug", "entry"), CASES, ids=lambda part: getattr(part, "title", part))
def test_the_number_of_a_try_is_what_its_page_shows(slug, entry):
    lab = LABS[slug]
    address = lab.read(entry.query)
    result = finish(lab.tasks(address, ("words",))[0].steps())
    assert not address.notices
    assert lab.number.at(address) == pytest.approx(lab.number.of(result, address["bits"]), abs=2e-3)


def test_a_promise_is_the_difference_from_what_is_on_the_screen_and_nothing_before_it_is_known(monkeypatch):
    lab = LABS["tensor"]
    monkeypatch.setattr(expectations, "_known", {})
    groups = next(entry for entry in lab.tries if entry.title == "Groups of 64")
    result = finish(lab.tasks(lab.read({}), ("words",))[0].steps())
    assert expectations.expectation(lab, groups, result, "4") == ""
    expectations.compute(lab)
    assert expectations.expectation(lab, groups, result, "4") == "+16 dB"
    assert expectations.expectation(lab, groups, result, "16").startswith("−")


def test_a_network_promises_only_what_is_known(monkeypatch):
    monkeypatch.setattr(expectations, "_known", {})
    expectations.compute(LABS["cnn"])
    assert not expectations._known
