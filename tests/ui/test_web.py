"""Files by URL: are they named by their content, answered below any base, and kept by the browser for good?"""

import gzip
import re
from importlib.resources import files
from pathlib import PurePosixPath

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import Request
from starlette.responses import HTMLResponse
from starlette.routing import Route
from starlette.testclient import TestClient

from quantlab.ui import served, web
from quantlab.ui.preload import Preload

IMPORT = re.compile(r'^import .* from "(.*)";$', re.MULTILINE)
LINK = re.compile(r"<([^>]+)>; rel=(modulepreload|preload; as=style|preload; as=script)")


@pytest.fixture(scope="module")
def client() -> TestClient:
    async def page(request: Request) -> HTMLResponse:
        return HTMLResponse("<title>A page</title>")

    return TestClient(Starlette(routes=[*web.routes(), *served.routes(), Route("/lab/tensor", page)], middleware=[Middleware(Preload)]))


@pytest.mark.parametrize("base", ["/", "/lab/", "/a/b/"])
def test_a_module_is_answered_below_any_base_and_kept_for_good(client, base):
    answer = client.get(base + web.module_address("film/web/films/plot.js"))
    assert answer.status_code == 200 and "export function mount" in answer.text
    assert answer.headers["content-type"].startswith("text/javascript")
    assert "immutable" in answer.headers["cache-control"]


def test_what_modules_import_is_served_where_they_look_for_it(client):
    for path in web._modules():
        for other in IMPORT.findall(client.get("/" + web.module_address(path)).text):
            assert client.get(f"/{PurePosixPath(web.module_address(path)).parent}/{other}").status_code == 200, (path, other)


def test_style_is_served_as_style(client):
    assert client.get("/" + web.module_address("film/web/style.css")).headers["content-type"].startswith("text/css")


def test_plotly_is_the_installed_one_zipped_or_plain(client):
    plain = files("plotly").joinpath("package_data", "plotly.min.js").read_bytes()
    for encoding in ("gzip", "identity"):
        answer = client.get("/lab/" + web.plotly_address(), headers={"accept-encoding": encoding})
        assert answer.content == plain
        assert answer.headers.get("content-encoding", "identity") == encoding


@pytest.mark.parametrize("address", ["ql/web/0/film/web/films/plot.js", "ql/plotly/0.min.js"])
def test_another_version_is_not_passed_off_as_the_one_asked_for(client, address):
    answer = client.get("/" + address)
    assert answer.status_code == 404 and answer.headers["cache-control"] == "no-store"


def test_only_modules_and_style_are_served(client):
    address = web.module_address("film/web/bus.js")
    for path in ("film/__init__.py", "../pyproject.toml", "film/web/package.json", "%2e%2e/app.py"):
        assert client.get("/" + address.replace("film/web/bus.js", path)).status_code == 404


def test_an_unknown_module_is_named_with_those_that_there_are():
    with pytest.raises(ValueError, match=r"no module 'film/web/films/none.js'; there are .*plot\.js"):
        web.module_address("film/web/films/none.js")


def test_the_name_changes_with_the_content():
    name = re.compile(r"ql/web/[0-9a-f]{16}/")
    assert name.match(web.module_address("film/web/bus.js"))
    texts = web._modules()
    assert web._hash(*texts.values()) != web._hash(*texts.values(), gzip.compress(b"more"))


def test_a_page_names_what_every_lab_needs_and_all_of_it_is_served_below_the_page(client):
    links = LINK.findall(client.get("/lab/tensor", headers={"accept": "text/html"}).headers["link"])
    assert {"modulepreload", "preload; as=style"} == {how for _, how in links}, "plotly is not needed to draw"
    assert any(address.endswith("/plot/paths.js") for address, _ in links), "what a film's module imports, too"
    for address, _ in links:
        assert client.get(f"/lab/{address}").status_code == 200, address
    assert "link" not in client.get("/lab/" + web.plotly_address()).headers
