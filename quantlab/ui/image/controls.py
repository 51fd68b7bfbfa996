"""The image lab's own controls: pictures to pick by sight, the camera."""

from __future__ import annotations

from contextlib import suppress

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.address import Question
from quantlab.labs.forms import Value
from quantlab.labs.image.subject import brought
from quantlab.labs.text import markdown_safe
from quantlab.sources.pictures import PICTURES
from quantlab.sources.uploads import UPLOADS
from quantlab.ui import live
from quantlab.ui.controls import Controls, Drawer, draw
from quantlab.ui.served import SPRITE
from quantlab.ui.uploading import tell


def _source(controls: Controls, question: Question, where: DeltaGenerator | None) -> Value:
    """A select box, and below it the built-in pictures."""
    if where is None:
        return controls.keep("source")
    source = draw(question.form, controls, question, where)
    items = [(slug, entry.title) for slug, entry in PICTURES.items()]
    with where:
        live.thumbnails("Pictures", items, source, SPRITE, "thumbnails", lambda slug: controls.store("source", slug))
    return source


def _file(controls: Controls, question: Question, where: DeltaGenerator | None) -> Value:
    """A box for a file, or the camera; below it what was changed of the picture on the way."""
    if where is None:
        return controls.keep("file")
    webcam = controls.stored("source") == "webcam"
    if webcam:
        key = controls.key("camera")
        token = controls.bring("file", key, where.camera_input("Take a photo", key=key))
        tell(token, where)
    else:
        token = draw(question.form, controls, question, where)
    with where, suppress(ValueError):  # the page says what is wrong with it
        _describe(token, webcam)
    return token


def _describe(token: str, webcam: bool) -> None:
    with st.spinner("Reading the picture"):
        notes = brought(token).notes
    if webcam:  # the program on the page reads it from a file
        name, data = UPLOADS.content(token)
        st.download_button("Save this photo", data, name, on_click="ignore", icon=":material/download:")
    for note in notes:
        st.caption(markdown_safe(note))


DRAWERS: dict[str, Drawer] = {"source": _source, "file": _file}
