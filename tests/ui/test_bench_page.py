"""Does the page of the bench show each room, keep its state in the address, and survive what cannot be used?"""

import pytest

from quantlab.labs.bench.faults import fault_of
from quantlab.labs.catalog import LABS
from tests.labs.test_bench import ROOMS
from tests.ui.test_pages import alive, opened, program, query, text


@pytest.mark.parametrize("room", ROOMS)
def test_a_room_shows_its_words_and_its_program(room):
    app = opened("bench.py", **ROOMS[room])
    assert not app.error and not app.warning
    assert program(app).startswith("from quantlab.bench")
    said = {"report": "the model **fails**", "faults": "Found by the", "quiz": "has **one fault**"}
    assert said[room] in text(app)
    assert query(alive(app.run())) == LABS["bench"].read(ROOMS[room]).query


def test_a_guess_is_in_the_address_and_is_answered():
    app = opened("bench.py", **ROOMS["quiz"])
    (guess,) = [box for box in app.selectbox if box.label == "The fault is"]
    guess.set_value(fault_of(3))
    assert query(alive(app.run()))["guess"] == fault_of(3)
    assert "**Right**" in text(app)


def test_a_model_of_ones_own_is_asked_for_and_another_shown():
    app = opened("bench.py", source="own")
    (error,) = app.error
    assert "Choose a float ONNX file" in error.value.replace("\\", "")
    assert not app.exception


def test_a_wrong_target_is_told_in_one_sentence():
    app = opened("bench.py", **ROOMS["report"] | {"target": "speed=2"})
    (error,) = app.error
    assert "is no target" in error.value
