"""What of a stop can be taken along: the table, the plan as other software takes it, a notebook, the quantized file itself."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import streamlit as st

from quantlab.cli.tables import written
from quantlab.labs.model.frames import Frames
from quantlab.labs.model.reading import MOST_WRITTEN, steps, written_steps
from quantlab.labs.model.result import ModelResult
from quantlab.labs.model.words import notice
from quantlab.labs.text import file_name, kilobytes, markdown_safe
from quantlab.model_file.configurations import CONFIGURATIONS
from quantlab.model_file.names import printable
from quantlab.tasks import ENGINE, Task
from quantlab.ui import jobs
from quantlab.ui.page import Page

_ASKED = "model:file-asked"  # of a session: the ending and the plan of the file that it asked for
_FORMS = {"csv": ("CSV", "text/csv"), "json": ("JSON", "application/json"), "markdown": ("Markdown", "text/markdown")}
_ENDINGS = {"llama.cpp": "sh", "torchao": "py", "onnxruntime": "json"}
_UNTRIED = (
    "Plans say in comments what the software cannot hold. Those for torchao 0.18 and onnxruntime were run by them on small models; llama-quantize "
    "(llama.cpp v0.5.0) gave every tensor of a model its planned type, with the same bytes as the file written here, and read that file. "
    "llama.cpp runs only models with the names and facts of its own converter."
)


def downloads(page: Page, result: ModelResult, label: str) -> None:
    """The buttons."""
    frames, name = result.frames, result.request.subject.title
    st.header("Take the plan of this level along", anchor=False)
    with page.of_rest("take"):
        with st.container(horizontal=True):
            for form, (title, mime) in _FORMS.items():
                ending = "md" if form == "markdown" else form
                _button(
                    f"Table ({title})",
                    partial(table_text, frames, label, form),
                    file_name(name, label, ending=ending),
                    mime,
                    f"table-{form}",
                )
            _button(
                "Notebook", partial(notebook, result, label), file_name(name, label, ending="ipynb"), "application/x-ipynb+json", "notebook"
            )
        with st.container(horizontal=True):
            for slug, ending in _ENDINGS.items():
                text = partial(CONFIGURATIONS[slug], frames.listing.model, frames.plan(label))
                _button(f"Plan for {slug}", text, file_name(name, label, slug, ending=ending), "text/plain", f"plan-{slug}")
        _quantized(frames, label, name)
        st.caption(_UNTRIED)


def _button(title: str, data: Callable[[], str], name: str, mime: str, key: str) -> None:
    st.download_button(title, data, name, mime, icon=":material/download:", on_click="ignore", key=f"model:{key}")


def table_text(frames: Frames, label: str, form: str) -> str:
    """All rows, numbers in full."""
    return written(form, frames.rows(label)) + "\n"


def notebook(result: ModelResult, label: str) -> str:
    """What was seen, and the program that shows it again."""
    import nbformat.v4 as v4

    from quantlab.learn.ipynb import written as notebook_text

    said = notice(result.frames, label)
    cells = [
        v4.new_markdown_cell(
            f"# {markdown_safe(printable(result.request.subject.title))}\n\n{said}\n\nIt runs where QuantLab is installed."
        ),
        v4.new_code_cell(result.program(label)),
        v4.new_markdown_cell("The tensors with the largest share of the error:"),
        v4.new_code_cell("from quantlab.model_file.report import worst\n\nworst(measured, plan)"),
    ]
    return notebook_text(cells)


def _quantized(frames: Frames, label: str, name: str) -> None:
    """Buttons that write the quantized file in a worker, and then one that hands it out."""
    after = frames.totals(label).bytes_after
    if after > MOST_WRITTEN:
        st.caption(
            f"The quantized file would have {kilobytes(after)}; this page hands out at most {kilobytes(MOST_WRITTEN)}: use quantlab model FILE --write."
        )
        return
    slugs = tuple((tensor, option.slug if option else "") for tensor, option in frames.plan(label).items())
    with st.container(horizontal=True):
        for ending in (".safetensors", ".gguf"):
            st.button(
                f"Write {ending}", on_click=_ask, args=((ending, hash(slugs)),), icon=":material/deployed_code:", key=f"model:write{ending}"
            )
    asked = st.session_state.get(_ASKED)
    if asked is None or asked[1] != hash(slugs):
        st.session_state.pop(_ASKED, None)
        return
    ending, key, *written_before = asked
    subject = frames.request.subject
    work = partial(steps, partial(written_steps, dict(frames.plan(label)), ending), subject)
    task = Task(("model written", subject.key, slugs, ending), work, f"Writing {ending}")
    try:
        data: bytes = written_before[0] if written_before else jobs.run_or_stop(task)
    except ValueError as problem:
        st.error(markdown_safe(str(problem)))
        return
    ENGINE.forget(task)
    st.session_state[_ASKED] = (ending, key, data)  # this session's alone, and gone with its next plan
    st.download_button(
        f"Download the file, {kilobytes(len(data))}",
        data,
        file_name(name.removesuffix(ending), label, ending=ending[1:]),
        "application/octet-stream",
        icon=":material/download:",
        on_click="ignore",
        key="model:written",
    )


def _ask(asked: tuple[str, int]) -> None:
    st.session_state[_ASKED] = asked
