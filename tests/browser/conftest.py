"""One server, one browser, and tabs that are used again; where there is no Chromium the reason is said.

A page in a tab that has shown one takes 2.0 CPU seconds, in a new context 6.9 (the browser keeps what it compiled of
Streamlit and plotly), and 0.7 where the app stands in the tab and only its address changes. Every test with ``lab`` is a
person of its own all the same: a tab that is left starts with a new session. Tests with ``reader`` look at one state
after the other, as one person who goes back and forth.
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
def idle_tabs() -> dict[str, list[Lab]]:
    """Tabs that no test uses, by those options of their contexts that cannot be changed."""
    return defaultdict(list)


MEDIA = {"color_scheme": "light", "forced_colors": "none"}  # what a tab can be told anew, and what a new one has


def prepared(lab: Lab, width: int, height: int, media: dict[str, str], permissions: list[str] | None, offline: bool) -> Lab:
    """Give a tab what a test asks for, whatever the last one had."""
    context = lab.page.context
    lab.page.set_viewport_size({"width": width, "height": height})
    lab.page.emulate_media(**MEDIA | media)
    context.clear_permissions()  # each is asked for, and nobody answers
    if permissions is not None:
        context.grant_permissions(permissions)  # of an empty list: all are refused
    context.set_offline(offline)
    return lab


@pytest.fixture
def new_lab(server, browser, idle_tabs) -> Iterator[Callable[..., Lab]]:
    """Gives tabs, each a person of its own; the test fails where one of them logged an error.

    ``fresh`` is a browser that has never been here, nor is it used again: nothing of a page is in its cache.
    """
    used: list[tuple[list[Lab], Lab]] = []

    def give(
        width: int = 1280,
        height: int = 720,
        url: str = server.url,
        fresh: bool = False,
        permissions: list[str] | None = None,
        offline: bool = False,
        **options: object,
    ) -> Lab:
        media = {name: options.pop(name) for name in MEDIA if name in options}
        idle = [] if fresh else idle_tabs[repr(sorted(options.items()))]
        lab = idle.pop() if idle else Lab(browser.new_context(**options).new_page())
        used.append((idle, lab))
        lab.url = url
        return prepared(lab, width, height, media, permissions, offline)

    yield give
    errors = [error for _, lab in used for error in lab.errors]
    for idle, lab in used:
        if any(idle is kept for kept in idle_tabs.values()):
            lab.page.context.set_offline(False)
            lab.leave(f"{server.url}/_stcore/health")
            idle.append(lab)
        else:
            lab.page.context.close()
    assert errors == [], "the browser's console holds errors"


@pytest.fixture
def lab(new_lab) -> Lab:
    """A tab of 1280 x 720, nothing opened yet."""
    return new_lab()


@pytest.fixture(scope="session")
def open_tabs() -> dict[str, Lab]:
    """Tabs in which the app stands, by the options of their contexts."""
    return {}


@pytest.fixture
def reader(request, server, browser, open_tabs) -> Iterator[Callable[..., Lab]]:
    """Gives a tab for ``Lab.show``: tests that look at states, and leave nothing behind but an address, have it in common.

    The first that uses a tab opens its page; after a test that failed the next one does. ``anew`` leads there from another page:
    no divider stays where a hand has put it. The session keeps what was uploaded: tests of a first file take ``lab``.
    """
    used: dict[str, Lab] = {}

    def give(width: int = 1280, height: int = 720, anew: bool = False, **options: object) -> Lab:
        media = {name: options.pop(name) for name in MEDIA if name in options}
        key = repr(sorted(options.items()))
        if key not in open_tabs:
            open_tabs[key] = Lab(browser.new_context(**options).new_page(), server.url)
        used[key] = lab = open_tabs[key]
        prepared(lab, width, height, media, None, False).calm()
        if anew and lab.stands():
            lab.go("glossary")
            lab.settle(slider=False)
        return lab

    yield give
    errors = [error for lab in used.values() for error in lab.errors]
    for key, lab in used.items():
        if lab.errors or not request.node.stash.get(PASSED, False):
            open_tabs.pop(key).page.context.close()
    assert errors == [], "the browser's console holds errors"


PASSED = pytest.StashKey[bool]()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo) -> Iterator[None]:
    """Note whether a test passed, for the tabs that the next one would get."""
    report = yield
    if call.when == "call":
        item.stash[PASSED] = report.passed
    return report


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark what drives a page. A tab on a busy machine may be late once: such a test counts as failed when it fails three times."""
    for item in items:
        if Path(__file__).parent in item.path.parents:
            item.add_marker(pytest.mark.browser)
            item.add_marker(pytest.mark.flaky(reruns=2))
