"""Does the model lab say what the file's own numbers say, at every stop, of shipped files and of files that were brought?"""

from __future__ import annotations

import contextlib
import csv
import io
import os
import re
import shutil
from functools import partial

import numpy as np
import pytest
from safetensors.numpy import load_file, save

import quantlab as ql
from quantlab import workers
from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.model import reading
from quantlab.labs.model.films import heat_rows
from quantlab.labs.model.hardware import bound_of, run_of
from quantlab.labs.model.request import FAMILIES
from quantlab.labs.model.subject import shipped_path
from quantlab.labs.model.words import already
from quantlab.model_file.hardware import DEVICES, SIXTEEN, UNITS, roofline
from quantlab.model_file.options import option
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE
from quantlab.workers.pool import Pool

LAB = LABS["model"]
SMALL = {"source": "small"}


def shown(query):
    address = LAB.read(query)
    assert not address.notices and not address.problems
    return ENGINE.ahead(LAB.tasks(address, ())[-1]), address["bits"]


def table(result):
    return {row.pop("bits"): row for row in csv.DictReader(io.StringIO(result.csv()))}


@pytest.mark.parametrize(
    "query", [SMALL, SMALL | {"plan": "budget"}, SMALL | {"family": "gguf"}, SMALL | {"room": "hardware", "device": "l4"}], ids=str
)
def test_every_room_has_films_of_its_labels_and_a_program_that_prints_its_numbers(query):
    result, label = shown(query)
    assert tuple(table(result)) == result.labels
    for name, film in result.films.items():
        assert name in LAB.views and tuple(unpack(film)[0]["labels"]) == result.labels
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(result.program(label), {})
    row = table(result)[label]
    if "room" in query:
        assert f"at most {float(row['steps_a_second']):.4g} steps" in out.getvalue()
    else:
        which = ("budget_bytes", "budget_sqnr_db") if "plan" in query else ("bytes", "sqnr_db")
        assert out.getvalue().startswith(f"{row[which[0]]} bytes") and f"{float(row[which[1]]):.2f} dB" in out.getvalue()


