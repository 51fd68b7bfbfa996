"""Lessons: Markdown files of steps, each a story, a prediction, its reveal at a state of a lab, and why.

``README.md`` beside the lessons states the format. A file holds no code and no HTML that runs. What is wrong in it is told with
its line and the remedy, all of it at once, and the other files still load.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from quantlab.learn.marks import NAMES
from quantlab.learn.measures import MEASURES, State, problems_of, state_of, terms_of, written
from quantlab.learn.questions import KINDS, Hint, Option, Question, hint_of

FOLDER = Path(__file__).parent / "lessons"
LARGEST = 200_000  # bytes of a lesson that somebody brings
_HEADER = re.compile(r"([a-z]+):\s*(.*)")
_OF_LESSON = ("topic", "rank", "about")
_OF_STEP = ("lab", "views", "hidden", "unlock")
_OF_QUESTION = ("measure", "within", "best", "by", "wrong")
_PLACE = re.compile(r"\{([^{}]*)\}")


class LessonError(ValueError):
    """What is wrong in a lesson's file: (line, what and remedy) each."""

    def __init__(self, name: str, problems: Sequence[tuple[int, str]]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(f"{name}, line {line}: {problem}" for line, problem in problems))


@dataclass(frozen=True)
class Step:
    """A step of a lesson. state : the lab and address that it looks at. views : those that stand in the lesson; hidden : those of
    them that would tell the answer, and stand there once it is given.

    unlock : the one parameter that a person sets there, "" for none; with the values to choose from, the slider's own where empty.
    """

    title: str
    story: str
    why: str
    state: State
    views: tuple[str, ...]
    hidden: tuple[str, ...] = ()
    unlock: str = ""
    choices: tuple[str, ...] = ()
    question: Question | None = None

    def filled(self, text: str) -> str:
        """The text with its measures computed: ``{sqnr_db @ bits=5}``."""
        return _PLACE.sub(lambda found: written(found[1], self.state), text)


@dataclass(frozen=True)
class Lesson:
    """A lesson: ten minutes on one idea. remember : its three lines."""

    slug: str
    title: str
    topic: str
    about: str
    rank: int
    intro: str
    steps: tuple[Step, ...]
    remember: tuple[str, ...]


@dataclass
class _Part:
    """A part of a file below one heading: its header lines and its text, each with the number of its line."""

    title: str
    line: int
    header: list[tuple[int, str, str]] = field(default_factory=list)
    text: list[tuple[int, str]] = field(default_factory=list)

    @property
    def body(self) -> str:
        return "\n".join(line for _, line in self.text).strip()


def parse(text: str, slug: str, check: bool = True) -> Lesson:
    """The lesson that a file holds; LessonError with all that is wrong in it.

    check : whether its states are read and its answers computed too, which takes seconds. What the package ships is checked by tests.
    """
    reader = _Reader(slug, check)
    lesson = reader.lesson(text)
    if reader.problems:
        raise LessonError(slug, sorted(reader.problems))
    assert lesson is not None, "a lesson that is not read has problems"
    return lesson


def load(folder: Path = FOLDER, check: bool = True) -> tuple[dict[str, Lesson], list[LessonError]]:
    """The lessons of a folder by slug, in their order, and what is wrong in the others."""
    lessons, errors = [], []
    for path in sorted(folder.glob("*.md")):
        if path.stem == "README":
            continue
        try:
            lessons.append(parse(path.read_text("utf-8"), path.stem, check))
        except UnicodeDecodeError:
            errors.append(LessonError(path.stem, [(1, "this is no text in UTF-8; save it as such")]))
        except LessonError as error:
            errors.append(error)
    return {lesson.slug: lesson for lesson in sorted(lessons, key=lambda lesson: (lesson.rank, lesson.slug))}, errors


