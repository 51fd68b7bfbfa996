"""The notebook of one's own network is what its source says, and its cells run one after another and print what they claim."""

import json

import pytest

from tests.notebooks import OWN, OWN_NETWORK, notebook


def test_the_notebook_is_what_its_source_says():
    assert OWN_NETWORK.read_text("utf-8") == notebook(OWN), "python -m tests.notebooks writes it anew"


@pytest.mark.slow
def test_its_cells_run_and_the_path_ends_in_equal_integers(capsys):
    space: dict[str, object] = {}
    for cell in json.loads(OWN_NETWORK.read_text("utf-8"))["cells"]:
        if cell["cell_type"] == "code":
            exec("".join(cell["source"]), space)
    out = capsys.readouterr().out
    assert "what_1 is GELU" in out or "_1 is GELU" in out
    assert "exact M: 0 of" in out and "equal to the last bit" in out and "not equal" not in out
    assert float(out.split("float: ")[1].split("%")[0]) > 80, "it learnt the digits"
    assert "float, 1 at once" in out
