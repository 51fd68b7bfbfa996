"""Do the rooms inside of a layer, of memory and of claims say what the core measures, and do verdicts follow the numbers?"""

import csv
import io
import re
from dataclasses import replace

import numpy as np
import plotly.graph_objects as go
import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.language import claims, columns, gains, memory, outliers
from quantlab.labs.language.claims import CLAIMS, Evidence
from quantlab.labs.language.inside import observed, spec_of
from quantlab.labs.language.request import request_of
from quantlab.labs.language.result import Frames
from quantlab.language.awq import ALPHAS
from quantlab.language.catalogue import named
from quantlab.language.columns import block
from quantlab.language.evaluation import Scores
from quantlab.language.quantized import Plan
from quantlab.language.shapes import SHAPES
from quantlab.language.zero_points import ZeroPoints
from quantlab.progress import finish
from tests.labs.test_language import printed

LAB = LABS["language"]
INSIDE = {"columns": columns, "gains": gains, "outliers": outliers}


@pytest.fixture(scope="module")
def results():
    """The result of each room inside of a layer, of the small model, computed in this process, which then knows the calibration."""
    asked = {room: request_of(LAB.read({"room": room, "source": "small"})) for room in INSIDE}
    return {room: INSIDE[room].result(r, finish(INSIDE[room].computed_steps(r)), 0) for room, r in asked.items()}


def figures_of(result):
    """Every chart of a result, as plotly's own classes take it."""
    headers = [unpack(film)[0] for film in result.films.values()]
    figures = [go.Figure(header["figure"]) for header in headers if "figure" in header]
    assert all(figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None for figure in figures)
    return figures


def rows_of(result):
    return list(csv.DictReader(io.StringIO(result.csv())))


@pytest.mark.parametrize("room", INSIDE)
def test_films_have_the_room_s_own_slider_and_words_that_differ(results, room):
    result = results[room]
    assert set(result.films) <= set(LAB.views) and len(figures_of(result)) >= 2
    assert all(unpack(film)[0]["labels"] == list(result.labels) for film in result.films.values())
    assert len({result.words(label) for label in result.labels}) == len(result.labels)


def test_the_last_column_is_that_of_the_core_and_the_program_prints_the_page_s_numbers(results):
    result = results["columns"]
    assert result.labels == tuple(map(str, range(33)))
    weight, seen = finish(observed(result.request))
    walk = block(weight, spec_of(result.request, 3), seen.moments, slice(12), slice(32))
    assert float(rows_of(result)[-1]["gptq_error"]) == pytest.approx(walk.errors[-1].sum(), rel=1e-8)
    ours, nearest = map(float, re.search(r"GPTQ ([\d.e-]+), to nearest ([\d.e-]+)", printed(result.program("12"))).groups())
    row = rows_of(result)[12]
    assert ours == pytest.approx(float(row["gptq_error"]), rel=1e-5) and nearest == pytest.approx(float(row["nearest_error"]), rel=1e-5)
    assert f"**{100 * ours / nearest:.0f} %** of what rounding the same 12 columns" in result.words("12")


def test_the_curve_begins_at_nearest_and_its_least_is_named(results):
    result = results["gains"]
    rows = [row for row in rows_of(result) if row["bits"] == "3"]
    curve = [float(row["output_error"]) for row in rows if row["alpha"]]
    nearest, awq, gptq = (
        float(next(r for r in rows if r["method"] == m and not r["alpha"])["output_error"]) for m in ("nearest", "awq", "gptq")
    )
    assert len(curve) == len(ALPHAS) and curve[0] == pytest.approx(nearest, rel=1e-5) and min(curve) == pytest.approx(awq, rel=1e-5)
    words = result.words("3")
    assert f"GPTQ leaves **{100 * gptq / nearest:.0f} %**" in words
    assert f"α = {ALPHAS[int(np.argmin(curve))]:.2f} leaves **{100 * awq / nearest:.0f} %**" in words
    assert f"output={gptq:.6f}"[:12] in printed(result.program("3"))


