"""Does the page hear again after the server was started anew, also what a person did meanwhile?"""

import subprocess
import sys
import time

import pytest

from .lab import REPO, Server


@pytest.mark.slow
@pytest.mark.parametrize("meanwhile", [False, True])
def test_the_first_drag_after_a_restart_is_told(new_lab, browser, meanwhile):
    first = Server()
    lab = new_lab(url=first.url, fresh=True).open("tensor?bits=5")
    port = first.url.rsplit(":", 1)[1]
    first.stop()
    lab.page.wait_for_function("document.querySelector('[data-testid=stApp]').dataset.testConnectionState !== 'CONNECTED'")
    if meanwhile:
        lab.slider.press("End")
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port", port]
    second = subprocess.Popen([*command, "--server.headless", "true"], cwd=REPO, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        up = "document.querySelector('[data-testid=stApp]').dataset.testConnectionState === 'CONNECTED'"
        lab.page.wait_for_function(up, timeout=90_000)
        if not meanwhile:
            lab.slider.press("End")
        end = time.monotonic() + 40
        while lab.query() != {"bits": "16"} and time.monotonic() < end:
            lab.page.wait_for_timeout(200)
        assert lab.settle().query() == {"bits": "16"} and "16 bits" in lab.main_text()
    finally:
        second.kill()
        second.wait()
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
