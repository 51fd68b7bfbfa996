"""The first answer: is it Streamlit's page, told where it stands, and nothing but that page?"""

import re
from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import FileResponse, HTMLResponse, Response
from starlette.routing import Route
from starlette.testclient import TestClient
from streamlit import file_util

from quantlab.ui.opening import _PARTS, opening, original, parts_of
from quantlab.ui.preload import Preload

STATIC = Path(file_util.get_static_dir())
HTML = {"accept": "text/html,*/*"}
REPORT = "<title>A report</title>" + "word " * 10_000


@pytest.fixture(scope="module")
def client() -> TestClient:
    async def page(request: Request) -> Response:
        return FileResponse(STATIC / "index.html", headers={"Cache-Control": "no-cache"})

    async def report(request: Request) -> Response:
        return HTMLResponse(REPORT)

    async def start_of_the_page(request: Request) -> Response:
        return HTMLResponse(original()[:50])

    routes = [Route("/tensor", page), Route("/report", report), Route("/start", start_of_the_page)]
    return TestClient(Starlette(routes=routes, middleware=[Middleware(Preload), Middleware(GZipMiddleware)]))


@pytest.mark.parametrize("encoding", ["gzip", "identity"])
def test_a_page_is_streamlits_own_with_base_and_configuration_before_its_first_script(client, encoding):
    answer = client.get("/tensor", headers=HTML | {"accept-encoding": encoding})
    assert answer.content == opening().plain and answer.headers.get("content-encoding", "identity") == encoding
    assert answer.text.index("BACKEND_BASE_URL") < answer.text.index("<script type=")
    without = re.sub(r'<script>window.__streamlit.*?</script>|<link rel="modulepreload" crossorigin href="[^"]*"></head>', "", answer.text)
    added = set(re.findall(r'href="([^"]*)"', answer.text)) - set(re.findall(r'href="([^"]*)"', original().decode()))
    assert len(without) > len(original()) / 2 and all((STATIC / name).is_file() for name in added)
    assert answer.headers["cache-control"] == "no-cache" and answer.headers["link"]


def test_the_browser_keeps_a_page_as_long_as_it_is_the_same(client):
    first = client.get("/tensor", headers=HTML)
    again = client.get("/tensor", headers=HTML | {"if-none-match": first.headers["etag"]})
    assert again.status_code == 304 and not again.content
    assert client.get("/tensor", headers=HTML | {"if-none-match": '"another"'}).content == opening().plain


def test_another_page_is_left_as_it_is(client):
    assert client.get("/report", headers=HTML).text == REPORT
    assert client.get("/start", headers=HTML).content == original()[:50]
    assert client.head("/tensor", headers=HTML).content == b""
    assert client.get("/none", headers=HTML).status_code == 404


def test_every_part_of_streamlit_that_is_fetched_ahead_is_there():
    names = list(parts_of(STATIC / "static" / "js", original().decode()))
    assert all(any(name.startswith(f"{part}.") for name in names) for part in _PARTS), names
    assert len(names) == len(set(names)) and not any(name in original().decode() for name in names)
