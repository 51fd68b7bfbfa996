"""Streamlit's own files: the same bytes as installed, fewer on the way, and nothing else of the disk."""

from pathlib import Path

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient
from streamlit import file_util

from quantlab.ui import streamlit_files

STATIC = Path(file_util.get_static_dir()) / "static"
SCRIPT = next(path for path in sorted((STATIC / "js").glob("index.*.js")) if path.stat().st_size > 100_000)
FONT = next((STATIC / "media").glob("*.woff2"))


@pytest.fixture(scope="module")
def client() -> TestClient:
    return TestClient(Starlette(routes=streamlit_files.routes()))


def test_a_script_is_zipped_on_its_way_and_kept_by_the_browser_for_good(client):
    answer = client.get(f"/a/base/static/js/{SCRIPT.name}")
    assert answer.content == SCRIPT.read_bytes() and int(answer.headers["content-length"]) < len(answer.content) / 2
    assert answer.headers["content-type"].startswith("text/javascript") and "immutable" in answer.headers["cache-control"]


@pytest.mark.parametrize("path", [SCRIPT, FONT], ids=["script", "font"])
@pytest.mark.parametrize("headers", [{"accept-encoding": "identity"}, {"range": "bytes=5-99"}], ids=["plain", "part"])
def test_whoever_takes_no_gzip_or_asks_for_a_part_gets_it(client, path, headers):
    answer = client.get(f"/static/{path.parent.name}/{path.name}", headers=headers)
    start, end = (5, 100) if "range" in headers else (0, None)
    assert answer.content == path.read_bytes()[start:end] and "content-encoding" not in answer.headers


@pytest.mark.parametrize("name", ["", "js", "js/none.js", "../index.html", "%2e%2e/index.html", "/etc/passwd", "js/..%2f..%2findex.html"])
def test_no_name_leads_out_of_the_folder(client, name):
    assert client.get(f"/static/{name}").status_code == 404
