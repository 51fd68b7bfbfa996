"""A class on both databases: votes, rounds, what is refused, and what is never lost nor counted twice."""

import csv
import io
import threading

import pytest
from sqlalchemy import text

from quantlab.classroom.database import Database
from quantlab.classroom.problem import StoreProblem
from quantlab.classroom.rules import DAY, LONGEST_NAME, Phase, Refusal, Vote, new_code, read_code
from quantlab.classroom.store import Store

CHOICE = {"kind": "choice", "options": ["floor", "round", "ceil"]}
NUMBER = {"kind": "number"}
DRAW = {"kind": "draw", "labels": ["2", "3", "4"]}
ORDER = {"kind": "order", "options": ["a", "b", "c"]}


class Class:
    """An opened class in the hands of a test."""

    def __init__(self, store: Store, mode: str = "follow") -> None:
        self.store = store
        self.opened = store.open_class(mode)
        self.code = self.opened.code
        self.teacher = store.teacher(self.code, self.opened.secret)
        self._keys = 0

    def key(self) -> str:
        self._keys += 1
        return f"key-{self._keys:08d}"

    def answer(self, token, answer, question="a:1", round=1, key="", made=0) -> bool:
        return self.store.answer(self.code, token, Vote(question, round, key or self.key(), answer, made))


@pytest.fixture
def room(store) -> Class:
    return Class(store)


def refused(status: int):
    """What is refused with this status."""

    class Held:
        def __enter__(self):
            self.raises = pytest.raises(Refusal)
            self.found = self.raises.__enter__()
            return self.found

        def __exit__(self, *error):
            done = self.raises.__exit__(*error)
            assert self.found.value.status == status, self.found.value
            assert str(self.found.value).strip()
            return done

    return Held()


def test_a_vote_goes_from_question_to_reveal(room):
    ada, bob = room.store.join(room.code, "Ada"), room.store.join(room.code)
    room.teacher.pose("a:1", CHOICE)
    assert room.answer(ada, 1) and room.answer(bob, 0)
    state = room.store.state(room.code, ada)
    assert (state.joined, state.answered, state.results, state.mine, state.student) == (2, 2, None, 1, (1, "Ada"))
    room.teacher.freeze()
    with refused(409):
        room.answer(ada, 2)
    room.teacher.reveal()
    state = room.store.state(room.code)
    assert state.phase is Phase.REVEALED
    assert state.results.bars == (("floor", 1), ("round", 1), ("ceil", 0))


def test_a_second_vote_shows_who_changed(room):
    tokens = [room.store.join(room.code) for _ in range(3)]
    room.teacher.pose("a:1", CHOICE)
    for token, answer in zip(tokens, (0, 0, 1), strict=True):
        room.answer(token, answer)
    room.teacher.freeze()
    room.teacher.vote_again()
    with refused(409):
        room.answer(tokens[0], 1, round=1)
    for token, answer in zip(tokens[:2], (1, 0), strict=True):
        room.answer(token, answer, round=2)
    room.teacher.reveal()
    changes = room.teacher.state().results.changes
    assert changes.labels == ("floor", "round", "ceil") and changes.counts == ((1, 1, 0), (0, 0, 0), (0, 0, 0))
    with refused(409):
        room.teacher.vote_again()


def test_an_answer_that_is_sent_again_counts_once_and_a_later_one_takes_its_place(room):
    token = room.store.join(room.code)
    room.teacher.pose("a:1", CHOICE)
    assert room.answer(token, 0, key="same-key-1", made=10)
    assert not room.answer(token, 0, key="same-key-1", made=10)
    room.answer(token, 2, made=30)
    room.answer(token, 1, made=20)  # it was given before and comes late
    assert room.store.state(room.code, token).mine == 2
    room.teacher.freeze()
    assert not room.answer(token, 0, key="same-key-1", made=10), "what was acknowledged stays so after the close"
    assert room.teacher.view().live.answered == 1


def test_a_join_that_is_sent_again_is_the_same_student(room):
    first = room.store.join(room.code, "Ada", "join-key-1")
    again = room.store.join(room.code, "Ada", "join-key-1")
    assert room.teacher.state().joined == 1
    for token in (first, again):  # whichever answer the browser heard, and whichever request the server took last
        assert room.store.state(room.code, token).student == (1, "Ada")
    other = room.store.join(room.code, "Ada", "join-key-2")
    assert other != first and room.store.state(room.code, other).student == (2, "Ada")


