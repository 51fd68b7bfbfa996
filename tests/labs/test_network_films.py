"""Do the network lab's films show what the evaluations say, at every level, and nothing where a level is still to come?"""

import numpy as np
import plotly.graph_objects as go
import pytest
from sklearn.metrics import confusion_matrix, recall_score

from quantlab.film import Strip, unpack
from quantlab.labs.network.answers import films as network_films
from quantlab.labs.network.answers import frames as network_frames
from quantlab.labs.network.answers.curves import MEASURES, curve_film
from quantlab.labs.network.axis import named, over_layers
from quantlab.labs.network.layers import films as network_layers
from quantlab.labs.network.layers.costs import costs_film
from quantlab.labs.network.layers.picture import Picture, maps_film
from quantlab.networks.engine import activation_spread, feature_maps, layer_errors, weight_spread
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import FeatureMaps
from quantlab.networks.settings import Setting
from tests.labs.network_cases import WIDTHS, costs, evaluator, frames

TEST = evaluator().runner.test
PICTURE = Picture(7, TEST.pixels[7], int(TEST.labels[7]), tuple("0123456789"), True)
LABELS = [str(bits) for bits in WIDTHS]


def inside(bits: int) -> network_layers.Inside:
    setting, runner = Setting(weights=bits, activations=bits), evaluator().runner
    maps = feature_maps(runner, setting, PICTURE.pixels)["conv2"]
    spreads = weight_spread(runner, setting, "conv2"), activation_spread(runner, setting, "conv2")
    logits = feature_maps(runner, setting, PICTURE.pixels)["answer"]
    answer = Evaluation(setting, logits.after[None], logits.before[None], np.array([PICTURE.label]))
    return network_layers.Inside(*spreads, maps, answer, layer_errors(runner, setting, 50))


def every_film() -> dict[str, bytes]:
    films = {f"answers {name}": film for name, film in network_films.films(frames()).items()}
    films |= {f"curve {name}": curve_film(frames(), measure) for name, measure in MEASURES.items()}
    films |= {f"first curve {name}": curve_film(frames((5,), False), measure) for name, measure in MEASURES.items()}
    films |= {f"first level {name}": film for name, film in network_films.films(frames((5,), False)).items()}
    for name, known in (("layers", {b: inside(b) for b in (3, 5, 16)}), ("one layer", {5: inside(5)})):
        films |= {f"{name} {key}": film for key, film in network_layers.layer_films(WIDTHS, known, PICTURE, 50).items()}
    layers = evaluator().runner.networks[True].layers
    films["costs"] = costs_film(WIDTHS, {3: costs(3)}, layers)
    films["costs in agreement"] = costs_film(WIDTHS, {3: costs(3)}, layers, truth=False)
    films["no costs"] = costs_film(WIDTHS, {}, layers)
    return films


def track(film: bytes, number: int, level: str, axis: str = "y") -> np.ndarray:
    """The heights, or places on another axis, of a moving trace at a level."""
    header, payload = unpack(film)
    entry = next(t for t in header["tracks"] if t["trace"] == number)
    place, count = entry[axis][header["labels"].index(level)] if len(entry[axis]) > 1 else entry[axis][0]
    return np.frombuffer(payload, np.float32)[place : place + count]


def trace(film: bytes, name: str) -> int:
    return [t["name"] for t in unpack(film)[0]["figure"]["data"]].index(name)


def test_every_film_has_every_level_and_plotly_takes_every_chart():
    charts = 0
    for name, film in every_film().items():
        header, payload = unpack(film)
        assert header["labels"] == LABELS, name
        if "figure" in header:
            figure = go.Figure(header["figure"])  # raises on a word that plotly does not know
            assert figure.layout.xaxis.range is not None and figure.layout.yaxis.range is not None, f"{name} would rescale"
            assert all(len(t[axis]) in (1, len(LABELS)) for t in header["tracks"] for axis in "xy"), name
            charts += 1
        if "palette" in header:
            assert len(payload) == len(LABELS) * header["rows"] * header["cols"], name
    assert charts >= 16


def test_a_level_to_come_is_drawn_outside_of_the_chart_and_written_as_dots():
    films = network_films.films(frames((5,), False))
    curve = curve_film(frames((5,), False), MEASURES["top"])
    now = trace(curve, "now")
    assert track(curve, now, "5")[0] > 0 > track(curve, now, "6")[0]
    tiles = unpack(films["numbers"])[0]["entries"]
    assert all(tile["texts"][3] != "…" and tile["texts"][4] == "…" for tile in tiles)
    assert unpack(films["wall"])[0]["after"][4] is None and unpack(films["wall"])[0]["after"][3]


def test_the_bars_of_the_classes_are_their_recall():
    evaluation = frames().levels[3].evaluation
    recall = recall_score(evaluation.labels, evaluation.predicted, average=None)
    assert network_frames.per_class(evaluation) == pytest.approx(recall)
    film = network_films.films(frames())["classes"]
    assert track(film, trace(film, "quantized"), "3", "x")[1::3] == pytest.approx(100 * recall, abs=1e-3)