class _Reader:
    def __init__(self, name: str, check: bool) -> None:
        self.name, self.check = name, check
        self.problems: list[tuple[int, str]] = []

    def wrong(self, line: int, problem: str) -> None:
        self.problems.append((line, problem))

    def lesson(self, text: str) -> Lesson | None:
        if "![" in text:
            line = text[: text.index("![")].count("\n") + 1
            self.wrong(line, "a lesson shows no pictures from elsewhere; name a lab and its views instead")
        parts = list(self._parts(text))
        if not parts or parts[0][0] != 1:
            self.wrong(1, "the title is missing; begin the file with # and the title")
            return None
        head = parts[0][1]
        header = self._header(head, _OF_LESSON)
        steps: list[list[_Part]] = []
        remember: tuple[str, ...] = ()
        for depth, part in parts[1:]:
            if depth == 2 and part.title.casefold() == "remember":
                remember = tuple(line.strip()[2:] for _, line in part.text if line.strip().startswith("- "))
                if len(remember) != 3:
                    self.wrong(part.line, f"what to remember has {len(remember)} lines; write three, each beginning with a hyphen")
            elif depth == 2:
                steps.append([part])
            elif steps:
                steps[-1].append(part)
        if not steps:
            self.wrong(head.line, "there are no steps; begin each with ## and its title")
        if not remember:
            self.wrong(head.line, "what to remember is missing; end with ## Remember and three lines")
        read = [step for group in steps if (step := self._step(group)) is not None]
        rank = header.get("rank", (head.line, "500"))
        if not rank[1].isdigit():
            self.wrong(rank[0], f"rank is {rank[1]!r}; write a whole number, small ones come first")
        return Lesson(
            self.name,
            head.title,
            header.get("topic", (0, "Your own"))[1],
            header.get("about", (0, ""))[1],
            int(rank[1]) if rank[1].isdigit() else 500,
            head.body,
            tuple(read),
            remember,
        )

    def _parts(self, text: str) -> Iterator[tuple[int, _Part]]:
        """(depth of the heading, part) for each heading."""
        part, depth, in_header = None, 0, False
        for number, line in enumerate(text.splitlines(), start=1):
            if heading := re.fullmatch(r"(#{1,3}) (.+)", line.rstrip()):
                if part is not None:
                    yield depth, part
                depth, part, in_header = len(heading[1]), _Part(heading[2].strip(), number), True
            elif part is None:
                if line.strip():
                    self.wrong(number, "there is text before the title; begin the file with # and the title")
                    part, depth = _Part("", number), 1
            elif in_header and (found := _HEADER.fullmatch(line.strip())):
                part.header.append((number, found[1], found[2].strip()))
            else:
                in_header = in_header and not line.strip() and not part.header
                part.text.append((number, line))
        if part is not None:
            yield depth, part

    def _header(self, part: _Part, known: Sequence[str]) -> dict[str, tuple[int, str]]:
        """Name -> (line, value) of a part's header; the last of several of one name."""
        for number, name, _ in part.header:
            if name not in known:
                self.wrong(number, f"{name!r} is not known here; write one of {', '.join(known)}, or an empty line before text")
        return {name: (number, value) for number, name, value in part.header}

    def _step(self, parts: Sequence[_Part]) -> Step | None:
        head, header = parts[0], self._header(parts[0], _OF_STEP)
        line, lab = header.get("lab", (head.line, ""))
        try:
            state = state_of(lab)
            problems = problems_of(state) if self.check else []
        except ValueError as problem:
            self.wrong(line, f"{problem}" if lab else "the step names no lab; write a line such as lab: tensor?bits=4")
            return None
        for sentence in problems:
            self.wrong(line, sentence)
        at, listed = header.get("views", (line, ""))
        views = tuple(view.strip() for view in listed.split(",") if view.strip())
        for view in views:
            if view not in state.lab.views:
                self.wrong(at, f"{state.page} has no view {view!r}; it has {', '.join(state.lab.views)}")
        if not views:
            self.wrong(at, "the step shows nothing; write a line such as views: histogram, numbers")
        at, listed = header.get("hidden", (line, ""))
        hidden = tuple(view.strip() for view in listed.split(",") if view.strip())
        if strange := [view for view in hidden if view not in views]:
            self.wrong(at, f"{strange[0]!r} is hidden and not shown either; name it in views too")
        step = Step(head.title, head.body, "", state, views, hidden, *self._unlock(header, state))
        if problems:
            return None
        question, why = None, ""
        for part in parts[1:]:
            kind, _, which = part.title.partition(":")
            if kind.casefold() == "predict":
                question = self._question(part, which.strip(), state)
            elif kind.casefold() == "why":
                why = part.body
            else:
                self.wrong(part.line, f"{part.title!r} is not known here; a step has ### Predict: and ### Why")
            self._places(part, step)
        self._places(head, step)
        if question and not why:
            self.wrong(head.line, "a prediction without a reason; write ### Why and the reason")
        return replace(step, why=why, question=question)

    def _unlock(self, header: Mapping[str, tuple[int, str]], state: State) -> tuple[str, tuple[str, ...]]:
        """The parameter that is unlocked, and the values to choose from: ``granularity = tensor, group-64``."""
        line, text = header.get("unlock", (0, ""))
        name, _, listed = (part.strip() for part in text.partition("="))
        choices = tuple(value.strip() for value in listed.split(",") if value.strip())
        if not text or name == "bits":
            return name, ()
        if not self.check:
            return name, choices
        if name not in state.address().values:
            self.wrong(line, f"{state.page} has no parameter {name!r} in this state; unlock bits, or one that it has")
        elif len(choices) < 2:
            self.wrong(line, f"what {name} may be is missing; write unlock: {name} = one, another")
        else:
            for value in choices:
                for problem in problems_of(state.changed(f"{name}={value}")):
                    self.wrong(line, problem)
        return name, choices

    def _question(self, part: _Part, kind: str, state: State) -> Question | None:
        header = self._header(part, _OF_QUESTION)
        if kind not in KINDS:
            self.wrong(part.line, f"{kind!r} is no kind of prediction; write ### Predict: and one of {', '.join(KINDS)}")
            return None
        options, text = [], []
        for number, line in part.text:
            if line.startswith("- "):
                said, _, hint = line[2:].partition(" !! ")
                label, _, truth = said.partition(" :: ")
                options.append(Option(label.strip(), truth.strip(), self._hint(number, hint)))
            else:
                text.append(line)
        wrong = []
        for number, name, value in part.header:
            if name == "wrong":
                expression, _, hint = value.partition(" !! ")
                self._expression(number, expression, kind)
                if found := self._hint(number, hint):
                    wrong.append((expression.strip(), found))
                else:
                    self.wrong(number, "the hint is missing; write wrong: what the idea gives !! what to say")
        values = {name: value for name, (_, value) in header.items()}
        question = Question(
            kind,
            "\n".join(text).strip(),
            tuple(options),
            values.get("measure", ""),
            _number(values.get("within", "")),
            values.get("best", ""),
            values.get("by", ""),
            tuple(wrong),
        )
        if missing := question.problem():
            self.wrong(part.line, missing)
        for name in ("measure", "by"):
            if name in header:
                self._expression(*header[name], kind)
        if self.check and not missing:
            try:
                question.truth(state)
            except ValueError as problem:
                self.wrong(part.line, str(problem))
        return question

    def _hint(self, line: int, text: str) -> Hint | None:
        if not text.strip():
            return None
        hint = hint_of(text)
        try:
            for problem in problems_of(state_of(hint.see)) if hint.see and self.check else ():
                self.wrong(line, problem)
        except ValueError as problem:
            self.wrong(line, str(problem))
        return hint

    def _expression(self, line: int, text: str, kind: str) -> None:
        try:
            terms = terms_of(text)
        except ValueError as problem:
            self.wrong(line, str(problem))
            return
        for term, _ in terms:
            name = term.partition(" @ ")[0]
            if kind == "mark" and name not in NAMES:
                self.wrong(line, f"{name[:40]!r} cannot be marked; mark one of {', '.join(NAMES)}")
            elif kind != "mark" and name not in MEASURES and _number(name) is None:
                self.wrong(line, f"{name[:40]!r} is neither a number nor a measure; measures are {', '.join(MEASURES)}")

    def _places(self, part: _Part, step: Step) -> None:
        if not self.check:
            return
        for number, line in part.text:
            for expression in _PLACE.findall(line):
                try:
                    written(expression, step.state)
                except ValueError as problem:
                    self.wrong(number, f"{{{expression}}}: {problem}")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None
