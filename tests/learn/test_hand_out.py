"""What is handed out and handed in: worksheets, notebooks of lessons, transcripts that a server signs."""

import json
import re
from datetime import UTC, datetime
from html import unescape

import pytest

from quantlab.cli import main
from quantlab.learn import notebook as notebooks
from quantlab.learn.diary import Diary, read
from quantlab.learn.exercises import EXERCISES
from quantlab.learn.lesson import FOLDER, load
from quantlab.learn.transcript import KEY, checked, entries, signed, signing_key
from quantlab.learn.worksheet import chosen, sheets, solutions

LESSONS, _ = load(check=False)
KEY_BYTES = b"a key of a test that is long enough, and no other"


def shown(text):
    return unescape(re.sub(r"<[^>]+>", " ", text))


@pytest.mark.parametrize("slug", EXERCISES)
def test_every_exercise_prints_and_its_solution_stands_on_the_other_sheet_alone(slug):
    exercise = EXERCISES[slug]
    asked, solved = sheets([exercise], [3]), solutions([exercise], [3])
    problem = exercise.generate(3)
    assert "<script" not in asked + solved and exercise.title in unescape(asked)
    assert 'class="solution"' not in asked and 'class="solution"' in solved
    assert all(part.label in shown(asked) for part in problem.asked)
    assert "{" not in shown(asked).partition("</style>")[2]


def test_every_sheet_has_numbers_of_its_own_and_the_app_has_the_same():
    exercise = EXERCISES["scale-symmetric"]
    each = [sheets([exercise], [number]) for number in range(1, 6)]
    assert len({shown(text).partition("Sheet")[2] for text in each}) == 5
    assert sheets([exercise], range(1, 6)).count('class="sheet"') == 5
    values = re.findall(r"−?\d+\.\d", exercise.generate(2).text)
    assert all(value in each[1] for value in values)


@pytest.mark.parametrize(
    ("names", "numbers"), [(["psnr"], []), ([], [1]), (["psnr"], range(1, 100)), (["psnr"], [-1]), (["psnr"], [2**31])]
)
def test_a_sheet_of_nothing_or_too_many_are_refused(names, numbers):
    with pytest.raises(ValueError):
        sheets([EXERCISES[name] for name in names], numbers)


def test_worksheets_from_the_command_line(tmp_path, capsys):
    path = tmp_path / "week.html"
    assert main(["learn", "worksheet", "psnr", "centroids", "--sheets", "3", "-o", str(path)]) == 0
    assert path.read_text("utf-8").count('class="sheet"') == 3
    assert (tmp_path / "week-solutions.html").read_text("utf-8").count('class="solution"') == 6
    assert main(["learn", "worksheet", "nonsense", "-o", str(path)]) == 2
    assert "there is no exercise 'nonsense'" in capsys.readouterr().err
    assert {e.slug for e in chosen(())} == {slug for slug, e in EXERCISES.items() if not e.generate(0).judge}


def filled(cell, step):
    """The code of a cell that asks, with the right answer in its gap."""
    truth = step.question.truth(step.state)
    people = {"number": lambda: truth, "choice": lambda: truth + 1, "order": lambda: [k + 1 for k in truth]}
    answer = people.get(step.question.kind, lambda: list(truth.values()) if step.question.kind == "draw" else list(truth))()
    return re.sub(r"guess = \.\.\.  #[^\n]*", lambda _: f"guess = {answer!r}", cell["source"])


@pytest.mark.parametrize("slug", ["step-and-range", pytest.param("rounding-and-clipping", marks=pytest.mark.slow)])
def test_a_lessons_notebook_runs_and_checks_what_is_put_into_its_gaps(slug, tmp_path):
    path = tmp_path / "lesson.ipynb"
    assert main(["learn", "notebook", slug, "-o", str(path)]) == 0
    cells, names = json.loads(path.read_text("utf-8"))["cells"], {}
    checks = 0
    for cell in (cell for cell in cells if cell["cell_type"] == "code"):
        source = "".join(cell["source"])
        number = int(cell["id"].rpartition("-")[2]) if "-" in cell["id"] else 0
        if cell["id"].startswith("check"):
            exec(source.replace("lesson.check", "told = lesson.check"), names)  # the gap as it stands
            assert names["told"].score == 0 and "first" in str(names["told"])
            source = filled({"source": source}, LESSONS[slug].steps[number - 1]).replace("lesson.check", "told = lesson.check")
            exec(source, names)
            assert names["told"].score == 1, names["told"]
            checks += 1
        elif cell["id"].startswith("begin"):
            exec(source, names)
        else:
            assert eval(source, names)._repr_html_().startswith("<iframe")
    assert checks == sum(step.question is not None for step in LESSONS[slug].steps)


