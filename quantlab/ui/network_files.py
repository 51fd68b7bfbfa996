"""Which file does a person bring to the network lab? Pictures as a folder or a zip, one picture, or weights."""

from __future__ import annotations

from collections.abc import Hashable
from typing import Any

import streamlit as st

from quantlab.labs.network_words import NETWORKS, PRETRAINED
from quantlab.sources import folder_files, picture_files
from quantlab.sources.picture_files import ENDINGS
from quantlab.sources.upload import MAX_FILE, MAX_STATE, Refused
from quantlab.sources.zip_files import MAX_FILE as MAX_PICTURE
from quantlab.ui import cached
from quantlab.ui.state import State

_HELD = "It stays in this server's memory only."


def choose_file(state: State, source: str, where: Any) -> str:
    """The name in addresses of what was brought for this network, "" for nothing."""
    if source not in (*NETWORKS, *PRETRAINED, "zip"):
        return ""
    kind = "picture" if source in PRETRAINED else source  # which any of them answers
    if kind == "zip":
        _folder(state, where)
        _file(state, kind, "Or a zip of it", ["zip"], MAX_FILE, where)
    elif kind == "picture":
        _file(state, kind, "A picture of your own", ENDINGS, picture_files.MAX_BYTES, where)
    else:
        _file(state, kind, "Weights of your own (state_dict)", ["safetensors", "pt"], MAX_STATE, where)
    digest = state.hidden("file", "")
    if digest and st.session_state.setdefault("cnn:file-of", kind) != kind:  # it belongs to the network chosen before
        state.set("file", "")
        st.session_state["cnn:file-of"] = kind
        return state.hidden("file", "")
    return digest


def _file(state: State, kind: str, title: str, endings: Any, most: int, where: Any) -> None:
    file = where.file_uploader(title, endings, max_upload_size=most >> 20, key=f"cnn:upload:{kind}", help=_HELD)
    if file is not None and _is_new(kind, file.file_id):
        _brought(state, kind, file.name, file.getvalue())


def _folder(state: State, where: Any) -> None:
    title = "A folder of pictures, in it one folder a class"
    files = where.file_uploader(
        title, ENDINGS, accept_multiple_files="directory", max_upload_size=MAX_PICTURE >> 20, key="cnn:upload:folder", help=_HELD
    )
    if files and _is_new("folder", tuple(file.file_id for file in files)):
        try:
            folder_files.check_count(len(files))
            _brought(state, "zip", *folder_files.packed([(file.name, file.getvalue()) for file in files]))
        except Refused as problem:
            state.problems.append(str(problem))


def _is_new(uploader: str, what: Hashable) -> bool:
    """Whether this uploader holds something else than when it was last looked at."""
    last = st.session_state.get(f"cnn:held:{uploader}")
    st.session_state[f"cnn:held:{uploader}"] = what
    return last != what


def _brought(state: State, kind: str, name: str, content: bytes) -> None:
    state.set("file", cached.uploads().add(name, content))
    st.session_state["cnn:file-of"] = kind
