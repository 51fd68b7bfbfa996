"""Does the language lab say what the core measures, in films, words, table and program?"""

import contextlib
import csv
import io
import re
from dataclasses import replace

import numpy as np
import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.language import methods
from quantlab.labs.language.measure import EXACT, computed_steps, key_of, level_steps, record, scores_of
from quantlab.labs.language.request import request_of
from quantlab.labs.language.result import Frames
from quantlab.labs.language.widths import perplexity_ticks
from quantlab.labs.text import markdown_safe, plain
from quantlab.language.evaluation import Conditions, scores
from quantlab.language.methods import METHODS
from quantlab.language.model import generate
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


@pytest.mark.parametrize("room", ["widths", "text"])
def test_films_have_the_slider_s_labels_and_words_follow_the_level(room):
    result, _ = shown({"room": room})
    assert set(result.films) <= set(LAB.views) and "words" in result.films
    assert all(unpack(film)[0]["labels"] == list(result.labels) for film in result.films.values())
    texts = [result.words(label) for label in result.labels]
    assert len(set(texts)) == len(texts)
    assert result.program("2") and "\n" in result.csv()


def test_the_text_is_told_byte_by_byte_with_the_likeliest_ones():
    result, label = shown({"room": "text", "bits": "2"})
    header, payload = unpack(result.films["text"])
    pieces, count = header["pieces"], len(header["pieces"])
    numbers = np.frombuffer(payload, "<u2").reshape(-1, 11 * count)
    assert len(numbers) == 1 + len(result.labels) and all(header["known"])
    tokens, frames = tokens_of("test", 1024), result.frames
    assert "".join(pieces) == bytes(tokens[129 : 129 + count].astype(np.uint8)).decode()
    at = 1 + result.labels.index(label)
    np.testing.assert_allclose(numbers[at, :count] / 100, -frames.levels[label].right[128 : 128 + count] / np.log(2), atol=0.006)
    likeliest = [header["vocabulary"][i] for i in numbers[0, count : 6 * count : 5]]
    right = np.exp(frames.exact.right[128 : 128 + count]) > 0.5  # what has more than half is the likeliest
    assert right.any() and all(a == b for a, b, sure in zip(likeliest, pieces, right, strict=True) if sure)


def test_the_continuation_is_what_the_core_generates():
    result, _ = shown({"room": "text", "prompt": "Strings are"})
    texts = dict(zip(result.labels, unpack(result.films["continuation"])[0]["texts"], strict=True))
    whole = bytes(generate(load("small"), list(b"Strings are"), 100)).decode()
    assert texts["16"] == f"*Strings are***{markdown_safe(whole.replace(chr(10), ' ↵ '))}**"
    assert texts["1.58"] != texts["16"] and len(set(texts.values())) > 2


@pytest.mark.parametrize("prompt", ["", "x" * 156, "é" * 78], ids=["empty", "too long", "too long in bytes"])
def test_a_prompt_that_the_context_has_no_room_for_is_named(prompt):
    address = LAB.read({"room": "text", "prompt": prompt})
    (notice,) = address.notices
    assert "write 1 to 155 bytes" in notice and address["prompt"].startswith("The for")


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


def frames_of(request, wanted):
    found = finish(level_steps(request, [EXACT, *wanted]))
    return Frames(request, found[EXACT], {stop: found[stop] for stop in wanted})


def test_the_best_method_of_as_many_bits_is_named_and_the_other_model_of_as_many_bytes():
    request = request_of(LAB.read(QUICK | {"room": "methods"}))
    found = {m: frames_of(request.with_method(m), ["2", "3"]) for m in ("nearest", "gptq")}
    large = frames_of(replace(request, source="large"), ["2", "3"])
    result = methods.result(found, {"small": found["nearest"], "large": large}, request, 1)
    better = found["gptq"].levels["3"].divergence.value
    assert better < found["nearest"].levels[
        "3"
    ].divergence.value and f"**GPTQ at 3** does better with no more bits: {plain(better, 2)}" in result.words("3")
    assert large.bytes("2") > found["nearest"].bytes("3") and "With no more bytes" not in result.words("3")
    rows = list(csv.DictReader(io.StringIO(result.csv())))
    assert {(row["model"], row["method"], row["stop"]) for row in rows} == {
        (m, k, s) for m, k in (("small", "nearest"), ("small", "gptq"), ("large", "nearest")) for s in "23"
    }
    assert result.words("4") == "This level is still being measured."


def test_the_other_model_is_compared_at_no_more_bytes():
    request = request_of(LAB.read(QUICK | {"room": "methods"}))
    small, large = frames_of(request, ["16"]), frames_of(replace(request, source="large"), ["2", "8"])
    assert large.bytes("2") < small.bytes("16") < large.bytes("8")
    text = methods.result({"nearest": small, "gptq": small}, {"small": small, "large": large}, request, 1).words("16")
    assert f"has perplexity {large.levels['2'].perplexity:.3f} at 2, **worse** than the {small.exact.perplexity:.3f} here" in text


def test_a_layer_alone_costs_what_the_core_measures_and_the_dearest_is_named():
    address = LAB.read(QUICK | {"room": "layers", "bits": "2", "keys": "2", "head": "2"})
    result = ENGINE.ahead(LAB.tasks(address, ())[0])
    costs = {(int(r["layer"]), r["kind"]): float(r["divergence"]) for r in csv.DictReader(io.StringIO(result.csv()))}
    assert len(costs) == 21
    model, tokens, conditions = load("small"), tokens_of("test", 1024), Conditions("test", 1024)
    _, shares = finish(scores(model, tokens, conditions))
    alone, _ = finish(scores(quantized(model, Plan("nearest", "2", only=(1, "v"))), tokens, conditions, shares))
    assert costs[1, "v"] == pytest.approx(alone.divergence.value, abs=1e-7)
    layer, kind = max(costs, key=costs.get)
    assert f"**{kind} of layer {layer}** costs most" in result.words("2")
    spared = unpack(result.films["spared"])[0]["entries"][0]["texts"][result.labels.index("2")]
    dearest = max(costs, key=lambda place: costs[place] / np.prod(model.config.shape(place[1])))
    assert spared.startswith(f"{dearest[1]} of layer {dearest[0]}\n")


def coming(film):
    """What a chart says of stops that are still to come."""
    notes = [note["text"] for note in unpack(film)[0]["figure"]["layout"]["annotations"]]
    return [note for note in notes if "being measured" in note]


@pytest.mark.parametrize(("room", "charts"), [("widths", ("perplexity", "divergence")), ("claims", ("answers",))])
def test_a_chart_of_a_first_stage_says_what_is_still_to_come_and_the_last_one_does_not(room, charts):
    first, *_, last = (ENGINE.ahead(task) for task in LAB.tasks(LAB.read(QUICK | {"room": room}), ()))
    for chart in charts:
        assert coming(first.films[chart]) == [f"{len(first.labels) - 1} more stops are being measured"]
        assert coming(last.films[chart]) == []


def test_a_chart_of_methods_says_that_others_are_still_to_come():
    f = frames_of(request_of(LAB.read(QUICK | {"room": "methods"})), ["3"])
    first, last = (methods.methods_film(methods.Strip(f.request.labels), dict.fromkeys(slugs, f), f) for slugs in (["nearest"], METHODS))
    assert coming(first) == ["The other methods are being measured"] and coming(last) == []


def test_every_method_has_a_look_of_its_own():
    assert set(methods.LOOKS) == set(METHODS) and len({look[0] for look in methods.LOOKS.values()}) == len(METHODS)


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
