"""Does the network lab say its state through Python too, take every choice, and keep to its address?"""

import pytest

from quantlab.labs.network import request as network_request
from quantlab.labs.network.answers.curves import MEASURES
from quantlab.labs.network.lab import LAB
from quantlab.networks.catalogue import TITLES
from quantlab.networks.engine import MODELS, fetched_data, kernels
from quantlab.networks.engine.shipped_networks import file_of
from quantlab.networks.engine.train import RECIPES
from quantlab.networks.settings import WEIGHTS, Setting
from quantlab.schemes import SCHEMES
from quantlab.sources.uploads import UPLOADS
from tests.labs.network_cases import lab_evaluator
from tests.networks.test_own_pictures import striped as picture
from tests.sources.hostile import zipped
from tests.ui.test_pages import alive, opened, program, query, text

DEFAULTS = {
    "source": "plain", "room": "answers", "bits": "5", "scrub": "both", "scheme": "int-symmetric", "granularity": "tensor",
    "calibrator": "absmax", "rounding": "nearest-even", "ranges": "static", "activation": "int-asymmetric", "observer": "minmax",
    "images": "1000", "input": "8", "calibration": "200", "ends": "same", "bias": "32", "norm": "folded", "layers": "",
    "measure": "top",
}  # fmt: skip
SMALL = {"source": "small", "images": "200"}
OTHER = {
    "room": "layers", "bits": "3", "scrub": "weights", "granularity": "channel-0", "calibrator": "mse", "rounding": "floor",
    "ranges": "dynamic", "activation": "int-symmetric", "observer": "percentile", "input": "2", "calibration": "5", "ends": "8",
    "bias": "same", "norm": "apart", "layers": "conv2-2",
}  # fmt: skip


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, cache_of_all):
    monkeypatch.setenv("QUANTLAB_CACHE", str(cache_of_all))


def shown(**options: str):
    return opened("cnn.py", **SMALL, **options)


def setting_of(app) -> Setting:
    names = {}
    exec(program(app).split("answers =")[0], names)
    return names["setting"]


def test_the_lab_opens_on_a_network_whose_top_1_has_fallen_and_whose_top_5_has_not():
    words = text(opened("cnn.py"))
    answers = lab_evaluator("plain", 1000).evaluate(Setting(weights=5, activations=5))
    assert f"**{100 * answers.top(1).value:.1f} %** of 1000 images" in words
    assert answers.difference.seen and answers.top(1).value < 0.8 < 0.9 < answers.top(5).value


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_default_in_the_address_is_left_out(name):
    app = opened("cnn.py", **{name: DEFAULTS[name]})
    assert query(app) == {} and not app.warning


@pytest.mark.parametrize("name", DEFAULTS)
def test_a_bad_value_falls_back_to_the_default_and_says_so(name):
    app = opened("cnn.py", **{name: "no-such"})
    (warning,) = app.warning
    assert warning.value.replace("\\", "").startswith(name) and "instead" in warning.value
    assert query(app) == {} and not alive(app.run()).warning


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_can_be_put_against_the_bits(measure):
    app = shown(measure=measure)
    assert query(app) == SMALL | ({} if measure == "top" else {"measure": measure}) and not app.warning and not app.error


@pytest.mark.slow
@pytest.mark.parametrize("name", OTHER)
def test_every_control_reaches_the_setting_or_the_room_and_the_address(name):
    app = shown(**{name: OTHER[name]})
    assert query(app) == SMALL | {name: OTHER[name]} and not app.warning and not app.error
    assert program(app) != program(shown())


def test_the_controls_say_what_they_mean():
    app = shown(granularity="channel-0", ends="8", norm="apart", ranges="dynamic", bits="3", input="float", layers="conv2-float")
    expected = Setting(weights=3, activations=3, inputs=None, dynamic=True, ends_at_8=True, folded=False, layer_weights=(("conv2", None),))
    channel = setting_of(app).weight_spec.granularity
    assert setting_of(app) == expected.replace(weight_spec=WEIGHTS.replace(granularity=channel)) and channel.slug == "channel-0"
    assert setting_of(shown(scrub="weights", bits="3")) == Setting(weights=3, activations=None)
    assert setting_of(shown(scrub="activations", bits="3", weights="6")) == Setting(weights=6, activations=3)


