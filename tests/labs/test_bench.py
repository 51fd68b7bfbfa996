"""Does the bench lab say what the bench finds, at every width, of every fault, and of a model that was brought?"""

from __future__ import annotations

import contextlib
import csv
import io

import numpy as np
import pytest

from quantlab.bench.faults import FAULTS
from quantlab.bench.insertion import Plan
from quantlab.bench.report import report_steps
from quantlab.bench.subject import of_network
from quantlab.film import unpack
from quantlab.labs.bench.faults import fault_of, found
from quantlab.labs.bench.request import BOXES, SLUGS, WANTED, YOURS
from quantlab.labs.catalog import LABS
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE

LAB = LABS["bench"]
ROOMS = {
    "report": {"source": "small", "bits": "3"},
    "faults": {"room": "faults", "source": "small"},
    "quiz": {"room": "quiz", "source": "small", "model": "3", "bits": "white"},
}


def shown(query):
    address = LAB.read(query)
    assert not address.notices and not address.problems
    return ENGINE.ahead(LAB.tasks(address, ())[-1]), address["bits"]


def table(result):
    return {row.pop("bits"): row for row in csv.DictReader(io.StringIO(result.csv()))}


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_films_of_its_labels_and_a_program_that_runs(room):
    result, label = shown(ROOMS[room])
    assert tuple(table(result)) == result.labels
    for name, film in result.films.items():
        assert name in LAB.views and tuple(unpack(film)[0]["labels"]) == result.labels
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(result.program(label), {})
    assert out.getvalue()


def test_the_report_is_that_of_the_bench_at_every_width():
    result, _ = shown(ROOMS["report"])
    for label in ("3", "8"):
        alone = finish(report_steps(of_network("small", Plan(int(label), 8, "tensor"), images=200)))
        row = table(result)[label]
        assert float(row["top1"]) == pytest.approx(alone["measures"]["top1"])
        assert int(row["black_findings"]) == sum(f["box"] == "black" for f in alone["findings"])
        assert [e["local"] for e in result.reports[label]["layers"]] == [e["local"] for e in alone["layers"]]
    assert "fails" in result.words("3") and "passes" in result.words("8")


def test_the_first_stage_is_the_level_that_is_asked_for():
    tasks = LAB.tasks(LAB.read(ROOMS["report"]), ())
    first, whole = (ENGINE.ahead(task) for task in tasks)
    assert (first.stage, whole.stage) == (0, 1)
    assert list(first.reports) == ["3"] and first.labels == whole.labels == tuple(whole.reports)
    assert (
        first.reports["3"]["findings"] == whole.reports["3"]["findings"]
        and first.words("3") == whole.words("3")
        and first.words("4") == "…"
    )
    verdicts = next(entry for entry in unpack(first.films["verdict"])[0]["entries"] if entry["name"] == "Verdict")["texts"]
    assert [text == "…" for text in verdicts] == [label != "3" for label in first.labels]


def test_confidence_and_right_answers_are_drawn_as_the_report_has_them():
    result, _ = shown(ROOMS["report"])
    assert {trace["name"] for trace in unpack(result.films["reliability"])[0]["figure"]["data"]} >= {"float", "quantized"}
    rows = np.array(result.reports["3"]["reliability"]["quantized"])
    weights = rows[:, 0] / rows[:, 0].sum()
    assert (weights * abs(rows[:, 2] - rows[:, 1])).sum() == pytest.approx(result.reports["3"]["measures"]["ece"])


def test_a_target_decides_and_a_wrong_one_is_told_in_one_sentence():
    result, _ = shown(ROOMS["report"] | {"target": "size=1%", "bits": "8"})
    assert "misses" in result.words("8")
    (problem,) = LAB.read(ROOMS["report"] | {"target": "speed=2"}).problems
    assert problem.startswith("'speed=2' is no target; write one such as")


def test_the_matrix_is_what_the_boxes_find():
    result, _ = shown(ROOMS["faults"])
    sound, rows = of_network("small", Plan(), images=200), table(result)
    assert set(rows) == set(result.labels) and len(result.rows[""]) == len(FAULTS)
    for slug in ("swapped-channels", "a-dead-channel"):
        boxes, number = found(FAULTS[SLUGS[slug]](sound)), str(list(SLUGS).index(slug) + 1)
        assert {box: int(rows[number][f"{box}_findings"]) for box in boxes} == {box: len(each) for box, each in boxes.items()}


