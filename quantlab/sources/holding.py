"""Holdings of what people brought: each thing by a token, for the visitor who brought it.

An address names a thing by a token drawn by chance, which says nothing about the content. Only its owner opens it, until the owner
shares it: then whoever has the token does. Equal content of equal name is held once.

A visitor's oldest things go where they have more than ``most_each`` or ``room_each`` bytes; where all together need more than ``room``,
those of the visitor who holds the most go first: a class of any size keeps its last ones. After ``hours`` without use a thing is closed.
"""

from __future__ import annotations

import hashlib
import secrets
import time
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import RLock
from typing import Generic, TypeVar

from quantlab.sources.upload import Refused

LOST = "That file is no longer held by this server; open it again."
NOT_SHARED = "That file is another person's, and not shared: its owner can share it beside the uploader, or bring it yourself."
_as_visitor: ContextVar[str | None] = ContextVar("visitor", default=None)
D = TypeVar("D", bound=Sized)


@dataclass(eq=False)
class Content(Generic[D]):
    """What was brought. name : the person's own. data : its bytes, or where they lie, whose length is theirs."""

    name: str
    data: D


@dataclass(eq=False)
class _Held:
    """What a token names. owner : the visitor, None for everybody. used : when it was last opened."""

    owner: str | None
    key: str
    shared: bool = False
    used: float = field(default_factory=time.monotonic)


class Holding(Generic[D]):
    """Things by their tokens. room : bytes of all; most_each, room_each : things and bytes of a visitor, whose last one stays in any case.

    gone : is told of data that nobody holds any more.
    of_thread : gives the visitor for whom the calling thread works, of all holdings; None for the server itself, which opens all.
    """

    most_each, room_each, hours = 32, 512 << 20, 12.0
    of_thread: Callable[[], str | None] = staticmethod(lambda: None)

    def __init__(self, room: int, most_each: int = most_each, room_each: int = room_each, gone: Callable[[D], object] = lambda data: None):
        self.room, self.most_each, self.room_each, self._gone = room, most_each, room_each, gone
        self._held: dict[str, _Held] = {}
        self._contents: dict[str, Content[D]] = {}
        self._salt, self._lock = secrets.token_bytes(16), RLock()

    def add(self, name: str, data: D, owner: str | None = None, token: str = "") -> str:
        """Hold a file; returns its token. owner : who alone opens it, None for everybody. token : its own, where it was dropped."""
        content = data if isinstance(data, bytes) else repr(data).encode()
        key = hashlib.sha256(self._salt + repr(name).encode() + content).hexdigest()
        with self._lock:
            self._close_old()
            same = (t for t, held in self._held.items() if held.owner == owner and self._contents[held.key].data == data)
            token = next(same, "" if token in self._held else token) or secrets.token_urlsafe(12)
            before = self._held.pop(token, None)
            self._held[token] = _Held(owner, key, before is not None and before.shared)
            self._contents.setdefault(key, Content(name, data))
            self._make_room(owner, token)
        return token

    def __contains__(self, token: str) -> bool:
        return self._denial(token) is None

    def check(self, token: str, lost: str = LOST) -> str:
        """The token, where who asks may open its file; ValueError in one sentence. lost : the sentence for a file that went."""
        if (denial := self._denial(token)) is not None:
            raise Refused(denial or lost)
        return token

    def key(self, token: str) -> str:
        """A name of the content, the same whoever brought it, that never leaves the server; the token where it is held no longer."""
        held = self._held.get(token)
        return token if held is None else held.key

    def owned(self, token: str) -> bool:
        """Whether who asks brought this file."""
        held, visitor = self._held.get(token), self.visitor()
        return held is not None and visitor is not None and held.owner == visitor

    def shared(self, token: str) -> bool:
        """Whether everybody who has the token may open the file."""
        held = self._held.get(token)
        return held is not None and (held.shared or held.owner is None)

    def share(self, token: str, on: bool) -> None:
        """Open a file to everybody who has its token, or close it again; ValueError for somebody else's."""
        with self._lock:
            if not self.owned(token):
                raise Refused(NOT_SHARED if token in self._held else LOST)
            self._held[token].shared = on

    def name(self, token: str) -> str:
        """The file's own name, to show."""
        return self._content(token).name

    def content(self, token: str) -> tuple[str, D]:
        """The file's own name and what is in it. token : or the content's ``key``."""
        content = self._content(token)
        return content.name, content.data

    def visitor(self) -> str | None:
        """Who asks."""
        return _as_visitor.get() or self.of_thread()

    @contextmanager
    def seen_by(self, visitor: str | None) -> Iterator[None]:
        """Ask as this visitor, in a thread that has none of its own."""
        reset = _as_visitor.set(visitor)
        try:
            yield
        finally:
            _as_visitor.reset(reset)

    def _denial(self, token: str) -> str | None:
        """None where who asks may open the file, "" where it is not held, else why not."""
        with self._lock:
            self._close_old()
            held = self._held.get(token)
            if held is None:
                return ""
            visitor = self.visitor()
            if visitor is not None and not held.shared and held.owner not in (None, visitor):
                return NOT_SHARED
            held.used = time.monotonic()
            return None

    def _content(self, token: str) -> Content[D]:
        with self._lock:
            return self._contents[token] if token in self._contents else self._contents[self._held[self.check(token)].key]

    def _close_old(self) -> None:
        until = time.monotonic() - 3600 * self.hours
        if old := [token for token, held in self._held.items() if held.used < until]:
            self._drop(*old)

    def _make_room(self, owner: str | None, last: str) -> None:
        """Drop what is too much, the oldest first, but never the file that just came."""
        while (mine := self._of(owner)) and len(mine) > 1 and (len(mine) > self.most_each or self._bytes(mine) > self.room_each):
            self._drop(mine[0])
        while len(self._held) > 1 and self._bytes(list(self._held)) > self.room:
            owners = dict.fromkeys(held.owner for token, held in self._held.items() if token != last)
            most = max(owners, key=lambda one: self._bytes(self._of(one)))
            self._drop(next(token for token in self._of(most) if token != last))
        self._forget()

    def _of(self, owner: str | None) -> list[str]:
        return [token for token, held in self._held.items() if held.owner == owner]

    def _bytes(self, tokens: list[str]) -> int:
        return sum(len(self._contents[key].data) for key in {self._held[token].key for token in tokens})

    def _drop(self, *tokens: str) -> None:
        for token in tokens:
            del self._held[token]
        self._forget()

    def _forget(self) -> None:
        """Drop contents that nobody holds."""
        for key in self._contents.keys() - {held.key for held in self._held.values()}:
            data = self._contents.pop(key).data
            if not any(other.data == data for other in self._contents.values()):
                self._gone(data)
