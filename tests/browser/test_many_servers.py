"""Two app servers behind the nginx of ``compose.many.yaml``, one PostgreSQL, one cache folder, a Dask scheduler with workers: as processes.

A visitor stays with one server, answers to both are counted together, and who loses a server goes on with the other.
"""

import json
import os
import shutil
import subprocess
import time
import urllib.request
from pathlib import Path

import pytest
import yaml

from quantlab.classroom.database import Database
from quantlab.classroom.store import Store
from quantlab.ui.visitors import COOKIE
from tests.browser.lab import REPO, Server, free_port
from tests.browser.test_own_data import W, npy, written
from tests.classroom.conftest import postgresql  # noqa: F401
from tests.workers.test_dask import scheduler  # noqa: F401

pytestmark = pytest.mark.slow


class Nginx:
    """nginx with the shipped configuration, the names of its servers replaced by addresses of this machine."""

    def __init__(self, folder: Path, servers: list[Server]) -> None:
        self.port, self.folder = free_port(), folder
        self.url = f"http://127.0.0.1:{self.port}"
        site = (REPO / "docs" / "nginx.conf").read_text("utf-8").replace("listen 80;", f"listen 127.0.0.1:{self.port};")
        for place, server in enumerate(servers, 1):
            site = site.replace(f"app{place}:8501", server.url.removeprefix("http://"))
        temporary = "".join(f"{kind}_temp_path {folder}/{kind};" for kind in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
        log = f"log_format who '$upstream_addr $request_uri'; access_log {folder}/access.log who;"
        user = "user root;" if os.geteuid() == 0 else ""
        (folder / "nginx.conf").write_text(
            f"{user} daemon off; pid {folder}/pid; error_log {folder}/error.log; events {{}} http {{ {temporary} {log}\n{site}\n}}"
        )
        self._process = subprocess.Popen(["nginx", "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "error.log")])
        end = time.monotonic() + 10
        while time.monotonic() < end:
            try:
                urllib.request.urlopen(f"{self.url}/_stcore/health", timeout=5).close()
                return
            except OSError:
                time.sleep(0.1)
        raise RuntimeError((folder / "error.log").read_text())

    def who(self, part: str) -> list[str]:
        """The servers that were asked for addresses with this part, in order."""
        lines = (self.folder / "access.log").read_text().splitlines()
        return [line.split(" /")[0].split(", ")[-1] for line in lines if part in line]

    def stop(self) -> None:
        self._process.terminate()
        self._process.wait(10)


@pytest.fixture
def many(request, tmp_path):
    """The front, its servers, the database's address."""
    if shutil.which("nginx") is None:
        (pytest.fail if os.environ.get("CI") else pytest.skip)("nginx is not installed")
    address = request.getfixturevalue("postgresql").new_database()
    environment = {
        "QUANTLAB_DATABASE": address,
        "QUANTLAB_DASK": request.getfixturevalue("scheduler").address,
        "QUANTLAB_CACHE": str(tmp_path / "cache"),
        "STREAMLIT_SERVER_COOKIE_SECRET": "a secret of both",
    }
    servers = [Server(**environment), Server(**environment)]
    (tmp_path / "nginx").mkdir()
    front = Nginx(tmp_path / "nginx", servers)
    yield front, servers, address
    front.stop()
    for server in servers:
        server.stop()


def post(url: str, visitor: str, body: dict, token: str = "") -> dict:
    headers = {"Content-Type": "application/json", "Cookie": f"{COOKIE}={visitor}", "Authorization": f"Bearer {token}"}
    with urllib.request.urlopen(urllib.request.Request(url, json.dumps(body).encode(), headers), timeout=30) as answer:
        return json.load(answer)


def check_a_class(front: Nginx, address: str) -> None:
    store = Store(Database(address))
    opened = store.open_class()
    teacher = store.teacher(opened.code, opened.secret)
    teacher.pose("a:1", {"kind": "choice", "options": ["floor", "round", "ceil"]})
    for student in range(16):
        url, visitor = f"{front.url}/ql/class/{opened.code}", f"visitor-{student}"
        token = post(f"{url}/join", visitor, {"name": f"S{student}", "key": f"join-{student}-key"})["token"]
        vote = {"question": "a:1", "round": 1, "key": f"vote-{student}-key", "answer": student % 3, "made": 5}
        assert [post(f"{url}/answer", visitor, vote, token) for _ in range(2)] == [{"new": True}, {"new": False}]
    assert teacher.state().answered == 16
    asked = front.who(f"/ql/class/{opened.code}/")
    assert len(set(asked)) == 2, "answers came to both servers"
    assert all(len(set(asked[k : k + 3])) == 1 for k in range(0, len(asked), 3)), "a visitor stays with one"
    store.database.close()


def test_a_visitor_stays_answers_are_counted_together_and_a_server_that_is_gone_is_replaced(many, new_lab, tmp_path):
    front, servers, address = many
    check_a_class(front, address)
    lab = new_lab(fresh=True, url=front.url)
    lab.open("tensor?source=upload&bits=5&scheme=nf4").upload(written(tmp_path, "mine.npy", npy(W)))
    assert lab.says() == [] and "mine.npy" in lab.code()
    mine = front.who("/_stcore/upload_file/")[-1]  # a websocket is logged once it closes
    next(server for server in servers if server.url.endswith(mine)).stop()
    lab.errors.clear()
    lab.page.goto(lab.page.url)
    (sentence,) = lab.settle().says()
    assert "no longer held" in sentence and lab.query()["scheme"] == "nf4", "the state stands in the address, the file went with its server"
    lab.errors.clear()  # of the connection that broke


def test_the_compose_file_names_what_the_test_runs():
    stated = yaml.safe_load((REPO / "compose.many.yaml").read_text("utf-8"))["services"]
    assert set(stated) == {"app1", "app2", "scheduler", "worker", "database", "nginx"}
    for app in ("app1", "app2"):
        assert {"QUANTLAB_DATABASE", "QUANTLAB_DASK", "STREAMLIT_SERVER_COOKIE_SECRET"} <= set(stated[app]["environment"])
        assert stated[app]["volumes"] == stated["worker"]["volumes"], "one cache folder"
        assert f"server {app}:8501 " in (REPO / "docs" / "nginx.conf").read_text("utf-8")
