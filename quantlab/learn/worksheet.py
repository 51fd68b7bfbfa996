"""Worksheets: exercises to print, each sheet with numbers of its own by its seed, and the solutions of all sheets.

>>> text = sheets([EXERCISES["scale-symmetric"]], range(1, 3))
>>> text.count('class="sheet"'), "Solution" in text
(2, False)
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape

from markdown_it import MarkdownIt

from quantlab import __version__
from quantlab.learn.exercises import EXERCISES, Exercise, Problem

MOST_SHEETS = 60
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable(["image", "link"])
_STYLE = """body { font: 12pt/1.45 "Source Sans", "Segoe UI", system-ui, sans-serif; max-width: 46rem; margin: 0 auto; padding: 1rem; color: #111; background: #fff; }
h1 { font-size: 1.3rem; margin: 0; } h2 { font-size: 1.05rem; margin: 1.2rem 0 .3rem; }
header { display: flex; justify-content: space-between; border-bottom: 1px solid #444; padding-bottom: .4rem; }
section { break-inside: avoid; } p { margin: .4rem 0; }
.sheet + .sheet { break-before: page; margin-top: 3rem; }
.room { height: 5.5rem; border-bottom: 1px dotted #999; }
.answer { display: inline-block; min-width: 9rem; border-bottom: 1px solid #444; margin: 0 1rem 0 .4rem; }
.solution { border-left: 3px solid #0072B2; padding-left: .8rem; }
footer { margin-top: 1.5rem; font-size: .8rem; color: #444; }
@media print { body { padding: 0; max-width: none; } }"""


def chosen(names: Iterable[str]) -> list[Exercise]:
    """The exercises of these names in the order of the list, all that can be printed where none is named; ValueError for an unknown one.

    >>> [exercise.slug for exercise in chosen(["psnr", "scale-symmetric"])]
    ['scale-symmetric', 'psnr']
    """
    wanted = [name.strip() for name in names if name.strip()]
    if strange := [name for name in wanted if name not in EXERCISES]:
        raise ValueError(f"there is no exercise {strange[0]!r}; there are {', '.join(EXERCISES)}")
    return [exercise for slug, exercise in EXERCISES.items() if slug in wanted or (not wanted and not exercise.generate(0).judge)]


def sheets(exercises: Sequence[Exercise], numbers: Iterable[int], title: str = "Worksheet") -> str:
    """One page of HTML, a sheet for each number to hand out; whoever types the number into the app meets the same values."""
    return _document(title, [_sheet(exercises, number, title, solved=False) for number in _checked(exercises, numbers)])


def solutions(exercises: Sequence[Exercise], numbers: Iterable[int], title: str = "Worksheet") -> str:
    """The same sheets with the right answers and how they come about."""
    name = f"{title}: solutions"
    return _document(name, [_sheet(exercises, number, name, solved=True) for number in _checked(exercises, numbers)])


def _checked(exercises: Sequence[Exercise], numbers: Iterable[int]) -> list[int]:
    wanted = list(numbers)
    if not exercises or not wanted:
        raise ValueError("a worksheet needs an exercise and a sheet; name at least one of each")
    if len(wanted) > MOST_SHEETS or min(wanted) < 0 or max(wanted) >= 2**31:
        raise ValueError(f"{len(wanted)} sheets are asked for; take up to {MOST_SHEETS}, numbered from 0")
    return wanted


def _sheet(exercises: Sequence[Exercise], number: int, title: str, solved: bool) -> str:
    parts = [_task(place, exercise, exercise.generate(number), solved) for place, exercise in enumerate(exercises, start=1)]
    name = "" if solved else '<span>Name <span class="answer"></span></span>'
    return (
        f'<div class="sheet"><header><h1>{escape(title)}</h1>{name}<span>Sheet {number}</span></header>{"".join(parts)}'
        f"<footer>QuantLab {escape(__version__)}, exercises with numbers {number}: <code>learn?part=exercises&amp;exercise=NAME&amp;numbers={number}</code></footer></div>"
    )


def _task(place: int, exercise: Exercise, problem: Problem, solved: bool) -> str:
    head = f"<section><h2>{place}. {escape(exercise.title)}</h2>{_MARKDOWN.render(problem.text)}"
    if not solved:
        fields = [f"{asked.label}{f', {asked.unit}' if asked.unit else ''}" for asked in problem.asked] or ["Address of your state"]
        lines = "".join(f'<span>{escape(field)} <span class="answer"></span></span>' for field in fields)
        return f'{head}<div class="room"></div><p>{lines}</p></section>'
    way = problem.solution if not problem.judge else f"{problem.solution} The app measures the state that is handed in."
    return f'{head}<div class="solution">{_MARKDOWN.render(way)}</div></section>'


def _document(title: str, bodies: Sequence[str]) -> str:
    return (
        f'<!doctype html>\n<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'unsafe-inline'\">"
        f"<title>{escape(title)}</title><style>{_STYLE}</style></head><body>{''.join(bodies)}</body></html>\n"
    )