def test_a_wrong_idea_meets_its_hint_in_the_notebook_too():
    session = notebooks.begin("step-and-range")
    number, step = next((k, s) for k, s in enumerate(session.lesson.steps, start=1) if s.question and s.question.kind == "number")
    from quantlab.learn.measures import evaluate

    expression, hint = step.question.wrong[0]
    told = str(session.check(number, evaluate(expression, step.state)))
    assert hint.text.partition("{")[0][:30] in told and step.filled(step.why)[:40] in told
    assert "is no number" in str(session.check(number, "many")) and session.check(number, None).score == 0


def test_a_lesson_of_ones_own_travels_inside_its_notebook(tmp_path):
    path = tmp_path / "mine.md"
    path.write_text((FOLDER / "step-and-range.md").read_text("utf-8"), "utf-8")
    assert main(["learn", "notebook", str(path), "-o", str(tmp_path / "mine.ipynb")]) == 0
    cells = json.loads((tmp_path / "mine.ipynb").read_text("utf-8"))["cells"]
    names = {}
    exec("".join(cells[1]["source"]), names)
    assert names["lesson"].lesson.title == "The step, the range" or names["lesson"].lesson.slug == "own"
    assert main(["learn", "notebook", "nonsense"]) == 2


def diary():
    step = LESSONS["step-and-range"].steps[0]
    right = step.question.truth(step.state)
    found = Diary().with_answer("step-and-range", 1, 0.0, f"{right:.6g}").with_answer("no-such-lesson", 1, 1.0, "x")
    problem = EXERCISES["psnr"].generate(7)
    return found.with_exercise("psnr", 1.0, 7, [str(asked.answer) for asked in problem.asked]).with_exercise(
        "centroids", 1.0, 1, ["nonsense"]
    )


def test_a_transcript_is_graded_again_and_holds_what_can_be():
    found = {(entry.kind, entry.name): entry for entry in entries(diary(), LESSONS)}
    assert set(found) == {("lesson", "step-and-range"), ("exercise", "psnr")}
    assert found["lesson", "step-and-range"].score == 1 and found["lesson", "step-and-range"].first == 0
    assert found["exercise", "psnr"].score == 1


def test_a_score_that_the_browser_made_up_is_not_believed():
    cheat = read('{"lessons": {"step-and-range": {"1": [1.0, "123456"]}}, "exercises": {"psnr": [1.0, 1]}, "work": {"psnr": [7, ["0"]]}}')
    assert [entry.score for entry in entries(cheat, LESSONS)] == [0, 0]


def test_a_signed_transcript_is_checked_and_any_change_is_found():
    text = signed("Ada <b>", diary(), LESSONS, KEY_BYTES, datetime(2026, 11, 27, 12, tzinfo=UTC))
    body = checked(text, KEY_BYTES)
    assert body["name"] == "Ada <b>" and body["made"] == "2026-11-27T12:00:00Z" and len(body["answers"]) == 2
    for old, new in (("Ada", "Bob"), ('"score": 1.0', '"score": 0.9'), ("2026-11-27", "2026-11-28"), ("psnr", "pssr")):
        assert old in text
        with pytest.raises(ValueError, match="changed after it was signed"):
            checked(text.replace(old, new, 1), KEY_BYTES)
    with pytest.raises(ValueError, match="not this server's"):
        checked(text, b"another key of another server, as long")


@pytest.mark.parametrize(
    "text", ["", "[]", "null", "x" * 2_000_000, "[" * 5000, '{"kind": "quantlab transcript 1"}', '{"kind": 1, "signature": "x"}']
)
def test_what_is_no_transcript_gets_one_sentence(text):
    with pytest.raises(ValueError, match="no transcript of QuantLab"):
        checked(text, KEY_BYTES)


def test_the_key_is_made_once_kept_for_its_owner_alone_and_may_be_given(tmp_path):
    folder = {"QUANTLAB_CACHE": str(tmp_path)}
    from os import environ

    before = environ.get("QUANTLAB_CACHE")
    environ["QUANTLAB_CACHE"] = str(tmp_path)
    try:
        first = signing_key(folder)
        assert signing_key(folder) == first and len(first) >= 32
        assert (tmp_path / "signing.key").stat().st_mode & 0o077 == 0
        (tmp_path / "signing.key").write_text("")
        with pytest.raises(ValueError, match="holds no key"):
            signing_key(folder)
    finally:
        environ.pop("QUANTLAB_CACHE") if before is None else environ.__setitem__("QUANTLAB_CACHE", before)
    assert signing_key({KEY: "of the school"}) == b"of the school"


def test_a_transcript_is_verified_from_the_command_line(tmp_path, monkeypatch, capsys):
    monkeypatch.setenv(KEY, KEY_BYTES.decode())
    path = tmp_path / "ada.json"
    path.write_text(signed("Ada", diary(), LESSONS), "utf-8")
    assert main(["learn", "verify", str(path)]) == 0 and "2 of 2 answers right" in capsys.readouterr().out
    path.write_text(path.read_text("utf-8").replace("Ada", "Bob"), "utf-8")
    assert main(["learn", "verify", str(path)]) == 1 and "changed after it was signed" in capsys.readouterr().out
