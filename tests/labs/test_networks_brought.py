"""Networks that all network labs take: trained with rounding on this machine, or a person's own as ONNX; never as a pickle."""

import io
import pickle
import warnings

import numpy as np
import pytest
import torch

from quantlab import workers
from quantlab.labs.catalog import LABS
from quantlab.labs.network.subject import titles
from quantlab.networks import engine, trained
from quantlab.networks.engine import own_onnx
from quantlab.networks.statistics import difference
from quantlab.networks.training import TrainingRequest
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS

pytestmark = pytest.mark.slow
NETWORK_LABS = {
    "cnn": {"images": "200", "calibration": "5"},
    "repair": {"rows": "own", "repairs": "clip", "images": "200", "calibration": "20"},
    "integer": {"images": "100"},
    "compress": {"images": "200"},
}
REQUEST = TrainingRequest(epochs=2)


@pytest.fixture(autouse=True, scope="module")
def here():
    """Work is done in this process."""
    before, workers.POOL.count = workers.POOL.count, 0
    yield
    workers.POOL.count = before


@pytest.fixture(scope="module")
def slug():
    """The slug of a training that is kept in the user's cache folder, which is the tests' own."""
    network, data = engine.shipped("small")
    finish(engine.kept_steps(network, data, REQUEST))
    return trained.slug_of(engine.key_of(network, data, REQUEST))


def first_result(lab, query):
    address = LABS[lab].read(query)
    assert not address.problems
    return address, finish(LABS[lab].tasks(address, ())[0].steps())


@pytest.mark.parametrize("lab", NETWORK_LABS)
def test_every_network_lab_offers_it_and_shows_it(lab, slug, capsys, tmp_path, monkeypatch):
    assert titles()[slug].startswith("Small CNN, trained at 2 bits (LSQ, 2 epochs, seed 0)")
    address, result = first_result(lab, NETWORK_LABS[lab] | {"source": slug})
    assert address.query["source"] == slug and result.films
    monkeypatch.chdir(tmp_path)
    exec(compile(result.program(address["bits"]), "program", "exec"), {})
    assert f"named('{slug}')" in result.program(address["bits"]).replace('"', "'") and capsys.readouterr().out


def test_at_its_width_it_loses_less_than_the_network_that_was_not_trained_so_and_mcnemar_says_it(slug):
    query = {"scrub": "weights", "granularity": "channel-0", "images": "500", "calibration": "5", "bits": "2"}
    right = []
    for source in ("small", slug):
        _, result = first_result("cnn", query | {"source": source})
        right.append(result.frames.levels[2].evaluation.right)
    change = difference(*right)
    assert change.seen and change.value > 0.2


def test_one_that_is_no_longer_kept_is_told_and_the_usual_one_shown(slug):
    gone = "trained-" + "0" * 12
    for lab in NETWORK_LABS:
        address = LABS[lab].read({"source": gone})
        assert any(gone in notice for notice in address.notices) and address["source"] == LABS[lab].read({})["source"]


def exported(module: torch.nn.Module, pixels: torch.Tensor) -> bytes:
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(module.eval(), (pixels,), file, dynamo=False, opset_version=17)
    return file.getvalue()


def onnx_of_digits() -> str:
    module = torch.nn.Sequential(*(step.module for step in engine.shipped("small")[0].steps))
    return UPLOADS.add("mine.onnx", exported(module, torch.zeros(1, 1, 8, 8)))


def test_an_own_network_answers_in_the_network_lab_as_torch_does():
    digest = onnx_of_digits()
    address, result = first_result("cnn", {"source": "onnx", "file": digest} | NETWORK_LABS["cnn"])
    network, data = engine.shipped("small")
    expected = engine.Runner(network, data, images=200)
    evaluation = result.frames.levels[int(address["bits"])].evaluation
    assert len(evaluation.labels) == 200
    exact = engine.Evaluator(expected).evaluate(evaluation.setting)
    assert np.abs(exact.logits - evaluation.logits).max() < 1e-3 and (exact.logits.argmax(1) == evaluation.logits.argmax(1)).all()
    assert address.subject.title == "'mine.onnx'" and len(address.subject.entry.layers) == 3
    assert "read_onnx('mine.onnx', Path('mine.onnx'))" in result.program(address["bits"])


@pytest.mark.parametrize("room", ["answers", "layers", "budget"])
def test_an_own_network_goes_through_every_room(room):
    _, result = first_result("cnn", {"source": "onnx", "file": onnx_of_digits(), "room": room} | NETWORK_LABS["cnn"])
    assert result.films and result.csv()


@pytest.mark.parametrize(
    "content, said",
    [(pickle.dumps({"a": 1}), "no sound ONNX file"), (b"", "is empty"), (b"0" * 3000, "at most 2000 are read")],
    ids=["a pickle", "nothing", "too large"],
)
def test_what_is_no_network_is_refused_in_one_sentence_and_the_shipped_one_shown(content, said, monkeypatch):
    monkeypatch.setattr(own_onnx, "MAX_STATE", 2000)
    address = LABS["cnn"].read({"source": "onnx", "file": UPLOADS.add("net.onnx", content)})
    (problem,) = address.problems
    assert said in problem and problem.endswith(f"Shown instead: {LABS['cnn'].table.default_subject().title}.")


def test_a_network_for_other_pictures_is_refused():
    module = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 3), torch.nn.AdaptiveAvgPool2d(1), torch.nn.Flatten(), torch.nn.Linear(4, 7))
    digest = UPLOADS.add("other.onnx", exported(module, torch.zeros(1, 3, 32, 32)))
    (problem,) = LABS["cnn"].read({"source": "onnx", "file": digest}).problems
    assert "none of ours" in problem
