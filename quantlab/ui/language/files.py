"""Files that a person brings to the language lab: a model as one file or several, and a text."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.address import Question
from quantlab.labs.language.subject import TEXT_MOST
from quantlab.labs.text import markdown_safe
from quantlab.language import held
from quantlab.sources.upload import MAX_FILE, Refused
from quantlab.ui.controls import Controls
from quantlab.ui.uploading import HELD, taken_away, tell

KEPT = "It is kept on this server's disk until newer models need the room; who has the address of the page opens it."


def draw_model(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """An uploader that takes a GGUF file, a zip, or the files of a Hugging Face folder at once."""
    if where is not None:
        known, key = controls.key("model-ids"), controls.key("model-upload")
        files = where.file_uploader(
            "A model of your own",
            None,
            accept_multiple_files=True,
            max_upload_size=MAX_FILE >> 20,
            key=key,
            help=f"{question.advice} At most {MAX_FILE >> 20} MB a file. {KEPT}",
        )
        ids = tuple(file.file_id for file in files)
        if ids and st.session_state.get(known) != ids:
            st.session_state[known] = ids
            try:
                controls.store(question.name, held.keep([(file.name, file.getvalue()) for file in files]))
            except Refused as problem:
                controls.store(question.name, "")
                controls.problems.append(str(problem))
    digest: str = controls.keep(question.name)
    if digest and where is not None:
        with suppress(Refused):  # the page says why, for the address names it
            where.caption(f"In use: {markdown_safe(held.place(digest)[1])}")
    return digest


def draw_text(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """An uploader of a text; without a file there is a box to write in."""
    if where is not None:
        key = controls.key("text-upload")
        file = where.file_uploader(
            "A text as a file", ["txt", "md"], max_upload_size=max(1, TEXT_MOST >> 20), key=key, help=f"Text in UTF-8. {HELD}"
        )
        controls.bring(question.name, key, file)
        if file is None and taken_away(key):
            controls.store(question.name, "")
    token = str(controls.keep(question.name))
    if where is not None:
        tell(token, where)
    return token


DRAWERS = {"file": draw_model, "textfile": draw_text}
