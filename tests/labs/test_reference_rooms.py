"""Does each room of the reference give its own views, table and words, and read its own part of the address?"""

import csv
import io

import pytest

from quantlab.labs.catalog import LABS
from quantlab.labs.reference.bits import flip
from quantlab.labs.reference.request import ROOMS
from quantlab.labs.reference.views import VIEWS
from tests.steps import drained

LAB = LABS["reference"]


def shown(views=None, **query: str):
    return drained(LAB.show(LAB.read(query), views))[0]


@pytest.mark.slow
@pytest.mark.parametrize("room", ROOMS)
def test_a_room_shows_the_views_that_hang_in_it(room):
    result = shown(room=room)
    assert set(result.films) - {"words"} == {name for name, view in VIEWS.items() if view.room == room}
    assert ("words" in result.films) == bool(result.words(""))
    rows = list(csv.DictReader(io.StringIO(result.csv())))
    assert rows == [{name: str(value) for name, value in row.items()} for row in result.table]
    assert bool(rows) == (room != "bits-of")


def test_views_that_were_not_asked_for_are_not_drawn():
    assert shown(["ranges"], room="schemes").films == {}


@pytest.mark.parametrize(
    "query", [{"bits": "8"}, {"scheme": "nf4"}, {"room": "ranges", "bits": "2"}, {"room": "bits-of", "word": "7f"}], ids=str
)
def test_the_address_is_read_and_written_exactly(query):
    address = LAB.read(query)
    assert address.query == query and not address.notices and not address.problems


def test_a_word_is_cut_to_the_format_and_each_of_its_bits_can_be_turned():
    request = shown(room="bits-of", word="1ff").request
    assert request.word == 0xFF and request.reading.kind == "NaN"
    assert request.reading != shown(room="bits-of", word=f"{flip(request.word, 8, 7):x}").reading


def test_a_wide_format_has_no_line_of_all_its_values():
    assert shown(room="bits-of", format="fp16").films.keys() == {"words"}


def test_the_scheme_changes_the_words_and_not_the_picture():
    nf4, ternary = shown(scheme="nf4"), shown(scheme="ternary")
    assert nf4.scheme.formula != ternary.scheme.formula and nf4.words("4") != ternary.words("4")
    assert nf4.films["scheme-lines"] is ternary.films["scheme-lines"]


@pytest.mark.parametrize("room", ["formats", "bits-of"])
def test_a_format_that_is_none_is_a_problem_in_one_sentence(room):
    address = LAB.read({"room": room, "format": "e3m99"})
    assert len(address.problems) == 1 and shown(room=room, format="e3m99").request.format is None
