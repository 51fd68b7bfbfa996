"""Runs in a process of its own: loads a student's code, tries its function, and prints what does not hold as JSON."""

from __future__ import annotations

import json
import sys
from contextlib import redirect_stdout
from pathlib import Path
from typing import Any

from quantlab.learn.programs import PROGRAMS, Failure
from quantlab.learn.programs.base import code_of


def tried(slug: str, path: Path) -> list[Failure]:
    """What does not hold of the function in a file."""
    program, names = PROGRAMS[slug], {"__name__": "student"}
    try:
        exec(compile(code_of(path), path.name, "exec"), names)  # noqa: S102 - the student's own code, on the student's own machine
    except SyntaxError as problem:
        return [Failure(f"line {problem.lineno}: {problem.msg}")]
    except Exception as problem:
        return [Failure(f"the file raises {type(problem).__name__}: {problem}")]
    function: Any = names.get(program.name)
    if not callable(function):
        return [Failure(f"there is no function {program.name}; write it as the file began")]
    return program.check(function)


if __name__ == "__main__":
    with redirect_stdout(sys.stderr):  # what a student prints is not the result
        failures = tried(sys.argv[1], Path(sys.argv[2]))
    print(json.dumps([[failure.said, failure.hint] for failure in failures]))
