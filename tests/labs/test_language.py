"""Does the language lab say what the core measures, in films, words, table and program?"""

import contextlib
import csv
import io
import re

import numpy as np
import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.language.measure import EXACT, computed_steps, key_of, level_steps, record, scores_of
from quantlab.labs.language.request import request_of
from quantlab.labs.language.widths import perplexity_ticks
from quantlab.language.evaluation import Conditions, scores
from quantlab.language.quantized import Plan, quantized
from quantlab.language.shipped import load, tokens_of
from quantlab.progress import finish
from quantlab.tasks import ENGINE

LAB = LABS["language"]
QUICK = {"source": "small", "tokens": "1024"}


def shown(query):
    """The last result of an address, and its level."""
    address = LAB.read(QUICK | query)
    assert not address.notices and not address.problems
    return ENGINE.ahead(LAB.tasks(address, ())[-1]), address["bits"]


def table(result):
    return {row["stop"]: row for row in csv.DictReader(io.StringIO(result.csv()))}


def printed(program):
    with contextlib.redirect_stdout(io.StringIO()) as out:
        exec(program, {})
    return out.getvalue()


def test_films_have_the_slider_s_labels_and_words_follow_the_level():
    result, _ = shown({})
    assert set(result.films) == {view for view in LAB.views if view in result.films} and result.films
    assert all(unpack(film)[0]["labels"] == list(result.labels) for film in result.films.values())
    texts = [result.words(label) for label in result.labels]
    assert len(set(texts)) == len(texts)


def test_the_table_is_what_the_core_measures():
    result, _ = shown({})
    model, tokens, conditions = load("small"), tokens_of("test", 1024), Conditions("test", 1024)
    exact, shares = finish(scores(model, tokens, conditions))
    found, _ = finish(scores(quantized(model, Plan("nearest", "3")), tokens, conditions, shares))
    row = table(result)["3"]
    assert float(row["perplexity"]) == pytest.approx(found.perplexity, abs=1e-5)
    assert float(row["perplexity_before"]) == pytest.approx(exact.perplexity, abs=1e-5)
    assert float(row["ratio_low"]) == pytest.approx(found.ratio(exact).low, abs=1e-5)
    assert float(row["divergence"]) == pytest.approx(found.divergence.value, abs=1e-5)
    assert float(row["bytes"]) == round(Plan("nearest", "3").bytes(model.config))


def test_at_16_bits_nothing_changes():
    result, _ = shown({"bits": "16"})
    row = table(result)["16"]
    assert row["ratio"] == "1.000000" and row["divergence"] == "0.000000" and row["same_top"] == "1.000000"
    assert "as it is" in result.words("16")


def test_fewer_bits_take_fewer_bytes_and_move_the_answers_more():
    rows = list(table(shown({})[0]).values())
    assert [float(row["bytes"]) for row in rows] == sorted(float(row["bytes"]) for row in rows)
    moved = [float(row["divergence"]) for row in rows]
    assert moved == sorted(moved, reverse=True)


@pytest.mark.parametrize(
    "query",
    [
        {"bits": "3", "scheme": "int-symmetric", "granularity": "group-32", "head": "4"},
        {"method": "gptq", "bits": "2", "calibration": "test"},
        {"method": "formats", "bits": "NF4", "before": "rotate", "context": "128", "stride": "64"},
        {"bits": "4", "before": "smooth", "activations": "4", "ranges": "static", "keys": "3", "values": "4", "cache": "channel"},
    ],
    ids=["apart", "calibrated", "rotated", "few bits everywhere"],
)
def test_the_program_prints_the_numbers_of_the_page(query):
    address = LAB.read(QUICK | query)
    result, label = ENGINE.ahead(LAB.tasks(address, ())[0]), address["bits"]
    row, said = table(result)[label], printed(result.program(label))
    before, after = map(float, re.search(r"perplexity ([\d.]+) before, ([\d.]+) after", said).groups())
    assert f"{float(row['perplexity_before']):.3f}" == f"{before:.3f}" and float(row["perplexity"]) == pytest.approx(after, abs=0.0011)
    assert f"{row['bytes']} bytes, {float(row['bits_per_weight']):.2f} bits a weight" in said
    assert result.request.cheats == ("too good" in result.words(label)) == (query.get("calibration") == "test")


def test_a_record_holds_all_scores():
    tokens, conditions = tokens_of("test", 512), Conditions("test", 512)
    _, shares = finish(scores(load("small"), tokens, conditions))
    found, _ = finish(scores(quantized(load("small"), Plan("nearest", "2")), tokens, conditions, shares))
    back = scores_of(record(found))
    for name in ("right", "kld", "top", "shares", "same"):
        np.testing.assert_array_equal(getattr(back, name), getattr(found, name))
    assert back.bytes == found.bytes == 511


def test_what_is_kept_on_disk_is_read_back_and_what_is_damaged_computed_anew(tmp_path, monkeypatch):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    request = request_of(LAB.read(QUICK | {"tokens": "1024"}))
    first = finish(level_steps(request, [EXACT, "4"]))
    files = sorted(tmp_path.glob("*.npy"))
    assert {f.stem for f in files} == {key_of(request, EXACT), key_of(request, "4")}
    monkeypatch.setattr("quantlab.labs.language.measure.workers.steps", None)  # nothing may be computed now
    again = finish(level_steps(request, [EXACT, "4"]))
    np.testing.assert_array_equal(first["4"].right, again["4"].right)
    monkeypatch.undo()
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    files[0].write_bytes(b"x" * 100)
    assert finish(level_steps(request, [EXACT, "4"]))["4"].perplexity == first["4"].perplexity


def test_what_changes_the_numbers_changes_the_key():
    queries = [{}, {"method": "gptq"}, {"tokens": "2048"}, {"keys": "4"}, {"before": "rotate"}, {"source": "large"}, {"embedding": "4"}]
    assert len({key_of(request_of(LAB.read(QUICK | query)), "4") for query in queries}) == len(queries)


def test_progress_never_goes_back():
    told = [done / total for done, total in computed_steps(request_of(LAB.read(QUICK)), [EXACT, "4", "3"])]
    assert told == sorted(told) and told[-1] <= 1


def test_ticks_lie_inside():
    for low, high in ((3.4, 3.9), (3, 250), (3, 1e7)):
        ticks = perplexity_ticks(low, high)
        assert 2 <= len(ticks["tickvals"]) <= 8 and low - 1e-9 <= min(ticks["tickvals"]) and max(ticks["tickvals"]) <= high + 1e-9
