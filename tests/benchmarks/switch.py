"""How long from another scheme chosen until every film of the tensor lab shows it: ``python -m tests.benchmarks.switch 1000000``.

Starts the app, opens the lab, waits until the server has compared all schemes and prepared the other labs, chooses one scheme after the
other in Chromium, and takes the time from the click to the last film painted; then chooses all again, when every result is known. The
same on ``choice_app``, an empty page with one select box and one component, is the least that Streamlit takes.
"""

import argparse
import platform
import re
import statistics
import time
from collections.abc import Sequence
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from tests.benchmarks.load import start, stop
from tests.browser.conftest import CHROMIUM, find_chromium
from tests.browser.lab import Lab, Server

SCHEMES = ("μ-law", "Integer, asymmetric", "NF4", "Powers of two", "A-law", "Logarithmic")
APP = Path(__file__).with_name("choice_app")
WARM = 60  # seconds that a server computes ahead for
PAINTED = """window.painted = [];
new MutationObserver(seen => { for (const m of seen) if (m.target.dataset.film) painted.push(performance.now()); })
  .observe(document, {attributes: true, subtree: true, attributeFilter: ['data-level']});
addEventListener('click', () => { window.clicked = performance.now(); painted.length = 0; }, true);
"""


def switched(lab: Lab, scheme: str) -> float:
    """Milliseconds."""
    lab.page.get_by_role("combobox", name="Scheme", exact=True).click()
    lab.page.get_by_role("option", name=scheme, exact=True).click()
    lab.settle()
    return lab.page.evaluate("painted.at(-1) - clicked")


def least(browser: Browser) -> list[float]:
    """Milliseconds of each choice on the empty page."""
    server, url, _ = start(APP)
    try:
        page: Page = browser.new_page(viewport={"width": 1280, "height": 720})
        page.add_init_script(PAINTED)
        page.goto(url)
        page.locator("[data-film]").wait_for()
        took = []
        for scheme in SCHEMES:
            page.get_by_role("combobox").click()
            page.get_by_role("option", name=scheme, exact=True).click()
            page.locator("[data-film]", has_text=re.compile(f"^{scheme}$")).wait_for()
            took.append(page.evaluate("painted.at(-1) - clicked"))
        page.close()
    finally:
        stop(server)
    return took


def said(what: str, took: Sequence[float]) -> None:
    """Print milliseconds, one for each scheme."""
    each = ", ".join(f"{scheme} {ms:.0f}" for scheme, ms in zip(SCHEMES, took, strict=True))
    print(f"{what}: {each}; median {statistics.median(took):.0f}, largest {max(took):.0f} ms", flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", nargs="*", type=int, default=[1_000_000], help="values of the tensor")
    sizes = parser.parse_args().size
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    server = Server()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=find_chromium(play.chromium.executable_path), args=CHROMIUM)
            said("an empty page", least(browser))
            for size in sizes:
                lab = Lab(browser.new_page(viewport={"width": 1280, "height": 720}), server.url)
                lab.page.add_init_script(PAINTED)
                lab.open(f"tensor?size={size}")
                time.sleep(WARM)
                for what in (f"{size} values", "the same, known"):
                    said(what, [switched(lab, scheme) for scheme in SCHEMES])
                lab.page.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