def test_outliers_are_told_for_all_three_models(results):
    result = results["outliers"]
    sqnr = {r["model"]: float(r["value"]) for r in rows_of(result) if r["what"] == "sqnr_db" and r["bits_or_rank"] == "4"}
    assert sqnr["rotate"] > sqnr["none"] and f"**{sqnr['none']:.1f} dB**" in result.words("4")
    said = printed(result.program("4"))
    assert re.findall(r"([\d.]+) dB", said) == [f"{sqnr[change]:.1f}" for change in ("none", "smooth", "rotate")]


def test_memory_is_what_arithmetic_says():
    request = request_of(LAB.read({"room": "memory", "shape": "llama-2-7b"}))
    c = memory.counts_of(request)
    assert c.cache(4096) == 2 * 32 * 4096 * 4096 * 2  # keys and values, layers, tokens, numbers a token, bytes: 2.1 GB
    llama3 = SHAPES["llama-3.1-8b"].config
    four = memory.counts_of(request_of(LAB.read({"room": "memory", "shape": "llama-3.1-8b"})))
    assert c.cache(1) == 4 * four.cache(1)  # 8 of 32 heads have keys of their own
    assert c.even("16") == pytest.approx(2 * c.config.weights / c.cache(1)) and c.cache(round(c.even("4"))) == pytest.approx(
        c.weights["4"], rel=1e-4
    )
    assert four.read["16"] == pytest.approx(2 * (llama3.weights - (llama3.vocabulary - 1) * 4096))
    assert four.products == llama3.weights - 4096 * (llama3.vocabulary + 2 * 32 + 1)  # all but the embedding and the norms
    tied = memory.counts_of(request_of(LAB.read({"room": "memory", "shape": "smollm2-135m"})))
    assert tied.products == tied.config.weights - 576 * (2 * 30 + 1) and tied.read["16"] == tied.weights["16"]
    assert c.bound("16", 100, 50e9) == pytest.approx(50e9 / (c.read["16"] + c.cache(100)))
    result = memory.result(request, c, 0)
    assert len(figures_of(result)) == 2
    said = printed(result.program("4"))
    assert f"weights {Plan('nearest', '4').bytes(c.config):.0f} bytes, cache of 4096 tokens {c.cache(4096):.0f} bytes" in said
    keys = memory.counts_of(request_of(LAB.read({"room": "memory", "shape": "llama-2-7b", "keys": "4"})))
    assert keys.parts(100)[1] == c.parts(100)[1] and keys.parts(100)[0] == c.parts(100)[0] * (4 + 32 / 128) / 16


def scores(right, same=1.0, kld=0.01, n=1280):
    flags = np.arange(n) >= round((1 - same) * n)
    return Scores(
        np.broadcast_to(np.float32(right), n).copy(), np.full(n, kld, np.float32), np.zeros((n, 5), np.int32), np.zeros((n, 5)), flags, n
    )


def evidence(levels, other=None, zeros=None):
    request = request_of(LAB.read({"room": "claims", "source": "small"}))
    exact = scores(-1.0, kld=0.0)
    big = request_of(LAB.read({"room": "claims"}))
    others = {"large": Frames(big, exact, other)} if other else {}
    return Evidence(Frames(request, exact, levels), others, zeros or {})


