"""The rules of a class: codes, names, and the phases of a question.

A question goes through phases, in at most two rounds:

    round 1: open -> frozen -> revealed
                 |         |
    round 2:     '--------> open -> frozen -> revealed

Students answer while it is open. A reveal closes a vote that is still open. The second vote may follow the first at once, with
nothing shown between, or after its reveal.
"""

from __future__ import annotations

import hashlib
import json
import re
import secrets
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

CODE_LETTERS = "BCDFGHJKMNPRSTVWXZ"  # no vowels, so no words; no L, O, Q, which are read as I and 0
CODE_LENGTH = 5
LONGEST_NAME = 30
LONGEST_ANSWER = 4096  # bytes of its JSON
LONGEST_DESCRIPTION = 32768  # bytes of its JSON
MOST_STUDENTS = 1000
MOST_KEYS = 2000  # answers that one student may send to one class
MOST_QUESTIONS = 500
MOST_CLASSES = 10_000
DAY = 86400.0  # seconds
RETENTION_DAYS = 30
LONGEST_RETENTION = 366
ROUNDS = 2
_QUESTION = re.compile(r"[\w.:/?&=%+,-]{1,200}", re.ASCII)
_KEY = re.compile(r"[\w-]{8,64}", re.ASCII)
Answer = Any  # JSON: the place of an option, a number, its text, an order, the heights of a curve


class Mode(StrEnum):
    """How a class moves: all follow the teacher's step, or each student goes on alone."""

    FOLLOW = "follow"
    OWN = "own"


class Phase(StrEnum):
    """Where a vote stands."""

    OPEN = "open"
    FROZEN = "frozen"
    REVEALED = "revealed"


class Refusal(ValueError):
    """What is not done, why, and the HTTP status that says so."""

    def __init__(self, sentence: str, status: int = 422) -> None:
        super().__init__(sentence)
        self.status = status


@dataclass(frozen=True)
class Vote:
    """A student's answer as their browser sends it.

    round : the vote that it belongs to, 1 or 2. key : made by the browser for this answer, so that it counts once.
    made : the browser's clock in ms; of two answers that arrive out of order the later one counts.
    """

    question: str
    round: int
    key: str
    answer: Answer
    made: int = 0


def new_code() -> str:
    """A code by chance: one of 18⁵ ≈ 1.9 million.

    >>> len(CODE_LETTERS) ** CODE_LENGTH
    1889568
    """
    return "".join(secrets.choice(CODE_LETTERS) for _ in range(CODE_LENGTH))


def read_code(text: str) -> str:
    """The code that a person typed; Refusal where none can be meant.

    >>> read_code(" bcd-fg "), read_code("B C D F G")
    ('BCDFG', 'BCDFG')
    """
    plain = re.sub(r"[\s-]", "", text[:100]).upper()
    if len(plain) != CODE_LENGTH or not set(plain) <= set(CODE_LETTERS):
        raise Refusal(f"A class has a code of {CODE_LENGTH} letters like BCDFG; {text[:12]!r} is not one.", 404)
    return plain


def digest(token: str) -> str:
    """What is stored of a secret, token or key; they are drawn by chance from 2¹²⁸ and more, so that they cannot be tried out."""
    return hashlib.sha256(token.encode("utf-8", "replace")).hexdigest()


def token_of(code: str, key: str) -> str:
    """The token of a student who joins with a key: whoever lacks the key cannot tell it from what is stored.

    >>> token_of("BCDFG", "a-key-of-chance") == token_of("BCDFG", "a-key-of-chance") != token_of("BCDFH", "a-key-of-chance")
    True
    """
    return digest(f"token of {key} in {code}")


def clean_name(text: str) -> str:
    """A nickname as text: control and invisible characters removed, at most 30 characters. Who shows it has to escape it.

    >>> clean_name("  Ada\\n\\x00 <b>L.</b>\\u202e "), len(clean_name("x" * 10_000))
    ('Ada <b>L.</b>', 30)
    """
    spaced = "".join(" " if letter.isspace() else letter for letter in text[: 50 * LONGEST_NAME])
    kept = "".join(letter for letter in spaced if letter == " " or unicodedata.category(letter)[0] not in "CZ")
    return _few_marks(" ".join(kept.split()))[:LONGEST_NAME].strip()


def _few_marks(text: str) -> str:
    """At most two combining marks in a row: more of them reach over the lines above and below."""
    kept: list[str] = []
    for letter in text:
        if not (unicodedata.combining(letter) and len(kept) >= 2 and all(unicodedata.combining(k) for k in kept[-2:])):
            kept.append(letter)
    return "".join(kept)


def check_question(key: str) -> str:
    """The key of a question, such as "rounding:2"; Refusal for others."""
    if not isinstance(key, str) or not _QUESTION.fullmatch(key):
        raise Refusal("A question's key has 1 to 200 letters, digits or signs of an address.")
    return key


def check_key(key: str) -> str:
    """The key that a browser made; Refusal for others."""
    if not isinstance(key, str) or not _KEY.fullmatch(key):
        raise Refusal("A key has 8 to 64 letters, digits, - or _.")
    return key


