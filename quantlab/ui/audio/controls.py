"""The audio lab's own control: a file, or the microphone."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.address import Question
from quantlab.ui.controls import Controls, draw
from quantlab.ui.uploading import HELD, tell


def bring_sound(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """The file uploader, or the microphone where that is the source."""
    assert where is not None, "what is looked at is chosen in the open"
    if controls.stored("source") != "record":
        return draw(question.form, controls, question, where)
    key = controls.key("record")
    token = controls.bring(question.name, key, where.audio_input(question.title, sample_rate=48_000, key=key, help=HELD))
    tell(token, where)
    return token
