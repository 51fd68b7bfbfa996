"""The file: complete, small, safe from what names in data hold, and refused in a sentence where there is nothing to take along."""

import base64
import json
import re

import pytest

from quantlab.cli import main
from quantlab.export import html
from quantlab.export import page as exporting
from quantlab.labs.catalog import LABS
from quantlab.sources.uploads import UPLOADS


def films(document: str) -> list[list[str]]:
    found = re.search(r'<script type="application/json" id="films">(.*?)</script>', document)
    return json.loads(found[1])["films"]


@pytest.mark.parametrize("query", [{}, {"scheme": "kmeans", "method": "lloyd"}, {"granularity": "group-64", "bits": "7"}])
def test_a_file_holds_its_views_and_no_address_of_elsewhere(query):
    lab = LABS["tensor"]
    document = html(lab, lab.read(query))
    assert [kind for _, kind, _ in films(document)] == ["plot", "plot", "numbers", "words"] and len(document) < 2_000_000
    assert re.findall(r'(?:src|href)\s*=\s*"(?!data:)', document) == [] and "default-src 'none'" in document
    assert lab.question in document


def test_every_import_of_every_module_is_in_the_map():
    lab = LABS["audio"]
    document = html(lab, lab.read({"source": "voice"}))
    modules = json.loads(re.search(r'<script type="importmap">(.*?)</script>', document)[1])["imports"]
    assert {f"ql/films/{kind}.js" for _, kind, _ in films(document)} <= set(modules)
    for url in modules.values():
        text = base64.b64decode(url.partition(",")[2]).decode()
        assert set(re.findall(r'from "([^"]+)"', text)) <= set(modules)


def test_names_in_data_are_text():
    digest = UPLOADS.add("</script><script>alert(1)</script>.csv", b"1,2\n3,4\n5,6\n")
    lab = LABS["tensor"]
    document = html(lab, lab.read({"source": "upload", "file": digest}))
    assert "<script>alert" not in document and document.count("<script") == 3


def test_views_are_chosen_and_strange_ones_refused():
    lab = LABS["tensor"]
    assert [kind for _, kind, _ in films(html(lab, lab.read({}), ["words"]))] == ["words"]
    with pytest.raises(ValueError, match="no view 'x'"):
        html(lab, lab.read({}), ["x"])
    with pytest.raises(ValueError, match="no films"):
        html(LABS["glossary"], LABS["glossary"].read({}))


def test_what_is_too_large_is_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr(exporting, "MOST_BYTES", 1000)
    with pytest.raises(ValueError, match="name fewer views"):
        html(LABS["tensor"], LABS["tensor"].read({}))


def test_the_command_writes_a_file_and_says_what_it_could_not_read(tmp_path, capsys):
    assert main(["export", "tensor?bits=99", "-o", str(tmp_path / "t.html")]) == 0
    told = capsys.readouterr()
    assert "bits=99" in told.err and "MB" in told.out and (tmp_path / "t.html").read_text("utf-8").startswith("<!doctype html>")
    assert main(["export", "tensors", "-o", str(tmp_path / "no.html")]) == 2
    assert "no lab 'tensors'" in capsys.readouterr().err and not (tmp_path / "no.html").exists()
