"""Does what is on the screen belong to one state while another is computed, and is it dimmed as a whole, in so many words?"""

import time

import pytest

DIMMED = """() => [...document.querySelectorAll('[data-film], [data-live=slider], [data-testid=stCode], [data-testid=stMain] p strong')]
  .filter(labSeen).map(e => e.closest('[data-stale]')).map(e => [e.dataset.stale, getComputedStyle(e).opacity])"""


def state(lab):
    """What slider, tiles, sentence and program say."""
    slider = lab.slider.evaluate("s => [s.getAttribute('aria-label'), s.dataset.level, s.max]")
    return slider, lab.every_text(), lab.film_levels(), lab.page.locator("[data-testid=stMain] p strong").first.inner_text(), lab.code()


@pytest.mark.slow
@pytest.mark.parametrize("box, option, scheme", [("Slider", "One outlier", "kmeans"), ("Scheme", "k-means codebook", "int-symmetric")])
def test_while_another_state_is_computed_all_of_the_one_before_stands_dimmed_and_says_so(lab, box, option, scheme):
    seed = time.time_ns() % 2**31  # nobody has asked for it before, not this test's last try either
    lab.page.goto(f"{lab.url}/tensor?source=laplace&size=10000000&bits=1&seed={seed}&scheme={scheme}")
    lab.settle(limit=200)
    before = state(lab)
    lab.page.get_by_role("combobox", name=box, exact=True).click()
    lab.page.get_by_role("option", name=option, exact=True).click()
    lab.page.get_by_role("button", name="Cancel").wait_for(timeout=60_000)
    dimmed, during = lab.page.evaluate(DIMMED), state(lab)
    note = lab.page.get_by_text("What is dimmed shows the state before.").is_visible()
    assert lab.page.get_by_role("button", name="Cancel").count(), "it is computed still"
    assert during == before and note
    assert len(dimmed) > 8 and set(map(tuple, dimmed)) == {("true", "0.33")}
    lab.settle(limit=300)
    after = state(lab)
    assert after != before and not lab.page.get_by_text("What is dimmed").count()
    assert set(map(tuple, lab.page.evaluate(DIMMED))) == {("false", "1")}
