"""Exercises and lessons to take along: programs with a gap and their check, worksheets, notebooks, transcripts."""

from __future__ import annotations

import argparse
import csv
import json
import subprocess
import sys
from datetime import UTC, datetime
from pathlib import Path

TRANSCRIPT = "quantlab-transcript.csv"
_LONGEST = 60.0  # seconds for which a student's code may run


def describe(parser: argparse.ArgumentParser) -> None:
    """The commands and their options."""
    actions = parser.add_subparsers(metavar="ACTION", required=True)
    listed = actions.add_parser("list", help="the exercises", description="The programming exercises.")
    listed.set_defaults(act=_list)
    begun = actions.add_parser("start", help="write the file with the gap", description="Write an exercise with its gap.")
    begun.add_argument("slug", help="its name, as `quantlab learn list` says")
    begun.add_argument("-o", "--output", type=Path, help="the file; left out, NAME.py or NAME.ipynb in this folder")
    begun.add_argument("--notebook", action="store_true", help="a notebook in place of a script")
    begun.set_defaults(act=_start)
    checked = actions.add_parser(
        "check", help="try what was written", description="Try what was written; exit status 1 where something does not hold."
    )
    checked.add_argument("file", type=Path, help="the script or notebook")
    checked.add_argument("--transcript", type=Path, help=f"the table to add the result to; left out, {TRANSCRIPT} beside the file")
    checked.set_defaults(act=_check)
    sheet = actions.add_parser(
        "worksheet",
        help="exercises to print",
        description="Write exercises to print, each sheet with numbers of its own, and their solutions.",
    )
    sheet.add_argument("exercises", nargs="*", help="names of exercises of the page; left out, all that can be printed")
    sheet.add_argument("--sheets", type=int, default=1, help="how many")
    sheet.add_argument("--first", type=int, default=1, help="the number of the first")
    sheet.add_argument("-o", "--output", type=Path, default=Path("worksheet.html"), help="the file; solutions lie beside it")
    sheet.set_defaults(act=_worksheet)
    noted = actions.add_parser("notebook", help="a lesson as a notebook", description="Write a lesson as a notebook.")
    noted.add_argument("lesson", help="its name, or the file of one of your own")
    noted.add_argument("-o", "--output", type=Path, help="the file; left out, NAME.ipynb in this folder")
    noted.set_defaults(act=_notebook)
    verified = actions.add_parser(
        "verify",
        help="check a transcript",
        description="Check that a transcript is as this server signed it; exit status 1 where it is not.",
    )
    verified.add_argument("file", type=Path, help="the JSON file that a student downloaded")
    verified.set_defaults(act=_verify)


def run(arguments: argparse.Namespace) -> int:
    """Do what was asked for."""
    return int(arguments.act(arguments))


def _list(_: argparse.Namespace) -> int:
    from quantlab.learn.programs import PROGRAMS

    for program in PROGRAMS.values():
        print(f"{program.slug:<22} {program.title}")
    return 0


def _start(arguments: argparse.Namespace) -> int:
    from quantlab.learn.programs import PROGRAMS, start

    program = PROGRAMS.get(arguments.slug)
    if program is None:
        raise ValueError(f"there is no exercise {arguments.slug!r}; there are {', '.join(PROGRAMS)}")
    path: Path = arguments.output or Path(f"{program.slug}{'.ipynb' if arguments.notebook else '.py'}")
    notebook = arguments.notebook or path.suffix == ".ipynb"
    if path.exists():
        raise ValueError(f"{path} is there already; name another file with -o, so that nothing is lost")
    path.write_text(start(program, notebook).replace("exercise.ipynb" if notebook else "exercise.py", path.name), "utf-8")
    print(f"{path}: {program.title}\nFill the gap, then: quantlab learn check {path}")
    return 0


