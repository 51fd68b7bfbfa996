"""Is everything prepared before somebody asks, and nobody held up by it?"""

import time

import pytest

from quantlab.labs.catalog import LABS
from quantlab.ui import ahead
from tests.ui.loops import run


def test_nothing_begins_before_somebody_came_and_rests():
    activity = ahead.Activity()
    activity.note()
    begun = time.monotonic()
    activity.rest(quiet=0.2)
    assert time.monotonic() - begun >= 0.2


def test_labs_with_a_library_of_their_own_come_last_and_only_where_it_is_installed(monkeypatch):
    order = [(step.args[0] if step.args else step.func.__self__).slug for step in ahead.steps()][::2]
    with_one = [slug for slug, lab in LABS.items() if lab.extra]
    assert set(order) == set(LABS) and order[-len(with_one) :] == with_one
    monkeypatch.setattr("quantlab.packages.absent", lambda extra: ["torch"])
    assert [(step.args[0] if step.args else step.func.__self__).slug for step in ahead.steps()][::2] == order[: -len(with_one)]


def test_the_first_lab_is_prepared_at_once_and_the_others_each_after_a_rest(monkeypatch):
    seen = []
    monkeypatch.setattr("quantlab.labs.lab.Lab.compute_ahead", lambda lab, most=None: seen.append(lab.slug))

    monkeypatch.setattr("quantlab.labs.expectations.compute", lambda lab: seen.append(lab.slug))

    class Workers:
        def warm(self) -> None:
            seen.append("workers")

    class Resting(ahead.Activity):
        def rest(self, quiet: float = 0) -> None:
            seen.append("rest")

    monkeypatch.setattr(ahead.workers, "POOL", Workers())
    ahead.prepare(Resting())
    assert seen[:3] == ["tensor", "rest", "workers"], "worker processes are started once the first page was served"
    assert seen[1::2] == ["rest"] * (1 + 2 * len(LABS)) and len(seen) == 3 + 4 * len(LABS)


@pytest.mark.parametrize(("message", "noted"), [("websocket.receive", True), ("websocket.connect", False)])
def test_a_message_of_a_page_is_noted(monkeypatch, message, noted):
    activity = ahead.Activity()
    monkeypatch.setattr(ahead, "ACTIVITY", activity)

    async def receive():
        return {"type": message}

    async def app(scope, receive, send):
        assert (await receive())["type"] == message

    run(ahead.Watch(app)({"type": "websocket"}, receive, None))
    assert (activity.last is not None) == noted
