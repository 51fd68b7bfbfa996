"""Does the page of repairs show each room, keep its state in the address, and survive what cannot be used?"""

import pytest

from quantlab.labs.catalog import LABS
from tests.labs.test_repair import ROOMS
from tests.ui.test_pages import alive, opened, program, query, text


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_shows_its_words_and_its_program(room):
    app = opened("repair.py", **ROOMS[room])
    assert not app.error and not app.warning
    assert program(app).startswith(("from quantlab", "import "))
    said = {"ablation": "images correctly", "channels": "half a step", "rounding": "the other way", "columns": "Column 5 was"}
    assert said[room] in text(app)
    assert query(alive(app.run())) == LABS["repair"].read(ROOMS[room]).query


def test_a_repair_that_is_switched_off_is_in_the_address():
    app = opened("repair.py", **ROOMS["ablation"])
    app.multiselect[0].set_value(["bias"])
    assert query(alive(app.run()))["repairs"] == "bias"
    assert "*bias*" in text(app)


def test_no_repair_at_all_is_a_state_too():
    app = opened("repair.py", **ROOMS["ablation"] | {"repairs": "none-of-them"})
    assert "*nearest*" in text(app) and not app.error


def test_two_ways_to_choose_codes_are_refused_in_one_sentence():
    app = opened("repair.py", **ROOMS["ablation"] | {"repairs": "adaround,gptq"})
    (error,) = app.error
    assert error.value.startswith("AdaRound and GPTQ both choose the codes")


def test_a_level_of_another_room_is_named_and_the_default_shown():
    app = opened("repair.py", **ROOMS["channels"] | {"bits": "17"})
    (warning,) = app.warning
    assert warning.value.replace("\\", "").startswith("bits=17 in the address is not supported here; 4 is shown instead")


def test_adaround_s_rows_are_offered():
    app = opened("repair.py", source="small", images="200", calibration="5")
    (button,) = [button for button in app.button if button.label.startswith("Measure AdaRound")]
    assert query(alive(button.click().run()))["rows"] == "all"
    assert not [button for button in app.button if button.label.startswith("Measure AdaRound")]
