"""How long until a page stands, in a new browser and reloaded, beside an empty Streamlit page with one slider.

    python -m tests.benchmarks.load [rounds]

Starts both apps, opens every lab in new browsers and reloads it, and prints medians with their ratios to the empty page: seconds,
and seconds of CPU time of the browser's main thread, which say the same on a busy machine. The first visit of all to a lab computes
what it opens on, which the server prepares while people rest: it is measured apart. So is the network lab's, before the others, on a
server that nobody has visited.
"""

import os
import platform
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from collections import defaultdict
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from quantlab.labs.catalog import LABS
from tests.browser.conftest import CHROMIUM, find_chromium

ROOT = Path(__file__).parents[2]
EMPTY = "an empty page with one slider"
STANDS = {
    True: "() => document.querySelector('[data-testid=stSlider]') !== null",
    False: """() => { const films = [...document.querySelectorAll('[data-film]')].filter(f => f.getBoundingClientRect().height > 0);
      const slider = document.querySelector('[data-live=slider]');
      return slider && films.length > 0 && films.every(f => f.dataset.level === slider.dataset.level); }""",
}


def start(folder: Path) -> tuple[subprocess.Popen, str, float]:
    """The app of a folder, its URL, and the seconds until it answered."""
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", "app.py", "--server.port", str(port), "--server.headless", "true"]
    begun = time.perf_counter()
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    while time.perf_counter() - begun < 120:
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1).close()
            return process, url, time.perf_counter() - begun
        except OSError:
            time.sleep(0.02)
    raise SystemExit(f"{folder} did not start")


def stop(process: subprocess.Popen) -> None:
    process.terminate()
    process.wait()


def stand(page: Page, url: str, empty: bool) -> tuple[float, float]:
    """Seconds until the page stands, and those of CPU time that its main thread took."""
    session = page.context.new_cdp_session(page)
    session.send("Performance.enable", {"timeDomain": "threadTicks"})
    begun = time.perf_counter()
    page.goto(url, wait_until="commit")
    page.wait_for_function(STANDS[empty], timeout=120_000, polling=20)
    seconds = time.perf_counter() - begun
    metrics = {m["name"]: m["value"] for m in session.send("Performance.getMetrics")["metrics"]}
    return seconds, metrics["TaskDuration"]


def visit(browser: Browser, url: str, empty: bool = False) -> dict[str, tuple[float, float]]:
    """The first visit of all, a new browser's, and its reload."""
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    of_all = stand(context.new_page(), url, empty)
    context.close()
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = context.new_page()
    first = stand(page, url, empty)
    page.wait_for_timeout(1500)
    page.goto("about:blank")
    again = stand(context.new_page(), url, empty)
    context.close()
    return {"first of all": of_all, "new browser": first, "reload": again}


def main(rounds: int) -> None:
    seen: dict[tuple[str, str], list[tuple[float, float]]] = defaultdict(list)
    starts: dict[str, list[float]] = defaultdict(list)
    with sync_playwright() as p:
        browser = p.chromium.launch(executable_path=find_chromium(p.chromium.executable_path), args=CHROMIUM)
        for _ in range(rounds):
            process, url, seconds = start(Path(__file__).parent / "empty_app")
            starts["empty"].append(seconds)
            for kind, found in visit(browser, url, empty=True).items():
                seen[EMPTY, kind].append(found)
            stop(process)
            process, url, seconds = start(ROOT)
            starts["quantlab"].append(seconds)
            context = browser.new_context()
            stand(context.new_page(), f"{url}/tensor", False)  # the first visitor of this server
            seen["cnn", "first after start"].append(stand(context.new_page(), f"{url}/cnn", False))
            context.close()
            for slug in (slug for slug, lab in LABS.items() if any(parameter.name == "bits" for parameter in lab.table)):
                for kind, found in visit(browser, f"{url}/{'' if slug == 'home' else slug}").items():
                    seen[slug, kind].append(found)
            stop(process)
        browser.close()
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, load {os.getloadavg()[0]:.1f}, {rounds} rounds, medians")
    for name, all_of in starts.items():
        print(f"server start, {name}: {statistics.median(all_of):.2f} s")
    print("| page | visit | s | against empty | s of the main thread | against empty |\n|---|---|---|---|---|---|")
    for (name, kind), found in seen.items():
        wall, work = (statistics.median(column) for column in zip(*found, strict=True))
        base = seen[EMPTY, kind if kind == "reload" else "new browser"]
        of_wall, of_work = (statistics.median(column) for column in zip(*base, strict=True))
        print(f"| {name} | {kind} | {wall:.2f} | {wall / of_wall:.2f} × | {work:.2f} | {work / of_work:.2f} × |")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 5)
