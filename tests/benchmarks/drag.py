"""How long from a step of the slider until every chart shows it: the tensor lab beside the same page on ``st.slider``.

    python -m tests.benchmarks.drag

Starts both apps, opens both in one Chromium, steps each slider with the arrow keys and prints a table.
"""

import os
import platform
import shutil
import socket
import statistics
import subprocess
import sys
import time
import urllib.request
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).parents[2]
CHROMIUM = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
STEPS = 40

FILMS = """(label) => { const films = [...document.querySelectorAll('[data-film]')];
  return films.length > 0 && films.every(f => f.dataset.level === label); }"""
CHARTS = """(label) => { const titles = [...document.querySelectorAll('.js-plotly-plot .gtitle')];
  return titles.length === 4 && titles.every(t => t.textContent === `level ${label}`)
    && document.body.innerText.includes(`all at level ${label}`); }"""
WATCH = """([done, key]) => { const check = eval(done); window.steps = [];
  document.addEventListener('keydown', e => { if (e.key !== 'ArrowRight' && e.key !== 'ArrowLeft') return;
    const t0 = e.timeStamp, label = window.next;
    const wait = () => check(label) ? window.steps.push(performance.now() - t0) : requestAnimationFrame(wait);
    requestAnimationFrame(wait); }, true); }"""


def start(script: Path, folder: Path) -> tuple[subprocess.Popen, str]:
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        port = s.getsockname()[1]
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.port", str(port), "--server.headless", "true"]
    process = subprocess.Popen(command, cwd=folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    url = f"http://127.0.0.1:{port}"
    for _ in range(300):
        try:
            urllib.request.urlopen(f"{url}/_stcore/health", timeout=1)
            return process, url
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"{script} did not start")


def measure(browser, url: str, slider: str, done: str) -> list[float]:
    """Milliseconds of each step; back and forth over the middle levels."""
    page = browser.new_page(viewport={"width": 1280, "height": 720})
    page.goto(url)
    page.wait_for_function(done, arg="4", timeout=60_000)
    time.sleep(3)
    page.evaluate(WATCH, [done, ""])
    page.locator(slider).first.focus()
    level = 4
    for step in range(STEPS):
        level += 1 if step % 20 < 10 else -1
        page.evaluate(f"window.next = '{level}'")
        page.keyboard.press("ArrowRight" if step % 20 < 10 else "ArrowLeft")
        page.wait_for_function(f"window.steps.length === {step + 1}", timeout=20_000)
    times = page.evaluate("window.steps")
    page.close()
    return sorted(times)


def main() -> None:
    exe = shutil.which("chromium") or shutil.which("google-chrome")
    ours, ours_url = start(Path("app.py"), ROOT)
    theirs, theirs_url = start(Path("app.py"), Path(__file__).parent / "slider_app")
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=exe, args=CHROMIUM)
            rows = {
                "films": measure(browser, f"{ours_url}/tensor", "input[type=range]", FILMS),
                "`st.slider`": measure(browser, theirs_url, "[data-testid=stSlider] :is(input, [role=slider])", CHARTS),
            }
    finally:
        for process in (ours, theirs):
            process.terminate()
            process.wait(10)
    print(f"{platform.machine()}, {os.cpu_count()} cores, headless Chromium, tensor lab, {STEPS} steps")
    print("\n| a step of the slider until every chart shows it | median | p95 |\n|---|---|---|")
    for name, times in rows.items():
        print(f"| {name} | {statistics.median(times):.0f} ms | {times[int(len(times) * 0.95)]:.0f} ms |")
    print(f"\nratio of medians {statistics.median(rows['`st.slider`']) / statistics.median(rows['films']):.0f}")


if __name__ == "__main__":
    main()
