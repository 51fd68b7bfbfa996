"""Does long work stay kind: progress, a cancel button that works, and a way back?"""

import time

import pytest

from .lab import cancelling


@pytest.fixture
def seed():
    """One that nobody has asked for before, this test's last try neither."""
    return str(time.time_ns() % 2**31)


@pytest.mark.slow
def test_cancelled_work_leaves_the_page_alive_and_can_be_taken_up_again(new_lab, seed):
    lab = cancelling(new_lab(fresh=True))
    page = lab.page
    page.goto(f"{lab.url}/tensor?source=uniform&size=1000000&seed={seed}&scheme=kmeans")
    again = page.get_by_role("button", name="Compute it after all")
    again.wait_for(timeout=120_000)
    assert "Cancelled" in lab.main_text() and not lab.crashed()
    again.click()
    again.wait_for(state="detached", timeout=120_000)
    assert not lab.crashed()
    lab.settle(limit=120)
    assert int(page.evaluate("document.documentElement.dataset.cancels")) >= 2, "it can be cancelled again"
    assert lab.texts()["SQNR"] and lab.query() == {"source": "uniform", "size": "1000000", "seed": seed, "scheme": "kmeans"}


@pytest.mark.slow
def test_another_choice_ends_the_work_that_nobody_waits_for(lab, seed):
    page = lab.page
    page.goto(f"{lab.url}/tensor?source=normal&size=10000000&seed={seed}&scheme=kmeans", wait_until="commit")
    page.get_by_role("button", name="Cancel").wait_for(timeout=120_000)
    page.get_by_role("combobox", name="Tensor", exact=True).click()
    page.get_by_role("option", name="Full-scale sine").click()
    resize(lab, 1000)
    assert lab.query() == {"source": "sine", "size": "1000", "seed": seed, "scheme": "kmeans"} and lab.texts()["SQNR"]


@pytest.mark.slow
def test_after_cancelling_another_choice_is_heard(new_lab, seed):
    lab = cancelling(new_lab(fresh=True))
    lab.page.goto(f"{lab.url}/tensor?source=bimodal&size=10000000&seed={seed}&scheme=kmeans")
    lab.page.get_by_role("button", name="Compute it after all").wait_for(timeout=120_000)
    resize(lab, 1000)
    assert lab.query() == {"source": "bimodal", "size": "1000", "seed": seed, "scheme": "kmeans"} and lab.texts()["SQNR"]


def resize(lab, size: int) -> None:
    field = lab.page.get_by_role("spinbutton", name="Values")
    if not field.is_visible():
        lab.page.get_by_text("More", exact=True).click()
    field.fill(str(size))
    field.press("Enter")
    lab.page.wait_for_timeout(300)
    lab.settle(limit=30)