@pytest.mark.parametrize("family", FAMILIES)
def test_totals_are_sums_over_the_tensors_as_another_reader_gives_them(family):
    result, _ = shown(SMALL | {"family": family, "rules": "vectors: leave"})
    tensors = {name: x.astype(np.float32) for name, x in load_file(shipped_path("small")).items()}
    for label, slug in FAMILIES[family][1].items():
        spec, nbytes, error = option(slug).spec, 0, 0.0
        for x in tensors.values():
            if x.ndim < 2:
                nbytes += 2 * x.size
                continue
            rows = x.reshape(len(x), -1)
            nbytes += -(-round(ql.quantize(rows, spec).bits_per_value * rows.size) // 8)
            error += float(((ql.fake_quantize(rows, spec).astype(np.float64) - rows) ** 2).sum())
        power = sum(float((x.astype(np.float64) ** 2).sum()) for x in tensors.values())
        row = table(result)[label]
        assert int(row["bytes"]) == nbytes
        assert float(row["sqnr_db"]) == pytest.approx(10 * np.log10(power / error), abs=0.01)


def test_a_budget_never_has_more_bytes_or_more_error_than_the_rules():
    for query in (SMALL, SMALL | {"family": "formats"}, {"source": "depthwise"}):
        for row in table(shown(query)[0]).values():
            assert int(row["budget_bytes"]) <= int(row["bytes"]) and float(row["budget_gain_db"]) >= -1e-9
    frames = shown(SMALL)[0].frames
    kept = [name for name, o in frames.levels["3"].rules.items() if o is None]
    assert kept and all(frames.levels["3"].budget[name] is None for name in kept), "what a rule leaves, the budget leaves"


def test_the_table_is_ranked_filtered_and_its_shares_add_up():
    frames = shown(SMALL)[0].frames
    rows = frames.arranged("3", "error", "")
    shares = [row["share_of_error"] for row in rows]
    assert shares == sorted(shares, reverse=True) and sum(shares) == pytest.approx(1)
    assert {row["tensor"] for row in frames.arranged("3", "file", "CONV")} == {t for t in load_file(shipped_path("small")) if "conv" in t}
    assert [row["bytes"] for row in frames.arranged("3", "bytes", "*weight")] == sorted(
        (2 * x.size for name, x in load_file(shipped_path("small")).items() if name.endswith("weight")), reverse=True
    )


def test_the_heat_map_shows_the_sqnr_of_every_option_and_greys_what_takes_more_bytes():
    result, _ = shown(SMALL)
    header, payload = unpack(result.films["heat"])
    rows, options = heat_rows(result.frames), result.frames.choices
    frames = np.frombuffer(payload, np.uint8).reshape(len(result.labels), len(rows), len(options))
    assert header["rows"] == len(rows) and header["names"][1] == [o.title for o in options]
    for k, label in enumerate(result.labels):
        for i, m in enumerate(rows):
            most = result.frames.levels[label].rules[m.tensor.name].nbytes(m.tensor.layout)
            for j, o in enumerate(options):
                assert (frames[k, i, j] >= 128) == (o.nbytes(m.tensor.layout) <= most)
                assert (frames[k, i, j] & 127) / 127 * 50 == pytest.approx(np.clip(m.sqnr_db(o.slug), 0, 50), abs=0.3)


@pytest.mark.parametrize(
    ("rules", "said"),
    [
        ("embed", "is no rule; write"),
        ("rest: q9", "is no option; write"),
        ("/a.*b/: leave", "for the command line"),
        ("x: int9-64", "no option"),
    ],
)
def test_rules_that_cannot_be_used_are_told_in_one_sentence_and_the_first_ones_stand(rules, said):
    address = LAB.read(SMALL | {"rules": rules})
    (problem,) = address.problems
    assert said in problem and problem.endswith(".") and "\n" not in problem
    assert LAB.tasks(address, ())[0].key == LAB.tasks(LAB.read(SMALL), ())[0].key


def test_rules_that_leave_everything_are_said_to_do_so():
    result, label = shown(SMALL | {"rules": "rest: leave"})
    assert "leave every tensor" in result.words(label) and table(result)[label]["sqnr_db"] == "inf"


def brought(name="w.safetensors", content=None, **tensors):
    return {"source": "upload", "file": UPLOADS.add(name, content or save(tensors))}


def test_a_file_that_is_brought_is_read_and_its_copy_is_gone(monkeypatch, tmp_path):
    monkeypatch.setattr(reading.tempfile, "tempdir", str(tmp_path))
    x = np.random.default_rng(0).standard_normal((40, 64)).astype(np.float32)
    result, label = shown(brought("../ev\x1bil.safetensors", **{"a.weight": x, "*b_": x[:4], "gone": np.full((2, 32), np.nan, np.float32)}))
    assert {t.name for t in result.frames.listing.model.tensors} == {"a.weight", "*b_", "gone"}
    (note,) = [row["note"] for row in result.frames.rows(label) if row["tensor"] == "gone"]
    assert "NaN" in note and not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("name", "content", "said"),
    [
        ("w.safetensors", b"\x00" * 40, "w.safetensors"),
        ("w.gguf", b"GGUF" + b"\xff" * 60, "version"),
        ("w.pt", b"\x80\x04K\x01.", "bare pickle"),
        ("w.txt", b"hello", "no known format"),
    ],
)
def test_what_cannot_be_read_is_refused_in_one_sentence(name, content, said):
    with pytest.raises(ValueError, match=re.escape(said)) as problem:
        finish(LAB.show(LAB.read(brought(name, content))))
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".")


def test_more_tensors_than_a_page_shows_are_refused_with_the_remedy(monkeypatch):
    monkeypatch.setattr(reading, "MOST_TENSORS", 2)
    with pytest.raises(ValueError, match="use quantlab model FILE"):
        finish(LAB.show(LAB.read(brought(**{name: np.ones((2, 3), np.float32) for name in "abc"}))))


def test_a_quantized_file_says_so_and_is_written_again_in_gguf():
    gguf = pytest.importorskip("gguf")
    tensors = {name: np.random.default_rng(2).standard_normal((4, 256)).astype(np.float32) for name in ("a", "b")}
    result, _ = shown(brought(**tensors) | {"family": "gguf", "bits": "Q8_0"})
    assert not already(result.frames)
    content = finish(reading.steps(partial(reading.written_steps, dict(result.frames.plan("Q8_0")), ".gguf"), result.request.subject))
    again, _ = shown(brought("again.gguf", content))
    said = already(again.frames)
    assert "quantized already: 100 %" in said and "(8\\.50 bits per value" in said
    assert again.frames.listing.model["a"].dtype == gguf.GGMLQuantizationType.Q8_0.name.lower()