@pytest.mark.slow
@pytest.mark.parametrize("scheme", [slug for slug, scheme in SCHEMES.items() if scheme.layers])
def test_every_scheme_that_is_offered_makes_a_page(scheme):
    app = shown(scheme=scheme)
    assert not app.warning and not app.error and "of 200 images" in text(app)
    setting = setting_of(app)
    assert setting.weight_spec.scheme == scheme and setting.weights in SCHEMES[scheme].bits_allowed(setting.weight_spec.knobs)


@pytest.mark.slow
@pytest.mark.parametrize("source", MODELS)
@pytest.mark.parametrize("room", ["answers", "layers", "budget"])
def test_every_network_has_every_room(source, room, monkeypatch):
    monkeypatch.setattr(network_request, "WIDTHS", (3, 5, 8))  # all widths of each are in the replayed pages
    app = opened("cnn.py", source=source, images="200", room=room)
    assert not app.error and not app.warning
    assert {"answers": "of 200 images", "layers": "errs most by itself", "budget": "exact knapsack"}[room] in text(app)


@pytest.mark.parametrize("layer", MODELS["small"].build().layers)
def test_every_layer_can_be_looked_into(layer):
    app = shown(room="layers", layer=layer, picture="7")
    assert not app.warning and f"Weights of {layer}" in [box.value for box in app.header]


@pytest.mark.slow
def test_a_layer_that_the_next_network_lacks_falls_back():
    app = opened("cnn.py", source="plain", images="200", room="layers", layer="conv4")
    alive(app.selectbox(key="cnn:source").set_value("small").run())
    assert query(app) == SMALL | {"room": "layers"}


def test_the_links_set_states_that_mean_something():
    assert len(LAB.tries) >= 5
    for entry in LAB.tries:
        address = LAB.read({"images": "200"} | dict(entry.query))
        assert not address.notices and not address.problems and address.query == {"images": "200"} | entry.query


@pytest.mark.slow
def test_a_link_opens_its_state():
    entry = LAB.tries[-1]
    app = opened("cnn.py", images="200", **entry.query)
    assert not app.warning and not app.error and query(app) == {"images": "200"} | entry.query


def test_the_plan_of_the_budget_can_be_taken_into_the_lab():
    app = shown(room="budget", bits="3")
    alive(next(button for button in app.button if button.label == "Give the layers these bits").click().run())
    found = query(app)
    assert found["bits"] == "3" and "room" not in found and dict(setting_of(app).layer_weights).keys() == {"conv1", "conv2", "answer"}


def test_a_budget_without_widths_to_choose_from_says_what_to_do():
    assert "choose a scheme with several bit widths" in shown(room="budget", scheme="nf4").info[0].value


def test_the_row_of_small_sliders_and_the_address_agree():
    app = shown(room="layers", layers="conv1-3,answer-float")
    assert [app.select_slider(key=f"cnn:own:small:{layer}").value for layer in ("conv1", "conv2", "answer")] == ["3", "as set", "float"]
    alive(app.select_slider(key="cnn:own:small:conv2").set_value("6").run())
    assert query(app)[
        "layers"
    ] == "conv1-3,conv2-6,answer-float" and "layer_weights=(('conv1', 3), ('conv2', 6), ('answer', None))" in program(app)
    alive(app.button_group(key="cnn:room").set_value("answers").run())
    assert query(app)["layers"] == "conv1-3,conv2-6,answer-float"


def test_what_the_controls_know_before_torch_is_loaded_is_what_the_networks_say():
    assert set(network_request._AFFINE) == set(kernels.AFFINE) and set(network_request.EXTREMES) == set(kernels.DYNAMIC)


def test_two_settings_that_differ_by_chance_are_said_to_show_no_difference():
    assert "No difference seen" in text(shown(bits="12"))


def test_the_titles_of_the_networks_are_short_enough_for_their_box():
    assert max(map(len, TITLES.values())) <= 28


