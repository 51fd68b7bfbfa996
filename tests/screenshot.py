"""Makes the README's picture: the tensor lab at its default, 1280 × 720.

python -m tests.screenshot
"""

import shutil
from pathlib import Path

from playwright.sync_api import sync_playwright

from tests.benchmarks.drag import CHROMIUM, FILMS, ROOT, start

OUT = ROOT / "assets" / "tensor.png"


def main() -> None:
    server, url = start(Path("app.py"), ROOT)
    try:
        with sync_playwright() as p:
            browser = p.chromium.launch(executable_path=shutil.which("chromium") or shutil.which("google-chrome"), args=CHROMIUM)
            page = browser.new_page(viewport={"width": 1280, "height": 720})
            page.goto(f"{url}/tensor")
            page.wait_for_function(FILMS, arg="4", timeout=60_000)
            page.wait_for_timeout(4000)
            page.screenshot(path=OUT)
            browser.close()
    finally:
        server.terminate()
        server.wait(10)
    print(OUT)


if __name__ == "__main__":
    main()
