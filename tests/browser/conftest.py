"""One server, one browser, a fresh tab for every test; where there is no Chromium the reason is said."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from .lab import Lab, Server

CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
CHROMIUM += ["--disable-component-update", "--disable-sync"]


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "slow: takes more than ten seconds")


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


@pytest.fixture
def new_lab(server, browser) -> Iterator[Callable[..., Lab]]:
    """Makes tabs, each a person of its own; the test fails where one of them logged an error."""
    labs: list[Lab] = []

    def make(width: int = 1280, height: int = 720, url: str = server.url, **options) -> Lab:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        labs.append(Lab(context.new_page(), url))
        return labs[-1]

    yield make
    for lab in labs:
        lab.page.context.close()
    assert [error for lab in labs for error in lab.errors] == [], "the browser's console holds errors"


@pytest.fixture
def lab(new_lab) -> Lab:
    """A fresh tab of 1280 x 720, nothing opened yet."""
    return new_lab()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """A tab on a busy machine may be late once: a browser test counts as failed when it fails three times."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.flaky(reruns=2))
