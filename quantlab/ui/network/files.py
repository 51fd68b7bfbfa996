"""Which file does a person bring to the network lab? Pictures as a folder or a zip, one picture, or weights."""

from __future__ import annotations

from typing import Any

import streamlit as st

from quantlab.networks.catalogue import CATALOGUE, File
from quantlab.sources import folder_files, picture_files
from quantlab.sources.picture_files import ENDINGS
from quantlab.sources.upload import MAX_FILE, MAX_STATE, Refused
from quantlab.sources.zip_files import MAX_FILE as MAX_PICTURE
from quantlab.ui import cached
from quantlab.ui.page import plain_text
from quantlab.ui.state import State

_HELD = "It stays in this server's memory only."


def choose_file(state: State, source: str, where: Any) -> str:
    """The name in addresses of what was brought for this network, "" for nothing."""
    if CATALOGUE[source].file is File.NONE:
        return ""
    kind = "picture" if CATALOGUE[source].file is File.PICTURE else source  # which any of them answers
    if where is None:
        pass
    elif kind == "zip":
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
    if kind == "zip" and digest in cached.uploads():
        where.caption(f"In use: {plain_text(cached.uploads().name(digest))}")
    return digest


def _file(state: State, kind: str, title: str, endings: Any, most: int, where: Any) -> None:
    file = where.file_uploader(title, endings, max_upload_size=most >> 20, key=f"cnn:upload:{kind}", help=_HELD)
    if file is not None and st.session_state.get("cnn:file-id") != file.file_id:
        st.session_state["cnn:file-id"] = file.file_id
        _bring(state, kind, cached.uploads().add(file.name, file.getvalue()))


def _folder(state: State, where: Any) -> None:
    """An uploader that is empty again once it gave its files: another folder replaces the first, and no list of files stays."""
    key = f"cnn:upload:folder:{st.session_state.setdefault('cnn:folders', 0)}"

    def taken() -> None:
        files = st.session_state[key]
        st.session_state["cnn:folders"] += 1
        try:
            folder_files.check_count(len(files))
            name, content = folder_files.packed([(file.name, file.getvalue()) for file in files])
        except Refused as problem:
            st.session_state["cnn:folder-problem"] = str(problem)
        else:
            st.session_state["cnn:folder"] = cached.uploads().add(name, content)

    where.file_uploader(
        "Pictures, one folder a class",
        ENDINGS,
        accept_multiple_files="directory",
        max_upload_size=MAX_PICTURE >> 20,
        key=key,
        on_change=taken,
        help=f"Press the button and choose the folder around the classes. {_HELD}",
    )
    if (problem := st.session_state.pop("cnn:folder-problem", None)) is not None:
        state.problems.append(problem)
    if (digest := st.session_state.pop("cnn:folder", None)) is not None:
        _bring(state, "zip", digest)


def _bring(state: State, kind: str, digest: str) -> None:
    state.set("file", digest)
    st.session_state["cnn:file-of"] = kind