def test_the_confusion_matrix_is_scikit_learn_s_by_row():
    header, payload = unpack(network_films.films(frames())["confusion"])
    rows, cols = header["rows"], header["cols"]
    picture = np.frombuffer(payload, np.uint8).reshape(len(LABELS), rows, cols)[LABELS.index("2")]
    for evaluation, part in ((frames().exact.evaluation, picture[:, :rows]), (frames().levels[2].evaluation, picture[:, rows + 1 :])):
        expected = confusion_matrix(evaluation.labels, evaluation.predicted, normalize="true")
        assert np.abs(part / 254 - expected).max() <= 0.5 / 254 + 1e-9
    assert (picture[:, rows] == 255).all()


def test_the_wall_shows_as_many_of_each_class_and_the_flipped_ones_are_flipped():
    labels = frames().exact.evaluation.labels
    assert np.bincount(labels[network_frames.sample(frames())]).tolist() == [4] * 10
    changed = network_frames.flipped(frames())
    assert len(changed) == len(set(changed.tolist())) > 10
    ever = set().union(*(level.evaluation.flipped.tolist() for level in frames().levels.values()))
    assert set(changed.tolist()) <= ever
    last = [max(b for b in WIDTHS if image in frames().levels[b].evaluation.flipped) for image in changed]
    assert last == sorted(last, reverse=True)


def test_the_five_answers_are_the_likeliest_and_their_shares_those_of_a_softmax():
    import torch

    evaluation = frames().levels[4].evaluation
    images = np.arange(20)
    shares, classes = torch.from_numpy(evaluation.logits[images].copy()).softmax(1).topk(5)
    for found, share, five in zip(network_frames.top_five(evaluation, images), shares, classes, strict=True):
        assert [c for c, _ in found] == five.tolist()
        assert [p for _, p in found] == pytest.approx((100 * share).tolist(), abs=0.51)


def test_the_chart_of_costs_shows_top_1_of_every_layer_where_it_is_measured():
    film = every_film()["costs"]
    for name, field in (("only this layer", "alone"), ("all but this layer", "all_but")):
        shares = [getattr(cost, field) for cost in costs(3).layers]
        assert track(film, trace(film, name), "3") == pytest.approx([100 * share.value for share in shares], abs=1e-3)
        assert (track(film, trace(film, name), "4") < 0).all()
        ends = track(film, trace(film, f"{name}, interval"), "3").reshape(-1, 3)[:, :2]
        assert ends == pytest.approx(np.array([[100 * share.low, 100 * share.high] for share in shares]), abs=1e-3)
    assert "of 200 images" in unpack(film)[0]["figure"]["layout"]["yaxis"]["title"]["text"]


def test_names_of_many_layers_are_those_of_their_blocks_and_every_point_says_its_own():
    layers = [f"block{i}_{part}" for i in range(1, 9) for part in ("expand", "depth", "project")]
    chart = over_layers(Strip(("2",)), layers, "alt", "y", (0, 1))
    axis = chart.layout["xaxis"]
    assert axis["ticktext"] == [f"block{i}" for i in range(1, 9)] and axis["tickvals"] == list(range(0, 24, 3))
    named(chart.points("p", np.arange(24), np.zeros(24), "#000000"), layers)
    assert chart.traces[-1]["text"] == layers


def test_feature_maps_show_float_quantized_and_error_and_the_error_shrinks_with_bits():
    header, payload = unpack(network_layers.layer_films(WIDTHS, {3: inside(3), 16: inside(16)}, PICTURE, 50)["maps"])
    pictures = np.frombuffer(payload, np.uint8).reshape(len(LABELS), header["rows"], header["cols"])
    coarse, fine = pictures[1], pictures[14]
    third = (header["rows"] + 1) // 3
    assert (coarse[: third - 1] == fine[: third - 1]).all()  # the float network's
    error = [p[2 * third :][p[2 * third :] < 255].mean() for p in (coarse, fine)]
    assert error[0] > 10 and error[1] < 1


def test_the_picture_that_is_looked_at_is_taken_for_what_the_network_says_of_it():
    header, payload = unpack(network_layers.layer_films(WIDTHS, {2: inside(2), 16: inside(16)}, PICTURE, 50)["picture"])
    assert header["count"] == 1 and header["truth"] == [PICTURE.label] and "7" in header["alt"]
    assert (np.frombuffer(payload, np.uint8).reshape(8, 8, 3) == PICTURE.pixels).all()
    for bits, level in ((2, 0), (16, 14)):
        answered = evaluator().evaluate(Setting(weights=bits, activations=bits))
        assert header["after"][level] == [[list(pair) for pair in network_frames.top_five(answered, np.array([7]))[0]]]
        assert header["before"][0][0][0] == answered.predicted_by_float[7]
    assert header["after"][5] is None


def test_large_feature_maps_travel_at_half_their_size_and_show_the_same():
    ramp = np.broadcast_to(np.linspace(0, 1, 112, dtype=np.float32), (2, 112, 112))
    header, payload = unpack(maps_film(Strip(("2",)), [FeatureMaps("a", ramp, ramp)]))
    assert (header["rows"], header["cols"]) == (3 * 57 - 1, 2 * 57 - 1)
    row = np.frombuffer(payload, np.uint8).reshape(header["rows"], header["cols"])[0, :56]
    assert np.abs(row - 254 * ramp[0, 0].reshape(56, 2).mean(axis=1)).max() <= 1.5
