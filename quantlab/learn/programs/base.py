"""A programming exercise: its gap, the right function, the wrong ones, and the arguments with which it is tried."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from quantlab.learn.mistakes import MISTAKES

LARGEST = 1_000_000  # bytes of a file that is checked
_MARK = re.compile(r"^# quantlab exercise: ([a-z0-9-]{1,60})$", re.MULTILINE)
_TRIES = 24
Arguments = tuple[Any, ...]


@dataclass(frozen=True)
class Failure:
    """What did not hold: a sentence with the arguments, what came and what was expected; the hint to the wrong idea that gives it."""

    said: str
    hint: str = ""


@dataclass(frozen=True)
class Program:
    """A function to write. text : what it has to do. gap : its beginning, up to what is to be written.

    right : the function by the core. wrong : mistake -> the function by that idea. arguments : some to try it with, of a random generator.
    same : whether two results are the same; exact for whole numbers, near for others.
    """

    slug: str
    title: str
    rank: int
    text: str
    gap: str
    name: str
    right: Callable[..., Any]
    arguments: Callable[[np.random.Generator], Arguments]
    wrong: Mapping[str, Callable[..., Any]] = field(default_factory=dict)

    def check(self, function: Callable[..., Any]) -> list[Failure]:
        """What does not hold of a student's function, the first of each kind; nothing where it is right."""
        rng = np.random.default_rng(20)
        found: dict[str, Failure] = {}
        for _ in range(_TRIES):
            arguments = self.arguments(rng)
            expected = self.right(*arguments)
            try:
                given = function(*map(_copy, arguments))
            except Exception as problem:  # the student's own: it is told
                found.setdefault(type(problem).__name__, Failure(f"{self._call(arguments)} raises {type(problem).__name__}: {problem}"))
                continue
            if _same(given, expected):
                continue
            slug = next(
                (slug for slug, wrong in self.wrong.items() if _same(given, wrong(*arguments)) and not _same(expected, wrong(*arguments))),
                "",
            )
            said = f"{self._call(arguments)} gives {_shown(given)}; {_shown(expected)} is right."
            hint = (
                f"{MISTAKES[slug].title.capitalize()}? {MISTAKES[slug].hint.format(said=_shown(given))} See {MISTAKES[slug].see}"
                if slug
                else ""
            )
            found.setdefault(slug or "other", Failure(said, hint))
        return list(found.values())

    def _call(self, arguments: Arguments) -> str:
        return f"{self.name}({', '.join(map(_shown, arguments))})"


def start(program: Program, notebook: bool) -> str:
    """The text of the file with the gap: a script, or a notebook of format 4."""
    script = f"# quantlab exercise: {program.slug}\nimport numpy as np\n\n\n{program.gap}"
    ending = "Try it with: quantlab learn check {}".format("exercise.ipynb" if notebook else "exercise.py")
    if not notebook:
        comment = "\n".join(f"# {line}".rstrip() for line in [program.title, "", *program.text.splitlines(), "", ending])
        return f"{comment}\n{script}"
    from nbformat.v4 import new_code_cell, new_markdown_cell

    from quantlab.learn.ipynb import written

    task = new_markdown_cell(f"# {program.title}\n\n{program.text}\n\n{ending}", id="task")
    return written([task, new_code_cell(script, id="gap")])


def code_of(path: Path) -> str:
    """The code in a student's script or notebook; ValueError in one sentence for what is neither."""
    if path.stat().st_size > LARGEST:
        raise ValueError(f"{path.name} has more than {LARGEST} bytes; hand in the script alone")
    try:
        text = path.read_text("utf-8")
    except UnicodeDecodeError:
        raise ValueError(f"{path.name} is no text in UTF-8") from None
    if path.suffix != ".ipynb":
        return text
    try:
        cells = [cell for cell in json.loads(text)["cells"] if cell["cell_type"] == "code"]
        sources = [cell["source"] if isinstance(cell["source"], str) else "".join(cell["source"]) for cell in cells]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise ValueError(f"{path.name} is no notebook; save it again as .ipynb") from None
    magic = ("%", "!")
    return "\n".join("\n".join(line for line in source.splitlines() if not line.lstrip().startswith(magic)) for source in sources)


def slug_of(code: str) -> str:
    """Which exercise the code belongs to, as its first comment says.

    >>> slug_of("# quantlab exercise: quantize\\nimport numpy as np")
    'quantize'
    """
    found = _MARK.search(code)
    if found is None:
        raise ValueError("the line `# quantlab exercise: ...` is missing; begin with quantlab learn start")
    return found[1]


def _copy(value: Any) -> Any:
    return value.copy() if isinstance(value, np.ndarray) else value


def _same(one: Any, other: Any) -> bool:
    """Whether two results are the same, whole numbers exactly and others to six digits."""
    try:
        a, b = np.asarray(one, float), np.asarray(other, float)
    except (TypeError, ValueError):
        return False
    return a.shape == b.shape and bool(np.allclose(a, b, rtol=1e-6, atol=1e-9))


def _shown(value: Any) -> str:
    """A value as Python writes it, short."""
    plain: Any = value.tolist() if isinstance(value, np.ndarray | np.generic) else value
    if isinstance(plain, float):
        plain = float(f"{plain:.6g}")
    if isinstance(plain, Sequence) and not isinstance(plain, str):
        plain = [float(f"{v:.6g}") if isinstance(v, float) else v for v in plain]
    text = repr(plain)
    return text if len(text) <= 160 else f"{text[:159]}…"