def check_round(number: int) -> int:
    """The number of a vote; Refusal for others."""
    if not _is_whole(number) or not 1 <= number <= ROUNDS:
        raise Refusal(f"A vote has the number 1 or {ROUNDS}.")
    return number


def check_days(days: int) -> int:
    """The days that a class is kept; Refusal outside of 1 to 366."""
    if not 1 <= days <= LONGEST_RETENTION:
        raise Refusal(f"A class is kept for 1 to {LONGEST_RETENTION} days; {days} is outside.")
    return days


def check_mode(mode: str) -> Mode:
    """The mode of this name; Refusal for others."""
    try:
        return Mode(mode)
    except ValueError:
        raise Refusal(f"{mode[:20]!r} is no mode of a class; there are {', '.join(Mode)}.") from None


def to_json(value: object, longest: int, what: str) -> str:
    """A value as JSON in ASCII; Refusal where it is none or too long.

    >>> to_json({"b": 1, "a": [0.5, "é"]}, 100, "An answer")
    '{"b":1,"a":[0.5,"\\\\u00e9"]}'
    """
    try:
        text = json.dumps(value, allow_nan=False, separators=(",", ":"))
    except (TypeError, ValueError, RecursionError):
        raise Refusal(f"{what} has to be JSON of finite numbers and texts.") from None
    if len(text) > longest:
        raise Refusal(f"{what} of {len(text)} bytes is too long; {longest} are allowed.", 413)
    return text


def check_vote(vote: Vote, description: Mapping[str, Any]) -> str:
    """The answer as JSON; Refusal where a part has a wrong form or the answer is none to this question."""
    check_question(vote.question)
    check_key(vote.key)
    check_round(vote.round)
    if not _is_whole(vote.made) or not 0 <= vote.made < 1 << 53:
        raise Refusal("The time of an answer is a number of milliseconds.")
    text = to_json(vote.answer, LONGEST_ANSWER, "An answer")
    if not _fits(vote.answer, description):
        raise Refusal("The answer is outside of what the question asks for.")
    return text


def _fits(answer: Answer, description: Mapping[str, Any]) -> bool:
    """Whether an answer can be one to a question. kind : choice and order have options, draw has as many heights as labels, mark a count."""
    options, labels = len(description.get("options") or ()), len(description.get("labels") or ())
    match description.get("kind"):
        case "choice":
            return _is_whole(answer) and 0 <= answer < options
        case "order":
            return isinstance(answer, list) and all(map(_is_whole, answer)) and sorted(answer) == list(range(options))
        case "draw":
            return isinstance(answer, list) and all(map(_is_number, answer)) and (len(answer) == labels or not labels)
        case "mark":
            return isinstance(answer, list) and all(map(_is_number, answer)) and len(answer) == description.get("count")
        case "number":
            return as_number(answer) is not None
        case _:
            return _is_plain(answer) or (isinstance(answer, list) and len(answer) <= 64 and all(map(_is_plain, answer)))


def as_number(answer: Answer) -> float | None:
    """The number that an answer is, typed or not; None where it is none.

    >>> as_number(3), as_number("6,02"), as_number("six")
    (3.0, 6.02, None)
    """
    from quantlab.learn.answers import read_number

    if isinstance(answer, str):
        try:
            return read_number(answer)
        except ValueError:
            return None
    return float(answer) if _is_number(answer) else None


def _is_plain(value: object) -> bool:
    return _is_number(value) or (isinstance(value, str) and len(value) <= 200)


def _is_whole(value: object) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _is_number(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and abs(value) < 1e12


@dataclass(frozen=True)
class Stand:
    """Phase and round of a question, and the moves between them.

    >>> Stand().freeze().again().reveal()
    Stand(phase=<Phase.REVEALED: 'revealed'>, round=2)
    """

    phase: Phase = Phase.OPEN
    round: int = 1

    def freeze(self) -> Stand:
        """The vote is closed: what is stored stays."""
        if self.phase is not Phase.OPEN:
            raise Refusal("The vote is closed already.", 409)
        return Stand(Phase.FROZEN, self.round)

    def reveal(self) -> Stand:
        """The distribution is shown; a vote that is still open is closed."""
        if self.phase is Phase.REVEALED:
            raise Refusal("The answers are shown already.", 409)
        return Stand(Phase.REVEALED, self.round)

    def again(self) -> Stand:
        """A second vote, after discussion."""
        if self.phase is Phase.OPEN:
            raise Refusal("The vote is still open; close it before the second one.", 409)
        if self.round == ROUNDS:
            raise Refusal(f"A question has {ROUNDS} votes, and both were held.", 409)
        return Stand(Phase.OPEN, self.round + 1)

    def check_open(self, round: int) -> None:
        """Refusal unless this round's vote takes answers."""
        if round < self.round or (round == self.round and self.phase is not Phase.OPEN):
            raise Refusal("The vote was closed before this answer came; it does not count.", 409)
        if round > self.round:
            raise Refusal("There is no second vote yet.", 409)
