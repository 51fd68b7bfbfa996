"""A file that was taken along plays from a folder with the network off: the slider moves every film, and nothing is asked for."""

import pytest

from quantlab.export import html
from quantlab.labs.catalog import LABS

STATES = {
    "home": {},
    "tensor": {"scheme": "nf4", "scrub": "group"},
    "image": {"source": "gradient", "what": "grey"},
    "audio": {"dither": "tpdf"},
    "reference": {},
}


def until(page, expression: str) -> None:
    """Wait for it by asking from outside: the file's own policy lets nobody evaluate text in it."""
    for _ in range(200):
        if page.evaluate(expression):
            return
        page.wait_for_timeout(100)
    raise AssertionError(f"not so after 20 s: {expression}")


@pytest.mark.parametrize("slug", STATES)
def test_a_file_plays_without_a_network(browser, tmp_path, slug):
    lab = LABS[slug]
    path = tmp_path / f"{slug}.html"
    path.write_text(html(lab, lab.read(STATES[slug])), "utf-8")
    context = browser.new_context(viewport={"width": 390, "height": 844}, offline=True)
    page, asked, errors = context.new_page(), [], []
    page.on("request", lambda request: asked.append(request.url))
    page.on("console", lambda message: errors.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: errors.append(str(error)))
    page.goto(path.as_uri())
    level = "document.querySelector('[data-live=slider]')?.dataset.level"
    painted = f"[...document.querySelectorAll('[data-film]')].every(f => f.dataset.level === {level})"
    until(page, f"document.querySelectorAll('[data-film]').length > 0 && {level} !== undefined && {painted}")
    before = page.evaluate(level)
    page.get_by_role("slider").last.focus()
    page.keyboard.press("End")
    until(page, f"{level} !== {before!r} && {painted}")
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    if page.locator(".ql-plot").count():
        page.locator(".ql-plot").first.hover()
    page.wait_for_timeout(300)
    assert errors == [] and [url for url in asked if not url.startswith(("file:", "data:", "blob:"))] == []
    context.close()
