"""Does what is on the screen belong to one state while another is computed, and is it dimmed as a whole, in so many words?"""

import time

import pytest

SEEN = """() => { // in one moment: work may be done before a second question comes
  const main = document.querySelector('[data-testid=stMain]'), slider = labSlider(), texts = key =>
    [...document.querySelectorAll(`.st-key-${key} [data-film=numbers] > div`)].map(d => [...d.children].map(c => c.textContent));
  const all = [...document.querySelectorAll('[data-film], [data-live=slider], [data-testid=stCode], [data-testid=stMain] p strong')];
  const stale = all.filter(labSeen).map(e => e.closest('[data-stale]'));
  const said = [...main.querySelectorAll('p')].find(p => p.textContent === 'What is dimmed shows the state before.');
  return {
    cancel: [...document.querySelectorAll('button')].some(b => b.textContent.trim().endsWith('Cancel') && labSeen(b)),
    note: said !== undefined && labSeen(said),
    dimmed: stale.map(e => [e.dataset.stale, getComputedStyle(e).opacity]),
    state: [
      [slider.getAttribute('aria-label'), slider.dataset.level, slider.max], texts('numbers'), texts('following'),
      labFilms().map(f => [labKey(f), f.dataset.level]), main.querySelector('p strong').textContent,
      document.querySelector('.ql-program code').textContent],
  };
}"""
STANDS = f"""() => {{
  const now = ({SEEN})();
  return now.cancel && now.dimmed.every(([stale]) => stale === 'true') && now;
}}"""


@pytest.mark.slow
@pytest.mark.parametrize("box, option, scheme", [("Slider", "One outlier", "kmeans"), ("Scheme", "k-means codebook", "int-symmetric")])
def test_while_another_state_is_computed_all_of_the_one_before_stands_dimmed_and_says_so(lab, box, option, scheme):
    seed = time.time_ns() % 2**31  # nobody has asked for it before, not this test's last try either
    lab.page.goto(f"{lab.url}/tensor?source=laplace&size=3000000&bits=1&seed={seed}&scheme={scheme}")
    lab.settle(limit=200)
    before = lab.page.evaluate(SEEN)
    assert all(before["state"]) and not before["cancel"] and not before["note"]
    lab.page.get_by_role("combobox", name=box, exact=True).click()
    lab.page.get_by_role("option", name=option, exact=True).click()
    during = lab.page.wait_for_function(STANDS, polling="raf", timeout=60_000).json_value()
    assert during["state"] == before["state"] and during["note"]
    assert len(during["dimmed"]) > 8 and set(map(tuple, during["dimmed"])) == {("true", "0.33")}
    lab.settle(limit=300)
    after = lab.page.evaluate(SEEN)
    assert after["state"] != before["state"] and not after["note"] and not after["cancel"]
    assert set(map(tuple, after["dimmed"])) == {("false", "1")}
