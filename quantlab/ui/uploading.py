"""Uploading: what an uploader gives is held for its visitor; beside it stands what is held, for whom, and how to share it."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from typing import Any

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from quantlab.labs.text import markdown_safe
from quantlab.sources.holding import Holding
from quantlab.sources.uploads import UPLOADS
from quantlab.ui.visitors import visitor

Holding.of_thread = staticmethod(visitor)
_GOES = "it goes when it was not used for {hours:.0f} hours, when you bring more than {files} {things} or {room} MB, or when the server is full or stops."


def limits(holding: Holding[Any], things: str) -> str:
    """When something that is held goes, in words."""
    return _GOES.format(hours=holding.hours, files=holding.most_each, things=things, room=holding.room_each >> 20)


HELD = "It stays in this server's memory, never on its disk, for your browser alone unless you share it; " + limits(UPLOADS, "files")
_SHARING = (
    "On: whoever has the address of this page and reaches this server opens the file, and can save its numbers. Off: your browser alone "
    "does, from now on; what others see already stays on their screens."
)
_BROUGHT = "uploads:brought"  # of a session: an uploader's key -> the ids of its files, and the token


def hold(name: str, data: bytes) -> str:
    """Hold a file for who is here; returns its token."""
    return UPLOADS.add(name, data, visitor())


def take(uploader: str, value: str, file: UploadedFile | None) -> str:
    """Hold what an uploader gave, once, and again where the server dropped it; returns the token for the address.

    uploader : its key. value : the token that the address names now.
    """
    if file is None:
        return value
    return bring(uploader, value, file.file_id, lambda token: UPLOADS.add(file.name, file.getvalue(), visitor(), token), UPLOADS)


def bring(
    uploader: str,
    value: str,
    ids: Hashable,
    add: Callable[[str], str],
    holding: Holding[Any],
    is_there: Callable[[str], bool] | None = None,
) -> str:
    """As ``take``, of any holding. ids : of what the uploader gives. add : holds it under a token, "" for a new one, and returns that.

    is_there : whether what a token names is held still. What ``add`` raises is raised once for what was brought.
    """
    brought: dict[str, tuple[Hashable, str]] = st.session_state.setdefault(_BROUGHT, {})
    known, token = brought.get(uploader, ("", ""))
    if known != ids:
        brought[uploader] = ids, ""
        token = add("")
        brought[uploader] = ids, token
        return token
    if token and value == token and not (is_there or holding.__contains__)(token):
        add(token)
        if st.session_state.get(_shared(token)):
            holding.share(token, True)
    return value


def taken_away(uploader: str) -> bool:
    """Whether the file that this uploader gave was taken out of it again; true once."""
    return st.session_state.get(_BROUGHT, {}).pop(uploader, None) is not None


def tell(
    token: str, where: DeltaGenerator, named: bool = False, holding: Holding[Any] = UPLOADS, held: str = HELD, uploader: str = ""
) -> None:
    """Say of a file that is held for whom it is, and let its owner share it.

    named : say its name, where the uploader does not. held : where it stays and how long, in words. uploader : its name, where a page has
    several: equal files that one visitor gives to two of them have one token.
    """
    if token not in holding:
        return
    name, own = markdown_safe(holding.name(token)), holding.owned(token)
    if named or not own:
        where.caption(f"In use: {name}")
    if not own:
        return
    key = ":".join(filter(None, ("share", uploader, token)))
    st.session_state[key] = st.session_state[_shared(token)] = holding.shared(token)
    where.toggle("Share this file with the link", key=key, help=f"{_SHARING} {held}", on_change=_share, args=(token, key, holding))


def _share(token: str, key: str, holding: Holding[Any]) -> None:
    if holding.owned(token):  # else it was dropped meanwhile
        holding.share(token, bool(st.session_state[key]))


def _shared(token: str) -> str:
    """Where a session keeps whether it shares a file, for when that is dropped and comes again."""
    return f"uploads:shared:{token}"