@pytest.mark.parametrize(
    "description, answers",
    [
        (CHOICE, [3, -1, 1.5, "1", None, True, [1]]),
        (NUMBER, ["six", "", None, [1], {"a": 1}, 1e300, float("nan"), "9" * 400]),
        (DRAW, [[1, 2], [1, 2, "3"], 5, [1, 2, None], [1, 2, float("inf")]]),
        (ORDER, [[0, 1], [0, 1, 1], [2, 1, 3], "012", [0.0, 1.0, 2.0]]),
    ],
)
def test_an_answer_outside_of_the_question_is_refused_and_nothing_is_stored(room, description, answers):
    token = room.store.join(room.code)
    room.teacher.pose("a:1", description)
    for answer in answers:
        with refused(422):
            room.answer(token, answer)
    assert room.teacher.state().answered == 0


@pytest.mark.parametrize(
    "change",
    [{"question": "b:1"}, {"question": "a" * 201}, {"question": 7}, {"round": 2}, {"round": 0}, {"round": "1"}, {"key": "short"},
     {"key": "no markup <b>"}, {"key": 5}, {"made": -1}, {"made": 1.5}, {"made": 1 << 60}],
)  # fmt: skip
def test_a_request_that_was_edited_by_hand_gets_a_sentence(room, change):
    token = room.store.join(room.code)
    room.teacher.pose("a:1", CHOICE)
    vote = {"question": "a:1", "round": 1, "key": "good-key-1", "answer": 1, "made": 0} | change
    with pytest.raises(Refusal):
        room.store.answer(room.code, token, Vote(**vote))
    assert room.teacher.state().answered == 0


def test_a_long_answer_is_refused(room):
    token = room.store.join(room.code)
    room.teacher.pose("a:1", {"kind": "text"})
    with refused(413):
        room.answer(token, "x" * 10_000)


def test_classes_know_nothing_of_each_other(room):
    other = Class(room.store)
    token = room.store.join(room.code)
    for one in (room, other):
        one.teacher.pose("a:1", CHOICE)
    with refused(403):
        other.answer(token, 1)
    with refused(403):
        room.store.teacher(other.code, room.opened.secret)
    with refused(403):
        room.store.state(other.code, token)


@pytest.mark.parametrize("secret", ["", "x", "x" * 10_000, "ä\ud800"])
def test_a_secret_is_not_guessed(room, secret):
    with refused(403):
        room.store.teacher(room.code, secret)


@pytest.mark.parametrize("code", ["", "BCDF", "AEIOU", "bcdfg1", "'; drop", "B" * 10_000])
def test_a_code_that_is_none_is_not_found(store, code):
    with refused(404):
        store.join(code)


def test_a_class_that_was_never_opened_is_not_found(store):
    with refused(404):
        store.state(new_code())


def test_a_closed_class_takes_nothing_and_opens_again(room):
    token = room.store.join(room.code)
    room.teacher.pose("a:1", CHOICE)
    room.teacher.close()
    with refused(410):
        room.answer(token, 1)
    with refused(410):
        room.store.join(room.code)
    room.teacher.reopen()
    assert room.answer(token, 1)


def test_a_class_is_deleted_with_all_that_belongs_to_it(room):
    token = room.store.join(room.code)
    room.teacher.pose("a:1", CHOICE)
    room.answer(token, 1)
    room.teacher.delete()
    with refused(404):
        room.answer(token, 1)
    with refused(404):
        room.teacher.state()
    with room.store.database.reading() as connection:
        for table in ("classes", "questions", "students", "receipts", "answers"):
            assert connection.execute(text(f"SELECT count(*) FROM {table}")).scalar() == 0


def test_a_class_whose_time_is_over_is_gone(room, clock):
    clock.now += 30 * DAY + 1
    with refused(404):
        room.store.state(room.code)
    assert room.store.sweep() == 1 and room.store.sweep() == 0


def test_the_teacher_sets_how_long_it_is_kept(room, clock):
    room.teacher.set_days(2)
    clock.now += 2 * DAY - 1
    room.store.state(room.code)
    clock.now += 2
    with refused(404):
        room.store.state(room.code)
    for days in (0, 367):
        with pytest.raises(Refusal):
            room.store.open_class(days=days)


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", "x" * 10_000, "\u202e\x00\n", "Z" + "\u0301" * 500, "=cmd()", ""])
def test_any_nickname_is_a_short_text(room, name):
    token = room.store.join(room.code, name)
    _, nickname = room.store.state(room.code, token).student
    assert len(nickname) <= LONGEST_NAME and nickname.isprintable()


