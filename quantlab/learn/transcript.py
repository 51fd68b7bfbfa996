"""Transcripts: what a person answered, graded again by this server and signed by it, so that a teacher can check the file.

The server grades every answer itself before it signs: what a browser claims about scores does not count. The signature is an
HMAC-SHA256 (RFC 2104) over the canonical JSON with a key that only this server has; ``QUANTLAB_SIGNING_KEY`` gives several
servers the same one. What a student's own machine checked (``quantlab learn check``) is not in it.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from platformdirs import PlatformDirs

from quantlab import __version__
from quantlab.cache_folder import cache_folder
from quantlab.learn.diary import Diary
from quantlab.learn.exercises import EXERCISES, grade
from quantlab.learn.lesson import Lesson

LONGEST = 1_000_000  # bytes of a transcript that is checked
LONGEST_NAME = 80
KEY = "QUANTLAB_SIGNING_KEY"
_FILE = "signing.key"
_KIND = "quantlab transcript 1"


@dataclass(frozen=True)
class Entry:
    """One answer. kind : lesson or exercise. score : 0 to 1, by this server from the answer. first : of the first try, as the browser kept it."""

    kind: str
    name: str
    step: str
    score: float
    answer: Any
    first: float | None = None


def entries(diary: Diary, lessons: Mapping[str, Lesson]) -> list[Entry]:
    """Every answer of a diary that can be graded here, graded anew."""
    found = []
    for slug, steps in sorted(diary.lessons.items()):
        for number, (first, answer) in sorted(steps.items()):
            lesson = lessons.get(slug)
            step = lesson.steps[number - 1] if lesson and 1 <= number <= len(lesson.steps) else None
            if step is None or step.question is None:
                continue
            try:
                score = step.question.grade(step.state, answer).score
            except ValueError:
                continue
            found.append(Entry("lesson", slug, str(number), round(score, 3), answer, round(first, 3)))
    for slug, (seed, texts) in sorted(diary.work.items()):
        if slug not in EXERCISES:
            continue
        try:
            score = grade(EXERCISES[slug].generate(seed), texts).score
        except ValueError:
            continue
        found.append(Entry("exercise", slug, f"numbers {seed}", round(score, 3), list(texts)))
    return found


def signed(name: str, diary: Diary, lessons: Mapping[str, Lesson], key: bytes | None = None, now: datetime | None = None) -> str:
    """The transcript as JSON, signed."""
    body = {
        "kind": _KIND,
        "name": " ".join(name.split())[:LONGEST_NAME],
        "made": (now or datetime.now(UTC)).strftime("%Y-%m-%dT%H:%M:%SZ"),
        "quantlab": __version__,
        "answers": [vars(entry) for entry in entries(diary, lessons)],
    }
    return json.dumps(body | {"signature": _signature(body, key or signing_key())}, indent=1, ensure_ascii=False) + "\n"


def checked(text: str, key: bytes | None = None) -> dict[str, Any]:
    """The transcript in a text whose signature is this server's; ValueError in one sentence for any other.

    >>> checked("{}", b"k")
    Traceback (most recent call last):
    ValueError: this is no transcript of QuantLab; take the JSON file that a student downloaded
    """
    try:
        body = json.loads(text) if len(text) <= LONGEST else None
    except (ValueError, RecursionError):
        body = None
    if not isinstance(body, dict) or body.get("kind") != _KIND or not isinstance(body.get("signature"), str):
        raise ValueError("this is no transcript of QuantLab; take the JSON file that a student downloaded")
    given = body.pop("signature")
    if not hmac.compare_digest(given.encode(), _signature(body, key or signing_key()).encode()):
        raise ValueError("the signature is not this server's, or the file was changed after it was signed; ask for a new one")
    return body


def signing_key(environment: Mapping[str, str] = os.environ) -> bytes:
    """The key of this server, made when it is first asked for and kept in a file that only its owner reads."""
    if given := environment.get(KEY, "").strip():
        return given.encode()
    folder = cache_folder() if environment.get("QUANTLAB_CACHE") else None
    path = (folder or PlatformDirs("quantlab", appauthor=False).user_data_path) / _FILE
    try:
        return _kept(path)
    except FileNotFoundError:
        path.parent.mkdir(parents=True, exist_ok=True)
        return _new(path)


def _kept(path: Path) -> bytes:
    key = path.read_bytes().strip()
    if len(key) < 32:
        raise ValueError(f"{path} holds no key; delete it, and the next transcript makes a new one")
    return key


def _new(path: Path) -> bytes:
    """A key in a new file; where another process was quicker, that one's."""
    try:
        descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return _kept(path)
    with os.fdopen(descriptor, "wb") as file:
        key = secrets.token_hex(32).encode()
        file.write(key)
    return key


def _signature(body: Mapping[str, Any], key: bytes) -> str:
    canonical = json.dumps(body, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hmac.new(key, canonical.encode(), hashlib.sha256).hexdigest()