def with_activations(names, **query):
    """A file of three layers, and inputs for some of them: those of the first one are a hundred times as large."""
    random = np.random.default_rng(7)
    weights = {f"{name}.weight": random.standard_normal((24, 64)).astype(np.float32) for name in "abc"}
    inputs = {name: (random.standard_normal((20, 64)) * (100 if name == "a" else 1)).astype(np.float32) for name in names}
    stream = io.BytesIO()
    np.savez(stream, **inputs)
    own = {"inputs": "upload", "activations": UPLOADS.add("x.npz", stream.getvalue())}
    return weights, inputs, shown(brought(**weights) | own | query)


def test_activations_give_the_error_of_outputs_as_computed_by_hand_and_a_budget_that_weighs_it():
    weights, inputs, (result, _) = with_activations("abc", family="row")
    spec, frames = option("int4-row").spec, result.frames
    error = {
        n: float(((inputs[n].astype(float) @ (ql.fake_quantize(weights[f"{n}.weight"], spec) - weights[f"{n}.weight"]).T) ** 2).sum() / 20)
        for n in "abc"
    }
    power = sum(float(((inputs[n].astype(float) @ weights[f"{n}.weight"].T) ** 2).sum() / 20) for n in "abc")
    assert frames.totals("4").output_sqnr_db == pytest.approx(10 * np.log10(power / sum(error.values())), abs=1e-3)
    rows = frames.arranged("4", "outputs", "")
    assert [row["tensor"] for row in rows] == [f"{n}.weight" for n in sorted(error, key=error.get, reverse=True)] and rows[0]["tensor"][
        0
    ] == "a"
    assert rows[0]["share_of_output_error"] == pytest.approx(error["a"] / sum(error.values()), rel=1e-3)
    level = frames.levels["4"]
    assert frames.by_outputs and level.of_budget.output_error < level.of_rules.output_error
    sizes = {n: level.budget[f"{n}.weight"].nbytes((24, 64)) for n in "abc"}
    assert sizes["a"] > max(sizes["b"], sizes["c"]), "the bytes go where the inputs are large"
    assert "at the outputs" in result.words("4") and "*a\\.weight*" in result.words("4")
    assert float(table(result)["4"]["output_sqnr_db"]) == pytest.approx(frames.totals("4").output_sqnr_db, rel=1e-6)


def test_activations_of_some_layers_alone_leave_the_budget_to_the_weights_and_say_so():
    _, _, (result, _) = with_activations("a")
    frames = result.frames
    assert not frames.by_outputs and len(frames.with_outputs) == 1 and "the units differ" in result.words("4")
    for level in frames.levels.values():
        assert level.of_budget.error <= level.of_rules.error * (1 + 1e-9)


@pytest.mark.parametrize("names", ["a", "abc"], ids=["of some", "of all"])
def test_a_program_with_activations_prints_the_numbers_of_its_stop(names, monkeypatch, tmp_path):
    _, _, (result, label) = with_activations(names, plan="budget")
    monkeypatch.chdir(tmp_path)
    for subject in (result.request.subject, result.request.subject.inputs):
        name, content = UPLOADS.content(subject.file)
        (tmp_path / name).write_bytes(content)
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(result.program(label), {})
    total = result.frames.totals(label)
    assert out.getvalue().splitlines()[0].startswith(f"{total.bytes_after} bytes") and f"{total.sqnr_db:.2f} dB\n" in out.getvalue()
    assert f"{total.output_sqnr_db:.2f} dB at the outputs" in out.getvalue()


def test_activations_that_are_missing_are_asked_for():
    (problem,) = LAB.read(SMALL | {"inputs": "upload"}).problems
    assert problem.startswith("Choose an .npz of activations")