def _check(arguments: argparse.Namespace) -> int:
    from quantlab.learn.programs import PROGRAMS
    from quantlab.learn.programs.base import code_of, slug_of

    path: Path = arguments.file
    slug = slug_of(code_of(path))
    if slug not in PROGRAMS:
        raise ValueError(f"there is no exercise {slug!r}; there are {', '.join(PROGRAMS)}")
    failures = _tried(slug, path)
    for said, hint in failures:
        print(f"- {said}" + (f"\n  {hint}" if hint else ""))
    print(f"{PROGRAMS[slug].title}: {'not yet' if failures else 'right'}.")
    _noted(arguments.transcript or path.parent / TRANSCRIPT, slug, not failures)
    return 1 if failures else 0


def _worksheet(arguments: argparse.Namespace) -> int:
    from quantlab.learn.worksheet import chosen, sheets, solutions

    exercises, numbers = chosen(arguments.exercises), range(arguments.first, arguments.first + arguments.sheets)
    path: Path = arguments.output
    answers = path.with_stem(f"{path.stem}-solutions")
    path.write_text(sheets(exercises, numbers), "utf-8")
    answers.write_text(solutions(exercises, numbers), "utf-8")
    print(f"{path}: {arguments.sheets} sheets of {len(exercises)} exercises; {answers}: their solutions. Print them from a browser.")
    return 0


def _notebook(arguments: argparse.Namespace) -> int:
    from quantlab.learn.lesson import load, parse
    from quantlab.learn.notebook import text_of

    named: str = arguments.lesson
    if named.endswith(".md"):
        source = Path(named).read_text("utf-8")
        lesson, name = parse(source, "own"), Path(named).stem
    else:
        lessons, source, name = load(check=False)[0], "", named
        if named not in lessons:
            raise ValueError(f"there is no lesson {named!r}; there are {', '.join(lessons)}")
        lesson = lessons[named]
    path: Path = arguments.output or Path(f"{name}.ipynb")
    if path.exists():
        raise ValueError(f"{path} is there already; name another file with -o, so that nothing is lost")
    path.write_text(text_of(lesson, source), "utf-8")
    print(f"{path}: {lesson.title}. Its cells ask this package for pictures and answers.")
    return 0


def _verify(arguments: argparse.Namespace) -> int:
    from quantlab.learn.transcript import LONGEST, checked

    path: Path = arguments.file
    if path.stat().st_size > LONGEST:
        raise ValueError(f"{path.name} has more than {LONGEST} bytes; a transcript is shorter")
    try:
        body = checked(path.read_text("utf-8"))
    except (ValueError, UnicodeDecodeError) as problem:
        print(f"{path}: {problem}")
        return 1
    right = sum(row["score"] >= 1 for row in body["answers"])
    print(f"{path}: signed here on {body['made']} for {body['name'] or 'nobody by name'}, {right} of {len(body['answers'])} answers right")
    return 0


def _tried(slug: str, path: Path) -> list[tuple[str, str]]:
    """What does not hold, found in a process of its own, which an endless loop does not outlive."""
    command = [sys.executable, "-m", "quantlab.learn.programs.runner", slug, str(path)]
    try:
        done = subprocess.run(command, stdout=subprocess.PIPE, timeout=_LONGEST, text=True)
    except subprocess.TimeoutExpired:
        return [(f"it ran for more than {_LONGEST:.0f} seconds and was ended; look for a loop that does not end", "")]
    try:
        return [(said, hint) for said, hint in json.loads(done.stdout)]
    except ValueError:
        return [(f"the program ended with status {done.returncode} before it was tried to its end", "")]


def _noted(path: Path, slug: str, right: bool) -> None:
    """A row more in the transcript."""
    is_new = not path.exists()
    with path.open("a", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        if is_new:
            writer.writerow(["kind", "name", "score", "when (UTC)"])
        writer.writerow(["program", slug, f"{float(right):.2f}", datetime.now(UTC).strftime("%Y-%m-%d %H:%M:%S")])
