"""The audio lab's own control: a file, or the microphone."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.address import Question
from quantlab.ui.controls import HELD, Controls, draw, take


def bring_sound(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """The file uploader, or the microphone where that is the source."""
    assert where is not None, "what is looked at is chosen in the open"
    if controls.stored("source") != "record":
        return draw(question.form, controls, question, where)
    recording = where.audio_input(question.title, sample_rate=48_000, key=controls.key("record"), help=HELD)
    return take(controls, question.name, recording)