def test_activations_of_the_owners_folder_are_chosen_from_a_list(folder):
    assert "beside" not in LAB.read({"source": "server", "inputs": "server"}).values, "there is none to choose"
    np.savez(folder / "x.npz", w=np.ones((3, 1000), np.float32))
    address = LAB.read({"source": "server", "name": "mine.safetensors", "inputs": "server"})
    assert address["beside"] == "x.npz" and address.subject.inputs.name == "x.npz" and not address.problems
    (notice,) = LAB.read({"source": "server", "inputs": "server", "beside": "../x.npz"}).notices
    assert notice.startswith("beside=")


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An owner's folder with a file, a link that leads out of it, and what is no model."""
    inside, outside = tmp_path / "models", tmp_path / "secret.safetensors"
    inside.mkdir()
    content = save({"w": np.random.default_rng(1).standard_normal((600, 1000)).astype(np.float32)})
    (inside / "mine.safetensors").write_bytes(content)
    outside.write_bytes(content)
    (inside / "link.safetensors").symlink_to(outside)
    (inside / "notes.txt").write_text("no model")
    monkeypatch.setenv("QUANTLAB_MODELS", str(inside))
    return inside


def test_files_of_the_owners_folder_are_chosen_from_a_list_and_no_name_is_a_path(folder):
    assert LAB.read({"source": "server"})["name"] == "mine.safetensors"
    for name in ("link.safetensors", "../secret.safetensors", str(folder / "mine.safetensors"), "notes.txt"):
        (notice,) = LAB.read({"source": "server", "name": name}).notices
        assert notice.startswith("name=")
    with pytest.raises(ValueError, match="worker processes alone"):
        finish(LAB.show(LAB.read({"source": "server"})))


@pytest.mark.slow
def test_a_file_that_is_cut_off_while_it_is_mapped_ends_in_one_sentence(folder, monkeypatch):
    """Reading beyond the end of a mapped file ends the process that does so: here a worker."""
    pool = Pool(1, 0)
    shutil.copy(folder / "mine.safetensors", folder / "mine.safetensors.whole")
    monkeypatch.setattr(workers, "POOL", pool)
    subject = LAB.read({"source": "server"}).subject
    try:
        with pytest.raises(ValueError, match="could not be read to its end: it was cut off"):
            finish(reading.steps(cut_off, subject))
        with pytest.raises(ValueError, match="2400000 bytes and 4016 are there"):
            finish(reading.steps(partial(reading.measured_steps, (option("int4-64"),)), subject))
    finally:
        pool.end()


def cut_off(place):
    """In the worker: map the file, cut it off, read it."""
    yield 0, 1
    shutil.copy(f"{place.path}.whole", place.path)  # work whose process was lost is begun once more
    with reading._opened(place) as model:
        os.truncate(place.path, 4096)
        return model["w"].read()


def test_the_roofline_is_the_slower_of_memory_and_arithmetic_and_keys_are_found_by_name():
    result, label = shown({"source": "language-small", "room": "hardware", "device": "a100", "context": "256", "batch": "4", "cache": "8"})
    run, bound, row = run_of(result.frames), bound_of(result.frames, run_of(result.frames), label), table(result)[label]
    layers, keys = 3, 64  # two heads of 32 of the shipped model, keys and values
    assert run.keys == 2 * layers * keys and float(row["cache_bytes"]) == 2 * layers * keys * 256 * 4
    tensors = load_file(shipped_path("language-small"))
    assert run.weights == sum(x.size for name, x in tensors.items() if x.ndim == 2 and "embed" not in name)
    seconds = max(2 * run.weights * 4 / 312e12, float(row["read_bytes"]) / 2039e9)
    assert bound.steps == pytest.approx(1 / seconds, rel=1e-6) and bound.by_memory
    assert not roofline(1e12, 1e3, 1e12, 1e12).by_memory
    many, _ = shown({"source": "language-small", "room": "hardware", "batch": "4096", "context": "0"})
    assert "arithmetic is the bound" in many.words("3")


def test_every_unit_and_device_names_its_source_and_peaks_of_fewer_bits_are_no_lower():
    assert all(unit.source and unit.formats and unit.sums and unit.found for unit in UNITS)
    for device in DEVICES.values():
        assert device.source and device.found and device.peaks[0][0] == SIXTEEN
        assert all(peak >= device.peak for _, peak in device.peaks)
