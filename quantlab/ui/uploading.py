"""Uploading: what an uploader gives is held for its visitor; beside it stands what is held, for whom, and how to share it."""

from __future__ import annotations

import streamlit as st
from streamlit.delta_generator import DeltaGenerator
from streamlit.runtime.uploaded_file_manager import UploadedFile

from quantlab.labs.text import markdown_safe
from quantlab.sources.uploads import UPLOADS, Uploads
from quantlab.ui.visitors import visitor

UPLOADS.of_thread = visitor
HELD = (
    "It stays in this server's memory, never on its disk, for your browser alone unless you share it; it goes when it was not used for "
    f"{Uploads.hours:.0f} hours, when you bring more than {Uploads.most_each} files or {Uploads.room_each >> 20} MB, or when the server "
    "is full or stops."
)
_SHARING = (
    "On: whoever has the address of this page and reaches this server opens the file, and can save its numbers. Off: your browser alone "
    "does, from now on; what others see already stays on their screens."
)
_BROUGHT = "uploads:brought"  # of a session: an uploader's key -> the id of its file, and the token


def hold(name: str, data: bytes) -> str:
    """Hold a file for who is here; returns its token."""
    return UPLOADS.add(name, data, visitor())


def take(uploader: str, value: str, file: UploadedFile | None) -> str:
    """Hold what an uploader gave, once, and again where the server dropped it; returns the token for the address.

    uploader : its key. value : the token that the address names now.
    """
    if file is None:
        return value
    brought: dict[str, tuple[str, str]] = st.session_state.setdefault(_BROUGHT, {})
    known, token = brought.get(uploader, ("", ""))
    if known != file.file_id:
        token = hold(file.name, file.getvalue())
        brought[uploader] = file.file_id, token
        return token
    if value == token and token not in UPLOADS:
        UPLOADS.add(file.name, file.getvalue(), visitor(), token)
        if st.session_state.get(_key(token)):
            UPLOADS.share(token, True)
    return value


def taken_away(uploader: str) -> bool:
    """Whether the file that this uploader gave was taken out of it again; true once."""
    return st.session_state.get(_BROUGHT, {}).pop(uploader, None) is not None


def tell(token: str, where: DeltaGenerator, named: bool = False) -> None:
    """Say of a file that is held for whom it is, and let its owner share it. named : say its name, where the uploader does not."""
    if token not in UPLOADS:
        return
    name, own = markdown_safe(UPLOADS.name(token)), UPLOADS.owned(token)
    if named or not own:
        where.caption(f"In use: {name}")
    if not own:
        return
    st.session_state[_key(token)] = UPLOADS.shared(token)
    where.toggle("Share this file with the link", key=_key(token), help=f"{_SHARING} {HELD}", on_change=_share, args=(token,))


def _share(token: str) -> None:
    if UPLOADS.owned(token):  # else it was dropped meanwhile
        UPLOADS.share(token, bool(st.session_state[_key(token)]))


def _key(token: str) -> str:
    return f"share:{token}"
