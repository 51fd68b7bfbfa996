"""Addresses: a lab's whole state as a query, read by one table of parameters with notices, written exactly and without defaults.

A parameter's default, choices and title may follow from those read before it. ``walk`` goes through a table and asks for one
value after another: ``read`` asks a query, the page's controls ask the person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

from quantlab.labs.forms import LONGEST, Choice, File, Form, Levels, Number, Several, Text, Value

V = TypeVar("V")
_LINE = 40  # characters of a text that a description of the state holds
Subject = Any  # what a lab looks at: of the lab's own type
Place = Literal["rooms", "side", "more", "page", "bottom", "table", "hidden"]


class Values(Mapping[str, Value]):
    """The values read so far, by name; ``subject`` is what the lab looks at, once it is known."""

    def __init__(self, subject: Subject = None) -> None:
        self._values: dict[str, Value] = {}
        self.subject = subject

    def __getitem__(self, name: str) -> Value:
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)

    def put(self, name: str, value: Value) -> None:
        self._values[name] = value


Of = Callable[[Values], V]


@dataclass(frozen=True)
class Parameter:
    """One parameter of a lab's address.

    name : in the address. meaning : one line for the documentation. form, default, title : themselves, or functions of what
    was read before. when : whether it has a meaning there. place : where its control stands. advice : the control's line of help.
    problem : what is wrong with a well-formed value, "" where nothing is.
    """

    name: str
    meaning: str
    form: Form | Of[Form]
    default: Value = ""
    title: str | Of[str] = ""
    place: Place | Of[Place] = "side"
    when: Of[bool] = lambda values: True
    advice: str | Of[str] = ""
    problem: Callable[[Value, Values], str] = lambda value, values: ""

    def at(self, values: Values) -> Question:
        """The parameter as it stands after what was read."""
        form = self.form if isinstance(self.form, Choice | Number | Text | Several) else self.form(values)
        default = self.default(values) if callable(self.default) else self.default
        title, advice = (part(values) if callable(part) else part for part in (self.title, self.advice))
        place = self.place(values) if callable(self.place) else self.place
        return Question(self, form, default, title, advice, place)


@dataclass(frozen=True)
class Question:
    """A parameter at one point of its table: every function of what was read before answered."""

    parameter: Parameter
    form: Form
    default: Value
    title: str
    advice: str
    place: Place

    @property
    def name(self) -> str:
        return self.parameter.name

    def notice(self, raw: str) -> str:
        """The sentence for a person where the address holds a value that cannot be used."""
        shown = self.form.write(self.default) or "nothing"
        remedy = f": {self.form.remedy}" if self.form.remedy else ""
        return f"{self.name}={raw[:40]} in the address is not supported here; {shown} is shown instead{remedy}."

    def described(self, value: Value) -> str:
        """The value in a line of words, "" where it says nothing to a person: a file goes by a hash."""
        if isinstance(self.form, File):
            return ""
        text = self.form.title_of(value)
        text = text if len(text) <= _LINE else f"{text[:_LINE]}…"
        return f"{self.title} {text}" if isinstance(self.form, Number | Levels) else text


@dataclass(frozen=True, eq=False)
class Address:
    """One state of a lab: its values, what it looks at, and what was wrong with what was asked for.

    query : the values as an address writes them, defaults left out. described : titles of what is not the default.
    notices : parts of the address that cannot be used. problems : input of the person that cannot.
    """

    values: Mapping[str, Value]
    texts: Mapping[str, str]
    defaults: Mapping[str, str]
    subject: Subject
    described: tuple[str, ...] = ()
    notices: tuple[str, ...] = ()
    problems: tuple[str, ...] = ()

    def __getitem__(self, name: str) -> Value:
        return self.values[name]

    def get(self, name: str, default: Value = None) -> Value:
        """The value of a parameter, or ``default`` where it has no meaning in this state."""
        return self.values.get(name, default)

    @property
    def query(self) -> dict[str, str]:
        return {name: text for name, text in self.texts.items() if text != self.defaults[name] and len(text) <= LONGEST}

    def changed(self, changes: Mapping[str, str]) -> dict[str, str]:
        """The query of this state with some of it changed."""
        return {name: text for name, text in (self.query | dict(changes)).items() if text != self.defaults.get(name)}

    def without(self, *names: str) -> tuple[tuple[str, Value], ...]:
        """Names and values but those named: a key for caches."""
        return tuple((name, value) for name, value in self.values.items() if name not in names)


Ask = Callable[[Question], Value]


@dataclass(frozen=True)
class Table:
    """The parameters of a lab: first those that name what it looks at, then those of what is done with it.

    look : the subject that the first ones name; ValueError in one sentence where they name none that is sound. A subject has a
    ``title``, what a person calls it.
    """

    parameters: tuple[Parameter, ...]
    of_subject: tuple[Parameter, ...] = ()
    look: Of[Subject] = lambda values: None

    def __iter__(self) -> Iterator[Parameter]:
        yield from self.of_subject
        yield from self.parameters

    def __getitem__(self, name: str) -> Parameter:
        return next(parameter for parameter in self if parameter.name == name)

    def titled(self, address: Address, name: str) -> str:
        """What the control of a parameter is called at this address."""
        values = Values(address.subject)
        for known, value in address.values.items():
            values.put(known, value)
        return self[name].at(values).title

    def walk(self, ask: Ask, fallback: Subject = None, instead: Subject = None) -> Address:
        """The address that the answers make.

        fallback : the subject in place of one that is not sound, else the default one. instead : the subject in any case.
        """
        walk = _Walk(ask)
        try:
            walk.through(self.of_subject)
            walk.values.subject = self.look(walk.values) if instead is None else instead
        except ValueError as problem:
            walk.values.subject = self.default_subject() if fallback is None else fallback
            walk.problems.append(shown_instead(problem, walk.values.subject))
        walk.through(self.parameters)
        return walk.address()

    def read(self, query: Mapping[str, str], fallback: Subject = None, instead: Subject = None) -> Address:
        """The address that a query writes; what cannot be used is named in its notices, and the default stands there."""
        notices: list[str] = []

        def ask(question: Question) -> Value:
            raw = query.get(question.name)
            value = question.default if raw is None else question.form.parse(raw)
            if value is None:
                notices.append(question.notice(raw or ""))
                return question.default
            return value

        address = self.walk(ask, fallback, instead)
        return Address(**vars(address) | {"notices": tuple(notices)})

    def default_subject(self) -> Subject:
        """The subject that the lab opens on."""
        walk = _Walk(lambda question: question.default)
        walk.through(self.of_subject)
        return self.look(walk.values)


@dataclass
class _Walk:
    """A walk through a table, under way."""

    ask: Ask
    values: Values = field(default_factory=Values)
    texts: dict[str, str] = field(default_factory=dict)
    defaults: dict[str, str] = field(default_factory=dict)
    described: list[str] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)

    def through(self, parameters: Sequence[Parameter]) -> None:
        for parameter in parameters:
            if parameter.when(self.values):
                question = parameter.at(self.values)
                self._take(question, self.ask(question))

    def _take(self, question: Question, value: Value) -> None:
        name, form = question.name, question.form
        if problem := question.parameter.problem(value, self.values):
            self.problems.append(problem)
        self.texts[name], self.defaults[name] = form.write(value), form.write(question.default)
        if self.texts[name] != self.defaults[name] and (words := question.described(value)):
            self.described.append(words)
        self.values.put(name, value)

    def address(self) -> Address:
        values = self.values
        return Address(dict(values), self.texts, self.defaults, values.subject, tuple(self.described), (), tuple(self.problems))


def shown_instead(problem: ValueError, subject: Any) -> str:  # each lab's own type
    """Why what was asked for cannot be looked at, and what is shown in its place: nobody takes its numbers for those of their choice."""
    return f"{problem} Shown instead: {subject.title}."
