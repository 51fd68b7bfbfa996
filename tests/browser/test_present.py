"""Can a page be shown to a room, and inside of another page?"""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest

SEEN = "labFilms().filter(f => f.dataset.film !== 'words' && f.dataset.film !== 'numbers').map(labKey)"
CONTROLS = "select, input:not([type=range]), textarea, [role=combobox], [data-testid=stSidebar], [data-testid=stCode]"


def seen(page, css: str) -> int:
    return page.locator(f":is({css}) >> visible=true").count()


@pytest.mark.parametrize("slug, picture", [("tensor", "histogram"), ("image", "wipe"), ("cnn", "accuracy")])
def test_a_presentation_is_the_first_picture_in_large_type(reader, slug, picture):
    lab = reader(1920, 1080).show(f"{slug}?show=present")
    assert lab.page.evaluate(SEEN) == [picture]
    ticks = lab.page.locator(".xtick text >> visible=true").evaluate_all("all => all.map(t => parseFloat(getComputedStyle(t).fontSize))")
    assert min(ticks, default=20) >= 20
    assert seen(lab.page, CONTROLS) == 0
    assert lab.slider.bounding_box()["y"] < 1000
    assert "bits" in lab.main_text() and "camera" not in lab.main_text()  # words of the picture, and no other


def test_arrows_lead_from_state_to_state_and_escape_back_to_the_page(reader):
    lab = reader(1920, 1080).show("tensor")
    lab.page.get_by_role("button", name="Present", exact=True).click()
    lab.settle()
    assert lab.query() == {"show": "present"}
    assert lab.page.get_by_alt_text(f"QR code of {lab.url}/tensor", exact=True).bounding_box()["width"] >= 100
    lab.page.keyboard.press("ArrowRight")
    lab.page.wait_for_function("location.search.includes('granularity=group-64')")
    lab.settle()
    assert lab.query() == {"show": "present", "granularity": "group-64"} and "1 of " in lab.main_text()
    assert lab.page.get_by_alt_text(f"QR code of {lab.url}/tensor?granularity=group-64", exact=True).count() == 1
    lab.slider.press("ArrowRight")  # the slider's own
    lab.settle()
    assert lab.query() == {"show": "present", "granularity": "group-64", "bits": "5"}
    lab.page.keyboard.press("Escape")
    lab.page.wait_for_function("!location.search.includes('show')")
    assert lab.settle().query() == {"granularity": "group-64", "bits": "5"}
    assert lab.chosen("One scale for") != ""


@pytest.fixture
def other_origin():
    """Another site; its page holds whatever address follows the question mark."""

    class Site(BaseHTTPRequestHandler):
        def do_GET(self):
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(f'<iframe src="{self.path.partition("?")[2]}" width="900" height="600"></iframe>'.encode())

        def log_message(self, *_):
            """Nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://localhost:{server.server_port}"
    server.shutdown()


def test_another_site_embeds_pictures_words_and_slider_and_nothing_else(lab, other_origin):
    lab.page.goto(f"{other_origin}/page?{lab.url}/tensor?embed=true&bits=3")
    frame = lab.page.frame_locator("iframe")
    frame.locator("[data-film=numbers]").first.wait_for(timeout=60_000)
    frame.get_by_text("at 3 bits").filter(visible=True).first.wait_for()  # words of every level stand in the page
    inside = lab.page.frames[1]
    inside.wait_for_function("labFilms().length >= 4")
    assert inside.locator(f":is(h1, header, {CONTROLS}, .stButton, .stDownloadButton) >> visible=true").count() == 0
    slider = inside.locator("[data-live=slider]")
    slider.press("ArrowRight")
    inside.wait_for_function("labState()[1] === 0 && labState()[2] === '4'")
    lab.errors[:] = [error for error in lab.errors if "favicon" not in error and "404" not in error]  # of the site around it