def test_the_quiz_opens_one_box_after_another_and_knows_the_right_fault():
    slug = fault_of(3)
    open_, _ = shown(ROOMS["quiz"])
    tiles = {entry["name"]: entry["texts"] for entry in unpack(open_.films["opened"])[0]["entries"]}
    assert tiles["White box"][:2] == ["closed", "closed"] and "closed" not in tiles["Black box"]
    assert SLUGS[slug] not in " ".join(open_.words(box) for box in BOXES)
    assert shown(ROOMS["quiz"] | {"guess": slug})[0].words("white").startswith("**Right**")
    other = next(one for one in SLUGS if one != slug)
    assert shown(ROOMS["quiz"] | {"guess": other})[0].words("white").startswith("**Not")


def test_ten_numbers_of_the_quiz_hold_every_fault():
    assert sorted(map(fault_of, range(1, len(SLUGS) + 1))) == sorted(SLUGS)


def brought(x, y, content=None):
    data = io.BytesIO()
    np.savez(data, x=x, y=y)
    subject = of_network("small", Plan(), images=100)
    file = UPLOADS.add("mine.onnx", subject.exact.content if content is None else content)
    return {"source": "own", "file": file, "data": UPLOADS.add("test.npz", data.getvalue())}


def test_a_model_that_is_brought_is_tested_and_a_regression_has_no_top1():
    test = of_network("small", Plan(), images=100).test
    result, label = shown(brought(test.x, test.truth))
    assert result.reports[label]["title"] == "mine.onnx" and "top1" in table(result)[label]
    outputs = np.random.default_rng(0).standard_normal((100, 10)).astype(np.float32)
    result, label = shown(brought(test.x, outputs))
    assert "top1" not in table(result)[label] and float(table(result)["8"]["mse"]) < float(table(result)["2"]["mse"])


def test_a_quantized_file_stands_beside_what_is_inserted_here(tmp_path, monkeypatch):
    subject = of_network("small", Plan(8, 8, "channel"), images=100)
    query = brought(subject.test.x, subject.test.truth) | {"quantized": UPLOADS.add("mine_int8.onnx", subject.model.content)}
    result, label = shown(query)
    assert label == YOURS and result.labels == (YOURS, *map(str, range(2, 9)))
    yours, here = (result.reports[name] for name in (YOURS, "4"))
    assert [e["layer"] for e in yours["layers"]] == [e["layer"] for e in here["layers"]]
    assert yours["provenance"]["quantized"]["name"] == "mine_int8.onnx" and yours["provenance"]["plan"] is None
    assert yours["measures"]["mse"] < here["measures"]["mse"] and result.words(label).startswith("**Your file**")
    for name, key in (("model.onnx", "file"), ("quantized.onnx", "quantized"), ("test.npz", "data")):
        (tmp_path / name).write_bytes(UPLOADS.content(query[key])[1])
    monkeypatch.chdir(tmp_path)
    for level in (YOURS, "4"):
        with contextlib.redirect_stdout(io.StringIO()) as out:
            exec(result.program(level), {})
        assert str(result.reports[level]["measures"]["mse"]) in out.getvalue()


def test_what_cannot_be_tested_is_refused_in_one_sentence():
    test = of_network("small", Plan(), images=100).test
    model, examples = WANTED
    for missing, query in (
        (f"{model}, and {examples}", {}),
        (examples, {"file": UPLOADS.add("model.onnx", b"no model" * 40)}),
        (model, {"data": UPLOADS.add("test.npz", b"PK" * 40)}),
    ):
        assert f"Choose {missing}." in LAB.read({"source": "own"} | query).problems[0]
    for query, said in (
        (brought(test.x, test.truth, b"no model" * 40), "is no ONNX file"),
        (brought(test.x, test.truth + 90), "renumber them"),
        (brought(test.x[:, :, :5], test.truth), "bring x in that shape"),
    ):
        with pytest.raises(ValueError, match=said):
            finish(LAB.show(LAB.read(query)))
