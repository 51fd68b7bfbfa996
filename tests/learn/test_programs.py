"""Programming exercises: the right function passes, every wrong one fails by its name, and nothing a student writes breaks the check."""

import csv
import json

import numpy as np
import pytest

from quantlab.cli import learn, main
from quantlab.learn.mistakes import MISTAKES
from quantlab.learn.programs import PROGRAMS, start

each = pytest.mark.parametrize("slug", list(PROGRAMS))
WRONG = [(program.slug, mistake) for program in PROGRAMS.values() for mistake in program.wrong]
QUANTIZE = "def quantize(x, scale, bits):\n    top = 2 ** (bits - 1) - 1\n    return np.clip(np.rint(x / scale), -top, top)\n"


@each
def test_the_right_function_is_right_and_the_gap_is_not(slug):
    program = PROGRAMS[slug]
    assert program.check(program.right) == []
    names = {}
    exec(start(program, notebook=False), names)
    (failure,) = program.check(names[program.name])
    assert "NotImplementedError" in failure.said


@pytest.mark.parametrize("slug, mistake", WRONG)
def test_a_wrong_idea_is_met_by_its_name(slug, mistake):
    program = PROGRAMS[slug]
    failures = program.check(program.wrong[mistake])
    assert any(failure.hint.startswith(MISTAKES[mistake].title.capitalize()) for failure in failures)


@pytest.mark.parametrize("result", [None, "text", np.zeros((0,)), np.zeros((3, 3)), object(), float("nan"), [1, [2]]])
@each
def test_nonsense_fails_and_is_said(slug, result):
    failures = PROGRAMS[slug].check(lambda *arguments: result)
    assert failures and all("gives" in failure.said for failure in failures)


def test_a_function_that_changes_its_arguments_spoils_nothing():
    program = PROGRAMS["lloyd-step"]

    def step(x, levels):
        new = program.right(x, levels)
        x[:], levels[:] = 0, 0
        return new

    assert program.check(step) == []


def handed_in(tmp_path, text, name="quantize.py"):
    path = tmp_path / name
    path.write_text(text, "utf-8")
    return path


@pytest.mark.parametrize("name", ["quantize.py", "quantize.ipynb"])
def test_from_the_gap_to_the_transcript(tmp_path, name, capsys):
    path = tmp_path / name
    assert main(["learn", "start", "quantize", "-o", str(path)]) == 0
    assert main(["learn", "start", "quantize", "-o", str(path)]) == 2 and "is there already" in capsys.readouterr().err
    assert main(["learn", "check", str(path)]) == 1 and "NotImplementedError" in capsys.readouterr().out
    text = path.read_text("utf-8")
    gap = "def quantize"
    if name.endswith(".ipynb"):
        notebook = json.loads(text)
        source = "".join(notebook["cells"][1]["source"])
        notebook["cells"][1]["source"] = ["%matplotlib inline\n", source[: source.index(gap)], *QUANTIZE.splitlines(keepends=True)]
        path.write_text(json.dumps(notebook), "utf-8")
    else:
        path.write_text(text[: text.index(gap)] + QUANTIZE, "utf-8")
    assert main(["learn", "check", str(path)]) == 0 and "right" in capsys.readouterr().out
    rows = list(csv.DictReader((tmp_path / learn.TRANSCRIPT).open()))
    assert [(row["name"], row["score"]) for row in rows] == [("quantize", "0.00"), ("quantize", "1.00")]


@pytest.mark.parametrize(
    "code, said",
    [
        ("def quantize(x, scale, bits:\n", "line 2"),
        ("raise RuntimeError('no')\n", "RuntimeError"),
        ("quantise = 3\n", "no function quantize"),
        ("import os\nos._exit(3)\n", "status 3"),
        ("while True: pass\n", "a loop that does not end"),
        ("def quantize(*a):\n    print('[]')\n    return 0\n", "gives 0"),
    ],
)
def test_what_a_student_may_write_is_told(tmp_path, capsys, monkeypatch, code, said):
    monkeypatch.setattr(learn, "_LONGEST", 8.0)
    path = handed_in(tmp_path, f"# quantlab exercise: quantize\n{code}")
    assert main(["learn", "check", str(path)]) == 1
    assert said in capsys.readouterr().out


@pytest.mark.parametrize(
    "text, name", [("x = 1", "a.py"), ("{", "a.ipynb"), ("# quantlab exercise: no-such\n", "a.py"), ("#" * 2_000_000, "a.py")]
)
def test_what_is_no_exercise_is_refused_in_a_sentence(tmp_path, capsys, text, name):
    assert main(["learn", "check", str(handed_in(tmp_path, text, name))]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_the_list(capsys):
    assert main(["learn", "list"]) == 0
    assert len(capsys.readouterr().out.splitlines()) == len(PROGRAMS) >= 6
