"""Does the app work whole behind a proxy that forwards only the path it lies below?"""

import os
import subprocess
import sys
import time
import urllib.request

import pytest

from .lab import REPO, free_port
from .proxy import Proxy


@pytest.fixture(scope="module")
def proxy():
    """The app below /lab, reached through the proxy alone."""
    port = free_port()
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.address", "127.0.0.1", "--server.port", str(port)]
    command += ["--server.headless", "true", "--server.baseUrlPath", "lab"]
    app = subprocess.Popen(command, cwd=REPO, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=os.environ)
    proxy = Proxy("lab", port)
    for _ in range(600):
        try:
            urllib.request.urlopen(f"{proxy.url}/_stcore/health", timeout=1).close()
            break
        except OSError:
            time.sleep(0.1)
    proxy.refused.clear()
    yield proxy
    app.terminate()
    app.wait(20)
    proxy.stop()


@pytest.mark.parametrize("address", ["", "tensor", "image", "audio"], ids=["home", "tensor", "image", "audio"])
def test_every_lab_is_whole_below_a_path(new_lab, proxy, address):
    lab = new_lab(url=proxy.url)
    answers: dict[str, int] = {}
    lab.page.on("response", lambda answer: answers.update({answer.url: answer.status}))
    lab.open(address)
    assert lab.page.locator(".ql-plot .ql-sketch").count() > 0, "charts are drawn"
    assert set(lab.film_levels().values()) == {lab.level}
    own = {url: status for url, status in answers.items() if "/ql/" in url}
    assert own and set(own.values()) == {200}
    assert all(url.startswith(f"{proxy.url}/ql/") for url in own)
    if address == "image":
        assert any("/ql/picture/" in url for url in own) and any("/ql/thumbnails.jpg" in url for url in own)
    assert proxy.refused == [], "nothing is asked for outside of the path"


def test_links_between_pages_stay_below_the_path(new_lab, proxy):
    lab = new_lab(url=proxy.url).open("tensor")
    for name, path in (("QuantLab", "/lab/"), ("Sound", "/lab/audio")):
        lab.page.get_by_role("link", name=name, exact=True).first.click()
        lab.page.wait_for_function("path => location.pathname === path", arg=path)
        lab.settle()
        assert set(lab.film_levels().values()) == {lab.level}
    assert proxy.refused == []
