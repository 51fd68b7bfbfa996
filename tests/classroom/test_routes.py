"""What students' browsers ask by HTTP: kept and acknowledged, or refused with a sentence; nothing secret in an answer."""

import pytest
from starlette.applications import Starlette
from starlette.testclient import TestClient

from quantlab.classroom import database, limits, routes
from quantlab.classroom.store import shared

CHOICE = {"kind": "choice", "options": ["floor", "round", "ceil"]}


@pytest.fixture
def client(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_DATABASE", f"sqlite:///{tmp_path / 'classes.db'}")
    monkeypatch.setattr(routes, "GUARD", limits.Guard(most=5))
    routes._states.clear()
    return TestClient(Starlette(routes=routes.routes("/{base:path}")), follow_redirects=False)


@pytest.fixture
def room(client):
    opened = shared().open_class()
    teacher = shared().teacher(opened.code, opened.secret)
    teacher.pose("a:1", CHOICE)
    return opened.code, teacher


def joined(client, code, name="Ada", key="join-key-1") -> dict[str, str]:
    answer = client.post(f"/ql/class/{code}/join", json={"name": name, "key": key})
    assert answer.status_code == 200 and answer.headers["cache-control"] == "no-store"
    return {"Authorization": f"Bearer {answer.json()['token']}"}


def vote(**changes):
    return {"question": "a:1", "round": 1, "key": "vote-key-1", "answer": 1, "made": 5} | changes


@pytest.mark.parametrize("base", ["", "/school/lab"])
def test_a_student_joins_answers_and_hears(client, room, base):
    code, teacher = room
    bearer = joined(client, code)
    answers = [client.post(f"{base}/ql/class/{code}/answer", json=vote(), headers=bearer) for _ in range(2)]
    assert [(answer.status_code, answer.json()) for answer in answers] == [(200, {"new": True}), (200, {"new": False})]
    state = client.get(f"{base}/ql/class/{code}/state", headers=bearer).json()
    assert (state["answered"], state["mine"], state["results"]) == (1, 1, None)
    teacher.reveal()
    state = client.get(f"/ql/class/{code}/state", headers=bearer).json()
    assert state["results"]["bars"] == [["floor", 0], ["round", 1], ["ceil", 0]]
    assert "Ada" not in client.get(f"/ql/class/{code}/state").text


def test_a_small_letter_code_with_blanks_is_the_same_class(client, room):
    code, _ = room
    assert client.get(f"/ql/class/{code[:2].lower()}-{code[2:]}/state").json()["code"] == code


@pytest.mark.parametrize(
    "sent, status",
    [(b"", 400), (b"[1]", 400), (b"{", 400), (b"[" * 9000, 400), (b"\xff", 400), (b"{}", 422), (b" " * 20_000, 413), (b'{"question": "a:1"}', 422)],
)  # fmt: skip
def test_what_is_no_answer_gets_a_sentence(client, room, sent, status):
    code, teacher = room
    answer = client.post(f"/ql/class/{code}/answer", content=sent, headers=joined(client, code))
    assert answer.status_code == status and answer.json()["refused"].endswith(".")
    assert teacher.state().answered == 0


def test_marks_and_views_of_others_cannot_be_asked_for(client, room):
    code, teacher = room
    bearer = joined(client, code)
    client.post(f"/ql/class/{code}/answer", json=vote(score=1.0, mistake="none", student_id=7), headers=bearer)
    (row,) = teacher.view().answers
    assert row.score is None and row.mistake == "" and row.student == 1


@pytest.mark.parametrize("headers", [{}, {"Authorization": "Bearer x"}, {"Authorization": "Basic " + "x" * 9000}])
def test_who_has_not_joined_is_not_heard(client, room, headers):
    code, teacher = room
    assert client.post(f"/ql/class/{code}/answer", json=vote(), headers=headers).status_code == 403
    assert teacher.state().answered == 0


def test_codes_cannot_be_tried_out(client, room):
    statuses = [client.get("/ql/class/BBBBB/state").status_code for _ in range(6)]
    assert statuses == [404] * 5 + [429]
    code, _ = room
    assert client.get(f"/ql/class/{code}/state").status_code == 429, "not even a right one is told from here for a minute"


def test_a_database_that_does_not_work_is_answered_so_that_browsers_send_again(client, room, monkeypatch):
    code, _ = room
    bearer = joined(client, code)
    monkeypatch.setenv("QUANTLAB_DATABASE", "postgresql://127.0.0.1:1/x")
    answer = client.post(f"/ql/class/{code}/answer", json=vote(), headers=bearer)
    assert answer.status_code == 503 and answer.headers["retry-after"] and answer.json()["refused"] == database._GONE


def test_the_short_address_leads_to_the_class(client, room):
    code, _ = room
    assert client.get(f"/c/{code.lower()}").headers["location"] == f"../learn?part=class&code={code}"
    assert client.get("/c/<script>").headers["location"] == "../learn?part=class"
