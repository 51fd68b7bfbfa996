"""How long from another scheme chosen until every film of the tensor lab shows it: ``python -m tests.benchmarks.switch 1000000``.

Starts the app, waits until it has computed what its labs open on, chooses one scheme after the other in Chromium, and takes the
time from the click to the last film painted.
"""

import argparse
import platform
import statistics
import time

from playwright.sync_api import sync_playwright

from tests.browser.conftest import CHROMIUM, find_chromium
from tests.browser.lab import Lab, Server

SCHEMES = ("μ-law", "Integer, asymmetric", "NF4", "Powers of two", "A-law", "Logarithmic")
WARM = 30  # seconds that a server computes ahead for
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


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("size", nargs="*", type=int, default=[1_000_000], help="values of the tensor")
    sizes = parser.parse_args().size
    print(f"{platform.processor() or platform.machine()}, Python {platform.python_version()}\n")
    server = Server()
    try:
        with sync_playwright() as play:
            browser = play.chromium.launch(executable_path=find_chromium(play.chromium.executable_path), args=CHROMIUM)
            time.sleep(WARM)
            for size in sizes:
                lab = Lab(browser.new_page(viewport={"width": 1280, "height": 720}), server.url)
                lab.page.add_init_script(PAINTED)
                lab.open(f"tensor?size={size}")
                took = {scheme: switched(lab, scheme) for scheme in SCHEMES}
                print(f"{size} values: " + ", ".join(f"{scheme} {ms:.0f}" for scheme, ms in took.items()), end="; ")
                print(f"median {statistics.median(took.values()):.0f}, largest {max(took.values()):.0f} ms", flush=True)
                lab.page.close()
    finally:
        server.stop()


if __name__ == "__main__":
    main()