def test_students_on_their_own_answer_what_is_offered(store):
    room = Class(store, "own")
    token = store.join(room.code)
    room.teacher.offer({"a:1": CHOICE, "a:2": NUMBER, "b:1": DRAW})
    assert store.state(room.code).offered == ("a", "b")
    for question, answer in {"a:1": 2, "a:2": "6,02", "b:1": [1, 2, 3]}.items():
        assert room.answer(token, answer, question)
    with refused(404):
        room.answer(token, 1, "c:1")
    assert room.teacher.results("a:2").bars == (("6.02", 1),)
    assert room.teacher.results("b:1").curves == ((1, 2, 3),)


def test_grades_mistakes_and_who_is_stuck(room):
    names = ["Ada", "Bob", ""]
    tokens = [room.store.join(room.code, name) for name in names]
    for question in ("a:1", "a:2"):
        room.teacher.pose(question, CHOICE)
        for token, answer in zip(tokens, (1, 0, 0), strict=True):
            room.answer(token, answer, question)
        assert room.teacher.grade(lambda key, description, answer: (float(answer == 1), "" if answer == 1 else "cut off")) == 3
    assert room.teacher.grade(lambda *_: (0.0, "")) == 0
    view = room.teacher.view()
    assert view.live.mistakes == (("cut off", 2),) and view.live.right == 1
    assert view.stuck == ("Bob", "student 3") and view.waiting == ()
    assert [(item.name, item.answers, round(item.difficulty, 2)) for item in room.teacher.items()] == [("a:1", 3, 0.33), ("a:2", 3, 0.33)]


def test_the_export_has_every_answer_and_no_formula(room):
    token = room.store.join(room.code, "=1+1")
    room.teacher.pose("a:1", CHOICE)
    room.answer(token, 1)
    (row,) = csv.DictReader(io.StringIO(room.teacher.csv()))
    assert (row["student"], row["question"], row["answer"], row["vote"]) == ("'=1+1", "a:1", "1", "1")


def test_many_at_once_lose_nothing_and_count_nothing_twice(room):
    """Each student joins and answers, and sends both twice at the same time."""
    room.teacher.pose("a:1", CHOICE)
    problems: list[Exception] = []

    def student(number: int) -> None:
        try:
            token = room.store.join(room.code, str(number), f"join-{number:06d}")
            both = [threading.Thread(target=room.answer, args=(token, number % 3, "a:1", 1, f"vote-{number:06d}")) for _ in range(2)]
            for one in both:
                one.start()
            for one in both:
                one.join()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=student, args=(number,)) for number in range(40)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not problems
    view = room.teacher.view()
    assert view.state.joined == view.state.answered == 40
    assert dict(view.live.bars) == {"floor": 14, "round": 13, "ceil": 13}


def test_every_change_raises_the_version(room):
    versions = [room.store.version(room.code)]
    for change in (lambda: room.store.join(room.code), lambda: room.teacher.pose("a:1", CHOICE), room.teacher.freeze, room.teacher.reveal):
        change()
        versions.append(room.store.version(room.code))
    assert versions == sorted(set(versions))


def test_two_servers_on_one_database_show_one_class(new_store):
    here, there = new_store(), new_store()
    room = Class(here)
    token = there.join(room.code, "Ada")
    room.teacher.pose("a:1", CHOICE)
    assert there.answer(room.code, token, Vote("a:1", 1, "one-key-1", 1))
    assert not here.answer(room.code, token, Vote("a:1", 1, "one-key-1", 1))
    there.teacher(room.code, room.opened.secret).reveal()
    assert here.state(room.code).results.answered == 1


def test_a_schema_of_a_newer_version_is_said_and_left_alone(store, address):
    store.open_class()
    with store.database.writing() as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
    with pytest.raises(StoreProblem, match="newer QuantLab"):
        Store(Database(address)).open_class()


def test_no_secret_and_no_token_is_stored(room):
    token = room.store.join(room.code, "Ada")
    with room.store.database.reading() as connection:
        stored = [str(row) for table in ("classes", "students") for row in connection.execute(text(f"SELECT * FROM {table}"))]
    assert not any(token in row or room.opened.secret in row for row in stored)


def test_codes_as_people_type_them():
    assert {len(read_code(new_code())) for _ in range(50)} == {5}