def striped() -> bytes:
    """A zip of pictures of two classes: stripes across, stripes down."""
    members = {f"{name}/{i}.png": picture(label, 100 * label + i) for label, name in enumerate(("across", "down")) for i in range(16)}
    return zipped(members)


@pytest.fixture
def quick(monkeypatch):
    """Training that lasts one epoch."""
    monkeypatch.setitem(RECIPES, "plain", RECIPES["plain"].__class__(1))


@pytest.mark.slow
def test_a_zip_of_pictures_is_learnt_and_the_program_says_how(quick, tmp_path, monkeypatch, capsys):
    digest = UPLOADS.add("stripes.zip", striped())
    app = opened("cnn.py", source="zip", file=digest, bits="8")
    assert not app.error and "of 8 images" in text(app) and query(app) == {"source": "zip", "file": digest, "bits": "8"}
    (tmp_path / "stripes.zip").write_bytes(striped())
    monkeypatch.chdir(tmp_path)
    exec(program(app), {})
    assert f"Top-1 {float(text(app).split('answers **')[1].split(' %')[0]):.1f}%" in capsys.readouterr().out


@pytest.mark.parametrize("source, name, content", [
    ("zip", "one.zip", {"cats/a.png": 1}), ("zip", "up.zip", {"../a.png": 1}), ("zip", "no.zip", None), ("small", "no.pt", None),
])  # fmt: skip
def test_a_bad_file_is_one_sentence_and_the_last_network_stays(source, name, content):
    data = b"nothing of the kind" if content is None else zipped({path: picture(0, 1) for path in content})
    app = opened("cnn.py", source=source, file=UPLOADS.add(name, data), images="200")
    assert len(app.error) == 1 and app.error[0].value.rstrip().endswith(".") and "images correctly" in text(app)
    assert not alive(app.selectbox(key="cnn:source").set_value("small").run()).error or source == "small"


def test_weights_of_one_s_own_take_the_place_of_the_shipped_ones(tmp_path):
    weights = UPLOADS.add("mine.safetensors", file_of("small").read_bytes())
    app, shipped_one = shown(file=weights), shown()
    assert not app.error and "with_file(network, 'mine.safetensors'" in program(app)
    assert text(app) == text(shipped_one)


def test_a_data_set_that_cannot_be_fetched_says_so(monkeypatch, tmp_path):
    monkeypatch.setenv("QUANTLAB_CACHE", str(tmp_path))
    monkeypatch.setattr(fetched_data, "fetch_steps", offline)
    app = opened("cnn.py", source="mnist", images="200")
    assert "no connection" in app.error[0].value and "images correctly" in text(app)


def offline(*_):
    yield 0, 1
    raise ValueError("There is no connection; try again later.")


def unfolded(app, open: bool = True):
    app.session_state["cnn:more"] = open
    return alive(app.run())


def test_what_is_under_more_is_drawn_when_it_is_opened_and_keeps_its_state_when_it_is_folded_away():
    app = shown(rounding="floor")
    assert "Calibration images" not in [box.label for box in app.selectbox]
    unfolded(app)
    assert app.selectbox(key="cnn:rounding").value == "floor"
    alive(app.selectbox(key="cnn:calibration").set_value("20").run())
    expected = SMALL | {"rounding": "floor", "calibration": "20"}
    assert query(app) == expected
    for _ in range(3):  # Streamlit forgets what is no longer drawn at the end of a run
        unfolded(app, False)
        assert query(app) == expected and "calibration=20" in program(app)
    alive(app.selectbox(key="cnn:granularity").set_value("channel-0").run())
    assert query(unfolded(app)) == expected | {"granularity": "channel-0"}
    assert app.selectbox(key="cnn:calibration").value == "20"


@pytest.mark.slow
def test_a_link_changes_what_is_folded_away(monkeypatch):
    monkeypatch.setattr(network_request, "WIDTHS", (5, 8))  # the link leads to 1000 images
    app = shown(ends="8")
    alive(next(button for button in app.button if button.label == "Clip for least error").click().run())
    assert query(app) == {"calibrator": "mse", "observer": "mse"}
    assert unfolded(app).selectbox(key="cnn:ends").value == "same" and app.selectbox(key="cnn:observer").value == "mse"
