"""Does the page hear again after the server was started anew, also what a person did meanwhile?"""

import time

import pytest

from .lab import Server


@pytest.mark.slow
def test_the_first_drag_after_a_restart_is_told(new_lab):
    """Whether the thumb moves once the page is connected again, or while the server is away."""
    server = Server(QUANTLAB_WORKERS="0")
    lab = new_lab(url=server.url, fresh=True).open("tensor?bits=5")
    stands = "document.querySelector('[data-testid=stApp]').dataset.testConnectionState"
    try:
        for meanwhile, key, bits in ((False, "End", "16"), (True, "Home", "1")):
            server.stop()
            lab.page.wait_for_function(f"{stands} !== 'CONNECTED'")
            if meanwhile:
                lab.slider.press(key)
            server.start()
            lab.page.wait_for_function(f"{stands} === 'CONNECTED'", timeout=90_000)
            if not meanwhile:
                lab.slider.press(key)
            end = time.monotonic() + 40
            while lab.query() != {"bits": bits} and time.monotonic() < end:
                lab.page.wait_for_timeout(200)
            assert lab.settle().query() == {"bits": bits} and lab.level == bits, meanwhile
            assert f"{bits} bit" in lab.main_text()
    finally:
        server.stop()
        lab.errors.clear()  # the browser complains of a server that is away


def test_a_picture_that_is_slow_to_come_says_so(lab):
    lab.page.route("**/ql/picture/**", lambda route: None)  # held until the route goes
    lab.page.goto(f"{lab.url}/image?what=palette")
    said = lab.page.locator(".ql-wipe [role=status]")
    said.filter(has_text="on its way").wait_for()
    lab.page.unroute("**/ql/picture/**")
    said.wait_for(state="hidden")
    lab.settle()
    assert set(lab.film_levels().values()) == {lab.level}