def test_a_verdict_follows_the_number():
    places = np.arange(1280)
    wobble = np.where(places % 2, -0.6, -1.4) + np.where(places // 64 % 2, 0.05, -0.05)  # both ways; the mean over all blocks stays
    e = evidence({"2": scores(-1.5, 0.5), "4": scores(wobble, 0.8), "16": scores(-1.0, kld=0.0)})
    said = {(slug, stop): claims.said(e, stop, slug) for slug in CLAIMS for stop in ("2", "4", "16", "3")}
    assert said["free", "2"].startswith("**Not here**: perplexity 1.649 times") and "above 1" in said["free", "2"]
    assert said["free", "4"].startswith("**Not shown**") and "20.0 %" in said["free", "4"]
    assert said["free", "16"].startswith("**True here**") and said["perplexity", "16"].startswith("**True here**")
    assert "as good as before" in said["perplexity", "4"] and "at 50.0 % of the places and less likely at 50.0 %" in said["perplexity", "4"]
    assert said["perplexity", "2"].endswith("50.0 % of the likeliest bytes are others.")
    other = claims.said(evidence({"2": scores(-1.5, 0.5), "3": scores(-1.4, 0.4)}), "2", "perplexity")
    assert "**At 3 bits perplexity is lower than here, 4.055 against 4.482, and more" in other and other.endswith("others**, 60.0 %.")
    assert said["faster", "2"].startswith("**Not here**") and said["faster", "16"].startswith("**Nothing to see here**")
    assert all(said[slug, "3"] == "This level is still being measured." for slug in CLAIMS)
    assert said["middle", "4"].startswith("**Nothing to see here**")
    for z, verdict in ((ZeroPoints(10, 0.5, 0.1, 1.3), "**Not here**"), (ZeroPoints(10, 1.0, 0.0, 1.0), "**True here**")):
        assert claims.said(evidence({"4": scores(-1.1)}, zeros={"4": z}), "4", "middle").startswith(verdict)


SPREAD = np.where(np.arange(1280) // 64 % 2, 0.05, -0.05)  # from block to block, so that an interval has a width


@pytest.mark.parametrize(
    ("right", "verdict"), [(-1.2, "**True here**"), (-2.0, "**Not here**"), (-1.49, "**Not shown here**")], ids=["better", "worse", "alike"]
)
def test_the_bigger_model_is_asked_for_no_more_bytes_and_judged_by_its_interval(right, verdict):
    e = evidence({"16": scores(-1.5)}, {"2": scores(right + SPREAD), "1.58": scores(-0.5), "8": scores(-0.1)})
    large = e.others["large"]
    assert large.bytes("1.58") < large.bytes("2") < e.frames.bytes("16") < large.bytes("8")
    text = claims.said(e, "16", "bigger")
    assert text.startswith(verdict) and f"**{np.exp(-right):.3f}**, {np.exp(-right - 1.5):.3f} times, 95 % interval" in text
    both = claims.said(evidence({"2": scores(-1.5), "16": scores(-1.5)}, {"2": scores(right + SPREAD), "8": scores(-0.1)}), "2", "bigger")
    assert both.startswith("**Cannot be told here**") and verdict.replace("here", "at 16 bits") in both
    alone = evidence({"2": scores(-1.5), "16": scores(-1.5)}, {"8": scores(-0.1)})
    assert "at any stop; embedding and head" in claims.said(alone, "2", "bigger")
    assert claims.said(evidence({"2": scores(-1.5)}), "2", "bigger") == "This level is still being measured."


def test_a_real_model_is_never_as_small_as_a_shipped_one_and_the_page_says_so(monkeypatch):
    real = replace(named("small"), name="file-x", title="Smol", config=SHAPES["smollm2-135m"].config)
    monkeypatch.setattr("quantlab.labs.language.request.named", lambda name: real)
    said = claims.said(evidence({"2": scores(-1.5)}), "2", "bigger")
    assert said.startswith("**Cannot be told here**: at its smallest stop, 1.58 bits, Smol takes 89.9 MB")
    assert "25 times as much as the model of 1.8 million weights at 16 bits" in said


def test_the_room_of_claims_has_a_film_for_each():
    e = evidence({"2": scores(-1.5, 0.5), "16": scores(-1.0, kld=0.0)})
    result = claims.result(e.frames.request, e, 0)
    assert set(result.films) == {"answers", "words"} | {f"claim-{slug}" for slug in CLAIMS} <= set(LAB.views)
    assert len(figures_of(result)) == 1 and "50.0 %" in result.words("2") and rows_of(result)[0]["other_top"] == "0.500000"


def test_rooms_leave_out_what_changes_nothing_there():
    address = LAB.read({"room": "columns", "keys": "4", "method": "awq", "width": "2", "bits": "32"})
    assert address.query == {"room": "columns", "width": "2", "bits": "32"} and not address.notices
    assert request_of(address).look.bits == 2 and "method" not in address.values
    assert LAB.read({"room": "claims", "method": "formats"})["bits"] == "FP4"
    (notice,) = LAB.read({"room": "gains", "bits": "16"}).notices
    assert "3 is shown instead" in notice
