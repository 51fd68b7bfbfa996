"""Does each room of the integer lab say what was counted, at every level, and do its programs print the same numbers?"""

import csv
import io
import pickle
import time
import warnings
from functools import partial

import numpy as np
import plotly.graph_objects as go
import pytest
import torch
from torch import nn

from quantlab.film import unpack
from quantlab.integer.operations import Arithmetic
from quantlab.integer.runtime import LEVELS
from quantlab.integer.timing import timing_steps
from quantlab.labs.catalog import LABS
from quantlab.labs.integer import dot, speed
from quantlab.labs.integer.request import IntegerRequest, request_of
from quantlab.labs.integer.result import IntegerResult
from quantlab.labs.integer.subject import ROOMS, named_subject
from quantlab.networks import engine
from quantlab.networks.evaluation import ranked
from quantlab.networks.settings import Setting
from quantlab.packages import requirements
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE, Engine

LAB = LABS["integer"]


def result_of(room: str, **query: str) -> IntegerResult:
    asked = {"room": room, "source": "small"} | query
    address = LAB.read(asked)
    assert not address.notices
    return finish(LAB.show(address))


def rows(result: IntegerResult) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(result.csv())))


@pytest.fixture(autouse=True, scope="module")
def _short_turns():
    """Few turns: what is tested is that times are measured and told, not what they are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(speed, "timing_steps", partial(timing_steps, turns=4))
        yield


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_gives_its_films_and_a_sentence_for_every_level(room):
    result = result_of(room)
    assert result.labels == tuple(map(str, request_of(LAB.read({"room": room, "source": "small"})).stops))
    header = unpack(result.films["words"])[0]
    assert header["texts"] == [result.words(label) for label in result.labels] and header["labels"] == list(result.labels)
    assert all(text.endswith(".") and "  " not in text and "nan" not in text for text in header["texts"])
    assert result.films.keys() <= LAB.views.keys()


@pytest.mark.parametrize("room", ROOMS)
def test_plotly_takes_its_figures_and_nothing_rescales(room):
    for name, film in result_of(room).films.items():
        if "figure" in (header := unpack(film)[0]):
            figure = go.Figure(header["figure"])
            assert figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None, name


@pytest.mark.parametrize("room", ROOMS)
def test_a_program_runs_by_itself_and_a_result_can_leave_its_process(room, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    result = result_of(room)
    exec(result.program(result.labels[0]), {})
    assert capsys.readouterr().out
    assert pickle.loads(pickle.dumps(result)).csv() == result.csv()


def test_the_first_task_is_the_level_under_the_thumb_and_the_last_knows_all():
    address = LAB.read({"source": "small", "bits": "4", "images": "100"})
    first, every = LAB.tasks(address, ())
    some, all_of_it = Engine().ahead(first), Engine().ahead(every)
    assert "being computed" in some.words("8") and "being computed" not in some.words("4")
    assert some.words("4") == all_of_it.words("4") and not any("being computed" in all_of_it.words(b) for b in all_of_it.labels)


def test_the_programs_print_the_shares_of_the_tables(capsys):
    for room, at, column in (("equal", "3", "top1"), ("accumulator", "16", "top1")):
        result = result_of(room)
        exec(result.program(at), {})
        row = next(row for row in rows(result) if row["bits"] == at)
        assert float(capsys.readouterr().out.split()[-1]) == float(row[column])


@pytest.mark.parametrize("granularity", ["tensor", "channel-0"])
def test_the_table_of_codes_is_that_of_the_core(granularity):
    result = result_of("equal", granularity=granularity, images="100")
    request = IntegerRequest("equal", named_subject("small"), granularity, 100)
    runner = engine.Runner(*engine.shipped("small"), images=100)
    for row in rows(result)[::3]:
        agreement = finish(engine.agreement_steps(runner, request.setting(int(row["bits"]))))
        assert [int(row[name]) for name in ("compared", "differing", "differing_exact")] == [
            agreement.total.compared, agreement.total.differing[0], agreement.total.differing[-1],
        ]  # fmt: skip
        assert row["differing_exact"] == "0" and "converted equals fake-quantized" in result.words(row["bits"])
        network = engine.to_integers(runner, request.setting(int(row["bits"])))
        assert float(row["top1"]) == (ranked(network.logits(runner.test.pixels))[:, 0] == runner.test.labels).mean()


def test_cutting_off_is_told_from_rounding():
    words = result_of("equal", requantizer="cut").words("8")
    assert "Cutting off is not rounding" in words and "converted equals" not in words


def test_the_accumulators_table_counts_the_sums_that_do_not_fit():
    runner = engine.Runner(*engine.shipped("small"), images=200)
    network, sums = engine.to_integers(runner, Setting()), []
    network.logits(runner.test.pixels, watch=lambda layer, codes, found: sums.append(found.ravel()))
    every = np.concatenate(sums)
    for row in rows(result_of("accumulator")):
        bits = int(row["bits"])
        assert float(row["beyond"]) == pytest.approx(((every < -(2 ** (bits - 1))) | (every >= 2 ** (bits - 1))).mean(), abs=0)
        few = network.logits(runner.test.pixels, Arithmetic(accumulator=bits, overflow="saturate"))
        assert float(row["top1_saturate"]) == (ranked(few)[:, 0] == runner.test.labels).mean()


def test_a_longer_multiplier_is_never_told_to_be_too_short_at_31_bits():
    result = result_of("rounding")
    assert "too short" in result.words("1") and "too short" not in result.words("31")
    last = rows(result)[-1]
    assert float(last["differ_float"]) <= float(last["differ_twice"]) < float(last["differ_cut"])


@pytest.mark.parametrize("weights", ["symmetric", "asymmetric"])
@pytest.mark.parametrize("source", ["small", "plain", "depthwise"])
def test_the_dot_product_by_hand_is_the_float_result_to_within_its_steps(source, weights):
    request = IntegerRequest("dot", named_subject(source), weights=weights)
    product = dot.dot_of(request)
    exact = sum((int(w) - product.w_zero) * (int(x) - product.x_zero) for w, x in zip(product.w, product.x, strict=True)) + product.bias
    assert product.sums[-1] == exact
    assert abs(exact * product.scale - product.real) < product.scale * (0.5 + 0.5 * 255 * len(product.w))
    assert product.code == min(max(round(exact * product.scale / product.out.scale), 0), 255)
    assert product.w.min() >= -128 and product.w.max() <= 127 and (product.w_zero == 0) == (weights == "symmetric")


def test_the_exported_codes_are_ours_and_the_room_says_so():
    result = result_of("speed")
    assert "our codes exactly" in result.words("1")
    row = rows(result)[0]
    assert [row[f"differ_qlinear_{level}"] for level in LEVELS if level in ("none", "basic")] == ["0", "0"]
    assert float(row["float_low_ms"]) <= float(row["float_median_ms"]) <= float(row["float_high_ms"])


def test_without_onnx_the_room_says_which_command_brings_it(monkeypatch):
    monkeypatch.setattr(speed, "absent", lambda extra: tuple(requirements(extra)))
    (task,) = LAB.tasks(LAB.read({"room": "speed"}), ())
    result = ENGINE.ahead(task)
    assert "python -m pip install" in result.words("1") and "onnxruntime" in result.words("1") and set(result.films) == {"words"}


def test_a_cancel_acts_within_a_second():
    """Between two yields lies one batch of pictures."""
    steps = LAB.show(LAB.read({"source": "depthwise", "images": "1000", "granularity": "channel-0"}))
    waited = []
    for _ in range(6):
        start = time.monotonic()
        next(steps)
        waited.append(time.monotonic() - start)
    steps.close()
    assert sorted(waited)[-2] < 4  # the first also reads the network; a loaded machine gets four times as long


def own_file(*parts: nn.Module) -> str:
    """An ONNX file of these layers in a row, held by the server as an upload."""
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(nn.Sequential(*parts).eval(), (torch.zeros(1, 1, 8, 8),), file, dynamo=False, opset_version=17)
    return UPLOADS.add("mine.onnx", file.getvalue())


@pytest.mark.parametrize("room", ROOMS)
def test_a_network_of_ones_own_goes_through_every_room(room):
    torch.manual_seed(1)
    file = own_file(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.MaxPool2d(2), nn.Flatten(), nn.Linear(36, 10))
    address = LAB.read({"room": room, "source": "onnx", "file": file})
    assert not address.problems and address.subject.title == "'mine.onnx'" and address.subject.products == 9
    result = finish(LAB.show(address))
    assert all(text.endswith(".") for text in unpack(result.films["words"])[0]["texts"])
    if room == "equal":
        assert all(row["differing_exact"] == "0" for row in rows(result))


UNFIT = {
    "other classes": ([nn.Conv2d(1, 4, 3), nn.Flatten(), nn.Linear(144, 7)], "classes that are none of ours"),
    "one layer": ([nn.Flatten(), nn.Linear(64, 10)], "give it two or more"),
    "a sigmoid": ([nn.Conv2d(1, 4, 3), nn.Sigmoid(), nn.Flatten(), nn.Linear(144, 10)], "Sigmoid"),
}


@pytest.mark.parametrize("parts, said", UNFIT.values(), ids=list(UNFIT))
def test_a_network_that_cannot_be_used_is_refused_and_the_shipped_one_shown(parts, said):
    (problem,) = LAB.read({"source": "onnx", "file": own_file(*parts)}).problems
    assert said in problem and problem.endswith("Shown instead: Plain CNN, photo patches.")


def test_a_first_layer_that_is_no_convolution_has_no_window_to_step_through():
    address = LAB.read({"room": "dot", "source": "onnx", "file": own_file(nn.Flatten(), nn.Linear(64, 12), nn.ReLU(), nn.Linear(12, 10))})
    with pytest.raises(ValueError, match="choose another room or network"):
        finish(LAB.show(address))
