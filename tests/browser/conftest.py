"""One server, one browser, and tabs that are used again; where there is no Chromium the reason is said.

A page in a tab that has shown one takes 2.3 CPU seconds, in a new context 6.9: the browser keeps what it compiled of
Streamlit and plotly. Every test is a person of its own all the same: a tab that is left starts with a new session.
"""

from __future__ import annotations

import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .lab import Lab, Server

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CHROMIUM += ["--disable-component-update", "--disable-sync", "--use-fake-device-for-media-stream"]


def no_browser(reason: str) -> None:
    """Skip with the reason; fail where the variable CI is set."""
    (pytest.fail if os.environ.get("CI") else pytest.skip)(reason)


def find_chromium(own: str) -> str | None:
    """A Chromium of the machine, or playwright's ``own`` if it was installed."""
    found = next(filter(None, map(shutil.which, ("chromium", "google-chrome", "chrome"))), None)
    return found or (own if Path(own).exists() else None)


@pytest.fixture(scope="session")
def browser() -> Iterator[object]:
    try:
        from playwright.sync_api import sync_playwright
    except ImportError:
        no_browser("playwright is not installed: pip install -r tests/requirements.txt")
    with sync_playwright() as p:
        path = find_chromium(p.chromium.executable_path)
        if path is None:
            no_browser("no Chromium found: install one, or run `playwright install chromium`")
        browser = p.chromium.launch(executable_path=path, args=CHROMIUM)
        yield browser
        browser.close()


@pytest.fixture(scope="session")
def server(browser) -> Iterator[Server]:
    server = Server()
    yield server
    server.stop()


@pytest.fixture(scope="session")
def idle_tabs(browser) -> dict[str, list[Lab]]:
    """Tabs that no test uses, by the options of their contexts."""
    return defaultdict(list)


@pytest.fixture
def new_lab(server, browser, idle_tabs) -> Iterator[Callable[..., Lab]]:
    """Gives tabs, each a person of its own; the test fails where one of them logged an error.

    ``fresh`` is a browser that has never been here: nothing of a page is in its cache.
    """
    used: list[tuple[list[Lab], Lab]] = []

    def give(width: int = 1280, height: int = 720, url: str = server.url, fresh: bool = False, **options) -> Lab:
        options["viewport"] = {"width": width, "height": height}
        idle = idle_tabs[repr(sorted(options.items()))]
        lab = Lab(browser.new_context(**options).new_page()) if fresh or not idle else idle.pop()
        lab.page.set_viewport_size(options["viewport"])  # a test may have changed it
        lab.url = url
        used.append((idle, lab))
        return lab

    yield give
    errors = [error for _, lab in used for error in lab.errors]
    for idle, lab in used:
        lab.leave(f"{server.url}/_stcore/health")
        idle.append(lab)
    assert errors == [], "the browser's console holds errors"


@pytest.fixture
def lab(new_lab) -> Lab:
    """A tab of 1280 x 720, nothing opened yet."""
    return new_lab()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a page. A tab on a busy machine may be late once: such a test counts as failed when it fails three times."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=2))
