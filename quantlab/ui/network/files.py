"""Files that a person brings to the network lab: pictures as a folder or a zip, one picture, weights, or a whole network."""

from __future__ import annotations

from collections.abc import Sequence

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.address import Question
from quantlab.labs.forms import File
from quantlab.networks.catalogue import OWN
from quantlab.sources import folder_files, picture_files
from quantlab.sources.picture_files import ENDINGS
from quantlab.sources.upload import MAX_FILE, MAX_STATE, Refused
from quantlab.sources.zip_files import MAX_FILE as MAX_PICTURE
from quantlab.ui.controls import Controls
from quantlab.ui.uploading import HELD, hold, tell


def draw_file(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """The uploaders of what this network takes; what was brought for another one is forgotten."""
    kind = question.form.kind if isinstance(question.form, File) else ""
    if where is not None:
        _uploaders(controls, kind, where)
    token: str = controls.keep(question.name)
    if token and st.session_state.setdefault("cnn:file-of", kind) != kind:
        st.session_state["cnn:file-of"] = kind
        controls.store(question.name, "")
        return ""
    if where is not None:
        tell(token, where, named=kind in ("zip", OWN))
    return token


def _uploaders(controls: Controls, kind: str, where: DeltaGenerator) -> None:
    if kind == "zip":
        _folder(controls, where)
        _file(controls, kind, "Or a zip of it", ["zip"], MAX_FILE, where)
    elif kind == OWN:
        _file(controls, kind, "A network of your own (ONNX)", ["onnx"], MAX_STATE, where)
    elif kind == "picture":
        _file(controls, kind, "A picture of your own", ENDINGS, picture_files.MAX_BYTES, where)
    else:
        _file(controls, kind, "Weights of your own (state_dict)", ["safetensors", "pt"], MAX_STATE, where)


def _file(controls: Controls, kind: str, title: str, endings: Sequence[str], most: int, where: DeltaGenerator) -> None:
    before = controls.stored("file")
    key = f"cnn:upload:{kind}"
    file = where.file_uploader(title, list(endings), max_upload_size=most >> 20, key=key, help=HELD)
    if controls.bring("file", key, file) != before:
        st.session_state["cnn:file-of"] = kind


def _folder(controls: Controls, where: DeltaGenerator) -> None:
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
            st.session_state["cnn:folder"] = hold(name, content)

    where.file_uploader(
        "Pictures, one folder a class",
        ENDINGS,
        accept_multiple_files="directory",
        max_upload_size=MAX_PICTURE >> 20,
        key=key,
        on_change=taken,
        help=f"Press the button and choose the folder around the classes. {HELD}",
    )
    if (problem := st.session_state.pop("cnn:folder-problem", None)) is not None:
        controls.problems.append(problem)
    if (token := st.session_state.pop("cnn:folder", None)) is not None:
        controls.store("file", token)
        st.session_state["cnn:file-of"] = "zip"
