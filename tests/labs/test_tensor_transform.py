"""A transform before the quantizer in the tensor lab: its numbers are those of the core, its sentence follows them."""

from __future__ import annotations

import pytest

import quantlab as ql
from quantlab.labs.tensor.lab import LAB
from quantlab.labs.tensor.subject import tensor_of
from quantlab.progress import finish
from quantlab.sources import with_outlier
from quantlab.tasks import ENGINE
from quantlab.transforms import fit


def result(**query):
    address = LAB.read({"size": "4096", **query})
    return address, finish(ENGINE.once(LAB.tasks(address, ("numbers", "words"))[0]))


@pytest.mark.parametrize(
    "query",
    [
        {"transform": "hadamard", "bits": "4"},
        {"transform": "scaling,hadamard", "bits": "3", "granularity": "channel-0"},
        {"source": "normal", "scrub": "outlier", "transform": "hadamard", "bits": "40 σ"},
    ],
    ids=["rotation", "two", "outlier"],
)
def test_the_numbers_and_the_program_are_those_of_the_core(query, capsys):
    address, found = result(**query)
    index = found.labels.index(address["bits"])
    spec, x = found.frames.frames[index].point.spec, address.subject.original.x
    x = with_outlier(x, 40.0) if query.get("scrub") else x
    t = fit(x, query["transform"])
    back = ql.metrics.sqnr_db(x, t.inverse(ql.fake_quantize(t.forward(x), spec)))
    assert found.trips[index].back == pytest.approx(back) and found.trips[index].alone == pytest.approx(
        ql.metrics.sqnr_db(x, ql.fake_quantize(x, spec))
    )
    exec(found.program(address["bits"]), {})
    said = capsys.readouterr().out
    assert f"Undone: SQNR {back:.1f} dB" in said
    assert f"SQNR {found.frames.frames[index].point.metrics['sqnr_db']:.1f} dB" in said


def test_the_sentence_follows_the_number():
    _, spread = result(source="normal", scrub="outlier", transform="hadamard")
    assert "a gain of" in spread.words("40 σ") and "a gain of" in spread.words("160 σ")
    _, sorted_ = result(transform="sorting")
    assert all("no gain on this tensor" in sorted_.words(label) for label in sorted_.labels)


def test_without_a_transform_nothing_is_said_and_a_word_that_does_not_fit_is_a_notice():
    address, plain = result()
    assert plain.trips == () and "back" not in plain.words("4") and address.subject.original is None
    wrong = LAB.read({"source": "paste", "transform": "sorting"})  # a vector
    assert wrong["transform"] == "none" and wrong.notices
    assert tensor_of(LAB.read({"transform": "hadamard,sorting"}).values).word == "hadamard,sorting"
