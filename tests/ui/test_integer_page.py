"""Does the page of the integer lab say each room's level in words, keep its state in the address and name what cannot be used?"""

import pytest

from quantlab.labs.catalog import LABS
from quantlab.labs.integer.subject import ROOMS
from quantlab.progress import finish
from tests.ui.test_pages import opened, program, query, text

SMALL = {"source": "small"}


@pytest.mark.parametrize("room", [room for room in ROOMS if room != "speed"])
def test_a_room_opens_at_its_level_and_says_it_in_words(room):
    at = {"equal": "4", "accumulator": "15", "rounding": "6", "dot": "11"}[room]
    asked = SMALL | {"bits": at} | ({} if room == "equal" else {"room": room})
    app = opened("integer.py", **asked)
    result = finish(LABS["integer"].show(LABS["integer"].read(asked)))
    assert result.words(at) in text(app) and program(app) == result.program(at)
    assert query(app) == asked and not app.warning and not app.error


def test_the_room_of_speed_shows_the_machine_and_a_model_that_is_called_one():
    app = opened("integer.py", room="speed", source="small")
    captions = " ".join(caption.value for caption in app.caption)
    assert "A model, not a measurement" in captions and "Horowitz" in captions
    assert "Measured with onnxruntime" in text(app)


def test_a_level_of_another_room_is_named_and_left_out():
    app = opened("integer.py", room="accumulator", source="small", bits="8")
    (warning,) = app.warning
    assert "bits=8 in the address is not supported here" in warning.value.replace("\\", "")
    assert query(app) == {"room": "accumulator", "source": "small"}
