"""Who is answered, who may frame a page, and which headers every answer has."""

import pytest
from starlette.responses import HTMLResponse, PlainTextResponse

from quantlab.ui.guard import Guard
from tests.ui.loops import run


async def pages(scope, receive, send):
    if scope["type"] == "websocket":
        await receive()
        return await send({"type": "websocket.accept"})
    answer = PlainTextResponse("1") if "." in scope["path"] else HTMLResponse("<p>")
    return await answer(scope, receive, send)


def ask(path="/tensor", kind="http", **headers):
    """The status and headers of an answer; of a websocket what becomes of it."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""} if kind == "http" else {"type": "websocket.connect"}

    async def send(message):
        sent.append(message)

    path, _, query = path.partition("?")
    raw = [(name.encode(), value.encode()) for name, value in ({"host": "127.0.0.1:8501"} | headers).items()]
    scope = {"type": kind, "method": "GET", "path": path, "query_string": query.encode(), "headers": raw, "scheme": kind}
    run(Guard(pages)(scope, receive, send))
    if kind == "websocket":
        return sent[0]["type"]
    return (
        sent[0]["status"],
        {name.decode(): value.decode() for name, value in sent[0]["headers"]},
        b"".join(m.get("body", b"") for m in sent),
    )


KNOWN = ["localhost:8501", "127.0.0.1", "192.168.1.7:80", "[::1]:8501", "lab", "teacher.local:8501", "LOCALHOST."]
FOREIGN = ["evil.example", "127.0.0.1.evil.example:8501", "localhost.evil.example", "", "[evil", "10.0.0.1@evil.example"]


@pytest.mark.parametrize("host", KNOWN)
def test_who_means_this_server_is_answered(host):
    assert ask(host=host)[0] == 200
    assert ask("/_stcore/stream", "websocket", host=host, origin=f"http://{host}") == "websocket.accept"


@pytest.mark.parametrize("host", FOREIGN)
def test_another_name_is_refused_with_the_remedy(host):
    status, _, body = ask(host=host)
    assert status == 421 and b"QUANTLAB_HOSTS" in body
    assert ask("/_stcore/stream", "websocket", host=host) == "websocket.close"


def test_names_that_the_owner_allows_are_answered(monkeypatch):
    monkeypatch.setenv("QUANTLAB_HOSTS", "quantlab.school.example, other.example")
    assert ask(host="quantlab.school.example")[0] == 200 and ask(host="evil.example")[0] == 421
    monkeypatch.setenv("QUANTLAB_HOSTS", "*")
    assert ask(host="evil.example")[0] == 200


@pytest.mark.parametrize("origin", ["http://evil.example", "https://evil.example:8501", "null"])
def test_a_websocket_from_another_page_is_closed_before_it_opens(origin):
    assert ask("/_stcore/stream", "websocket", origin=origin) == "websocket.close"


def test_a_websocket_of_the_name_that_was_asked_for_opens(monkeypatch):
    monkeypatch.setenv("QUANTLAB_HOSTS", "quantlab.example")
    assert ask("/_stcore/stream", "websocket", host="quantlab.example", origin="https://quantlab.example") == "websocket.accept"


def test_only_what_is_meant_to_be_embedded_may_be_framed_elsewhere(monkeypatch):
    def frames(path):
        parts = ask(path)[1]["content-security-policy"].split("; ")
        return next(part for part in parts if part.startswith("frame-ancestors"))

    assert frames("/tensor") == frames("/tensor?embed=false") == "frame-ancestors 'self'"
    assert frames("/tensor?scheme=nf4&embed=true") == "frame-ancestors *"
    monkeypatch.setenv("QUANTLAB_FRAMES", "https://course.example")
    assert frames("/tensor?embed=true") == "frame-ancestors https://course.example"


def test_every_answer_says_what_it_is_and_policies_stand_at_pages():
    for path in ("/tensor", "/ql/web/film.js"):
        headers = ask(path)[1]
        assert headers["x-content-type-options"] == "nosniff" and headers["referrer-policy"] == "same-origin"
    assert "object-src 'none'" in ask("/tensor")[1]["content-security-policy"]


def test_metrics_are_closed_until_they_are_opened(monkeypatch):
    assert ask("/_stcore/metrics")[0] == ask("/below/_stcore/metrics")[0] == 404
    monkeypatch.setenv("QUANTLAB_METRICS", "1")
    assert ask("/_stcore/metrics")[0] == 200
