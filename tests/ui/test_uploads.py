"""Does the server hold what a class brings, each file for its visitor, and no more than it has room for?"""

import numpy as np
import pytest
from streamlit.testing.v1 import AppTest

from quantlab.labs.catalog import LABS
from quantlab.sources.uploads import UPLOADS, Uploads, room_of
from quantlab.ui.visitors import COOKIE, Visitors
from tests.ui.loops import run
from tests.ui.test_pages import alive, opened, query

TABLE = b"1,2\n3,4\n"


@pytest.fixture
def store():
    return Uploads(room=100)


def test_a_visitors_last_files_are_held_and_never_at_the_cost_of_another_visitor():
    store = Uploads()
    other = store.add("o.png", b"other", "o")
    names = [store.add(f"{i}.png", bytes([i]) * 9, "a") for i in range(Uploads.most_each + 3)]
    assert [name in store for name in names] == [False] * 3 + [True] * Uploads.most_each and other in store
    assert store.content(names[5]) == ("5.png", bytes([5]) * 9)
    assert store.add("again.png", bytes([5]) * 9, "a") == names[5] and store.name(names[5]) == "again.png"


def test_a_class_of_any_size_keeps_a_file_each():
    store = Uploads(room=200 * 10)
    names = [store.add("x.csv", b"%9d\n" % pupil, f"pupil {pupil}") for pupil in range(200)]
    assert all(name in store for name in names)


def test_who_holds_the_most_gives_way_first_but_the_last_file_stays(store):
    small = store.add("small", b"s" * 30, "a")
    large = [store.add("large", bytes([i]) * 25, "b") for i in range(3)]
    assert small in store and [name in store for name in large] == [False, True, True]
    whole = store.add("whole", b"c" * 500, "c")
    assert whole in store and not any(name in store for name in (small, *large))


def test_equal_files_of_several_people_are_held_once_with_a_token_each(store):
    first, second = store.add("w.csv", b"1" * 60, "a"), store.add("w.csv", b"1" * 60, "b")
    assert first != second and store.key(first) == store.key(second) and first in store
    assert store.key(store.add("v.csv", b"1" * 60, "c")) != store.key(first), "a program and a table are called after the file's name"


def test_a_token_says_nothing_about_the_content_and_the_content_no_token():
    tokens = {Uploads().add("w.csv", TABLE) for _ in range(50)}
    assert len(tokens) == 50 and all(len(token) >= 16 for token in tokens)
    one, other = Uploads(), Uploads()
    assert one.key(one.add("w.csv", TABLE)) != other.key(other.add("w.csv", TABLE)), "keys cannot be computed from outside"


def test_only_its_owner_opens_a_file_until_it_is_shared(store):
    token = store.add("w.csv", TABLE, "a")
    with store.seen_by("b"):
        assert token not in store and not store.owned(token)
        for look in (store.name, store.content, store.tensors, store.notes, lambda t: store.load(t, None), store.check):
            with pytest.raises(ValueError, match="not shared"):
                look(token)
        with pytest.raises(ValueError, match="another person's"):
            store.share(token, True)
        assert store.key(token) not in store, "an address names tokens only"
    with store.seen_by("a"):
        store.share(token, True)
    with store.seen_by("b"):
        assert np.array_equal(store.load(token, None), [[1, 2], [3, 4]])
    with store.seen_by("a"):
        store.share(token, False)
    with store.seen_by("b"):
        assert token not in store


def test_a_file_that_nobody_opens_is_closed_after_some_hours(store):
    token = store.add("w.csv", TABLE, "a")
    store._held[token].used -= 3600 * store.hours + 1
    assert token not in store and not store._contents
    again = store.add("w.csv", TABLE, "a", token)
    assert again == token and token in store
    assert store.add("x.csv", b"9,9\n", "b", token) != token, "nobody takes the token of another's file"


def test_the_room_is_a_whole_number_of_megabytes():
    with pytest.raises(ValueError, match="'much'; write a whole number of MB"):
        room_of("much")


def box(app):
    return app.file_uploader[0]


def test_a_file_is_brought_shared_and_brought_again_where_the_server_dropped_it():
    app = opened("tensor.py", source="upload")
    alive(box(app).set_value(("w.csv", TABLE, "text/csv")).run())
    token = query(app)["file"]
    assert UPLOADS.name(token) == "w.csv" and not UPLOADS.shared(token) and not app.error
    with UPLOADS.seen_by("somebody else"):
        address = LABS["tensor"].read(query(app))
        assert address.subject.source != "upload" and "not shared" in address.problems[0]
    alive(app.toggle(key=f"share:tensor:{token}").set_value(True).run())
    with UPLOADS.seen_by("somebody else"):
        assert np.array_equal(LABS["tensor"].read(query(app)).subject.x, [[1, 2], [3, 4]])
    UPLOADS._drop(token)
    alive(app.run())
    assert not app.error and query(app)["file"] == token and UPLOADS.shared(token)


def test_another_persons_file_is_named_as_such_and_offers_no_sharing():
    token = UPLOADS.add("secret.csv", TABLE, "somebody else")
    app = opened("tensor.py", source="upload", file=token)
    assert "another person's" in app.error[0].value and "secret" not in app.error[0].value
    assert f"share:tensor:{token}" not in {toggle.key for toggle in app.toggle} and not any("secret" in note.value for note in app.caption)


def two_uploaders():
    from quantlab.sources.uploads import UPLOADS
    from quantlab.ui.uploading import hold, st, tell
    from quantlab.ui.visitors import visitor

    with UPLOADS.seen_by(visitor()):
        for uploader in ("file", "quantized"):
            tell(hold("m.onnx", b"equal"), st.container(), uploader=uploader)


def test_one_file_in_two_uploaders_of_a_page_is_shared_from_either():
    app = alive(AppTest.from_function(two_uploaders, default_timeout=60).run())
    app = alive(app.toggle[1].set_value(True).run())
    assert [toggle.value for toggle in app.toggle] == [True, True]


def answer(cookies, kind):
    """The cookie that a page's answer sets."""
    sent = []

    async def app(scope, receive, send):
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-type", kind)]})

    async def send(message):
        sent.append(message)

    scope = {"type": "http", "scheme": "http", "headers": [(b"cookie", cookies)]}
    run(Visitors(app)(scope, None, send))
    return dict(sent[0]["headers"]).get(b"set-cookie", b"").decode()


def test_a_browser_gets_one_number_which_scripts_cannot_read():
    first, second = answer(b"", b"text/html"), answer(b"", b"text/html")
    assert first != second and first.startswith(f"{COOKIE}=") and "HttpOnly" in first and "SameSite=Lax" in first
    assert not answer(f"a=b; {COOKIE}=x".encode(), b"text/html") and not answer(b"", b"text/css")
