"""The report as a page: its plots have the report's numbers, it fetches nothing, and nothing from a file becomes markup."""

from __future__ import annotations

import json
import re
from xml.etree import ElementTree

import pytest

from quantlab.bench.document import document
from quantlab.bench.insertion import Plan
from quantlab.bench.plots import errors_of, plots, reliability_of
from quantlab.bench.report import Report, as_json, report_steps
from quantlab.bench.subject import of_network
from quantlab.labs.bench.report import csv
from quantlab.progress import finish


@pytest.fixture(scope="module")
def report() -> Report:
    return dict(json.loads(as_json(finish(report_steps(of_network("small", Plan(4), images=60))))))


def test_the_plots_are_sound_svg_and_fetch_nothing(report: Report) -> None:
    page = document(report)
    assert len(plots(report)) == 3 and page.count("<svg") == 3
    for svg in plots(report):
        root = ElementTree.fromstring(svg)
        assert root.attrib["role"] == "img" and root.attrib["aria-label"]
    assert not re.search(r"https?://|<script|url\(", page)
    assert "@media print" in page


def test_a_point_lies_where_its_numbers_are(report: Report) -> None:
    sketch = reliability_of(report)
    right, down = sketch.at(0.5, 0.25)
    left, bottom = sketch.at(0, 0)
    end, top = sketch.at(1, 1)
    assert (right - left) / (end - left) == pytest.approx(0.5, abs=1e-3)
    assert (bottom - down) / (bottom - top) == pytest.approx(0.25, abs=1e-3)
    assert len([m for m in sketch.marks if "<circle" in m]) == len(report["reliability"]["float"])
    errors = errors_of(report)
    known = sum(bool(e[kind]) for e in report["layers"] for kind in ("local", "inherited"))
    assert len(errors.marks) == known
    assert errors.y.low < min(e["local"] / e["signal"] for e in report["layers"]) < errors.y.high


def test_names_from_a_file_are_text(report: Report) -> None:
    layers = [dict(e, layer="<script>alert(1)</script>") for e in report["layers"]]
    page = document(report | {"title": "<img src=x>", "layers": layers, "by_slice": [["<b>", 3, 1.0, 0.5]]})
    assert "<script" not in page and "<img" not in page and "slice &lt;b&gt;" in page


def test_a_report_without_layers_or_numbers_has_a_page_too(report: Report) -> None:
    bare = {name: value for name, value in report.items() if name not in ("reliability", "by_class", "by_slice", "robustness", "intervals")}
    assert "No layer of the quantized file" in document(bare | {"layers": [], "measures": {"size": 0.3, "psnr": None}})


def test_a_layer_whose_results_overflow_has_no_number(report: Report) -> None:
    first = report["layers"][0]
    none = dict.fromkeys(("signal", "total", "local", "inherited", "fixed", "weight_ratio")) | {"steps": first["steps"] | {"ratio": None}}
    broken = report | {"layers": [first | none, *report["layers"][1:]]}
    assert document(broken).count("no number") >= 4
    assert csv({"4": broken}).splitlines()[1].rpartition(",")[2] != "nan"
