"""Files that a person brings to the language lab: a model as one file or several, and a text."""

from __future__ import annotations

from streamlit.delta_generator import DeltaGenerator

from quantlab.labs.address import Question
from quantlab.labs.language.subject import TEXT_MOST
from quantlab.language import held
from quantlab.sources.upload import MAX_FILE, Refused
from quantlab.ui.controls import Controls
from quantlab.ui.uploading import HELD, bring, limits, taken_away, tell
from quantlab.ui.visitors import visitor

KEPT = "It stays on this server's disk, where its worker processes read it, for your browser alone unless you share it; " + limits(
    held.MODELS, "models"
)


def draw_model(controls: Controls, question: Question, where: DeltaGenerator | None) -> str:
    """An uploader that takes a GGUF file, a zip, or the files of a Hugging Face folder at once."""
    if where is not None:
        key = controls.key("model-upload")
        files = where.file_uploader(
            "A model of your own",
            None,
            accept_multiple_files=True,
            max_upload_size=MAX_FILE >> 20,
            key=key,
            help=f"{question.advice} At most {MAX_FILE >> 20} MB a file. {KEPT}",
        )
        if files:

            def add(token: str) -> str:
                return held.keep([(file.name, file.getvalue()) for file in files], visitor(), token)

            try:
                ids = tuple(file.file_id for file in files)
                token = bring(key, str(controls.stored(question.name)), ids, add, held.MODELS, held.is_whole)
            except Refused as problem:
                token = ""
                controls.problems.append(str(problem))
            controls.store(question.name, token)
    token = str(controls.keep(question.name))
    if where is not None:
        tell(token, where, named=True, holding=held.MODELS, held=KEPT)
    return token


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
