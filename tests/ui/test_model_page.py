"""Does the page of a model file show both rooms, keep its state in the address, and hand out the quantized file?"""

from io import BytesIO

import numpy as np
from safetensors.numpy import load_file

from quantlab.labs.catalog import LABS
from quantlab.labs.model import growing
from quantlab.labs.model.subject import shipped_path
from quantlab.memory import Cache
from quantlab.sources.uploads import UPLOADS
from quantlab.ui.page import Page
from tests.ui.test_pages import alive, opened, program, query, text

SMALL = {"source": "small", "family": "gguf", "rules": "vectors: leave, conv: leave", "bits": "Q8_0"}


def labels(app):
    return [button.proto.label for button in app.get("download_button")]


def test_the_table_the_plans_and_the_quantized_file_can_be_taken_along():
    app = opened("model.py", **SMALL)
    assert not app.error and not app.warning and "The file falls from" in text(app) and program(app).startswith("from quantlab.model_file")
    assert query(app) == LABS["model"].read(SMALL).query
    assert next(iter(app.dataframe[0].value["Tensor"])) == "answer.weight", "the only one that changes has all of the error"
    assert {"Table (CSV)", "Table (JSON)", "Table (Markdown)", "Notebook", "Plan for llama.cpp"} <= set(labels(app))
    for ending in (".gguf", ".safetensors"):
        (write,) = [button for button in app.button if button.label == f"Write {ending}"]
        write.click()
        assert any(label.startswith("Download the file") for label in labels(alive(app.run())))
    (pattern,) = [box for box in app.text_input if box.label == "Show names like"]
    pattern.set_value("conv")
    app = alive(app.run())
    assert query(app)["filter"] == "conv" and all("conv" in name for name in app.dataframe[0].value["Tensor"])


def test_the_other_room_says_what_bounds_it_and_a_file_of_ones_own_is_asked_for():
    app = opened("model.py", source="small", room="hardware")
    assert "its bound does not hold for this file" in text(app) and not app.error
    app = opened("model.py", source="upload", room="hardware", family="row")
    (error,) = app.error
    assert "Choose a file of weights" in error.value.replace("\\", "") and not app.exception


def test_the_first_rows_stand_before_the_others_are_measured_and_say_so(monkeypatch):
    monkeypatch.setattr(growing, "SECONDS", (0.0,) * growing.LAST + (None,))
    monkeypatch.setattr(growing, "_KNOWN", Cache(4))
    complete, parts = Page.complete, []
    monkeypatch.setattr(Page, "complete", lambda page, result: parts.append(result.stage))
    app = opened("model.py", source="small", rules="bn: leave")
    assert parts == [0] and "of 12 tensors are measured so far" in text(app) and len(app.dataframe[0].value) == 1
    assert not labels(app), "a plan of a part is not taken along"
    monkeypatch.setattr(Page, "complete", complete)
    app = alive(app.run())
    assert len(app.dataframe[0].value) == 12 and "The file falls" in text(app) and "Notebook" in labels(app)


def test_activations_brought_beside_a_file_give_columns_of_their_own():
    stream = BytesIO()
    np.savez(stream, **{"answer": np.ones((3, load_file(shipped_path("small"))["answer.weight"].shape[1]), np.float32)})
    own = {"inputs": "upload", "activations": UPLOADS.add("x.npz", stream.getvalue())}
    app = opened("model.py", **SMALL, **own, order="outputs")
    table = app.dataframe[0].value
    assert not app.error and table["Tensor"][0] == "answer.weight" and table["Share of output error"][0] == 1
    assert "On the activations that were brought" in text(app) and "activations_of" in program(app)
