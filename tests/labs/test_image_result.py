"""Is the image lab a function of its address: what it reads, what it computes at once and what later?"""

import pytest

from quantlab.film import unpack
from quantlab.images import Recipe
from quantlab.labs.image.lab import LAB
from quantlab.labs.image.request import image_request_of
from quantlab.labs.image.words import LATER
from quantlab.progress import finish
from quantlab.tasks import ENGINE

CHEAP = {"source": "chelsea", "what": "grey", "dither": "bayer-2"}


def test_it_opens_on_error_diffusion_of_a_face_beside_no_dither():
    address = LAB.read({})
    request = image_request_of(address)
    assert (request.subject.title, request.recipe, request.dithers) == ("Astronaut", Recipe(dither="floyd-steinberg"), ("none",))
    assert (address["view"], address["bits"], address.query) == ("plain", "2", {})


@pytest.mark.parametrize(
    "query",
    [
        {"what": "ycbcr", "luma": "6", "dither": "none", "view": "error"},
        {"what": "palette", "palette": "k-means", "dither": "atkinson", "strength": "0.5", "bits": "8"},
        {"scheme": "float", "own": "e3m4"},
        {"rounding": "stochastic", "dice": "5"},
        {"dither": "white-noise", "dice": "7", "compare": "none-of-them"},
        {"what": "dct", "dead_zone": "1.5", "bits": "5"},
        {"scheme": "mx", "format": "mxfp6-e2m3"},
    ],
    ids=str,
)
def test_an_address_is_written_as_it_was_read(query):
    address = LAB.read(query)
    assert not address.notices and not address.problems and address.query == query


@pytest.mark.parametrize("try_this", LAB.tries, ids=lambda entry: entry.title)
def test_every_try_is_an_address_that_can_be_read(try_this):
    address = LAB.read(try_this.query)
    assert not address.notices and not address.problems and address.query == try_this.query


def test_what_takes_longer_follows_and_changes_only_the_films_that_wait_for_it():
    tasks = LAB.tasks(LAB.read(CHEAP), tuple(LAB.views))
    first, whole = (ENGINE.ahead(task) for task in tasks)
    assert (first.stage, whole.stage) == (0, 1) and set(first.films) == set(whole.films) == set(LAB.views)
    assert {view for view in LAB.views if first.films[view] != whole.films[view]} == {"wipe", "curves", "numbers"}
    assert LATER in first.films["numbers"].decode("utf-8", "replace") or "\\u2026" in first.films["numbers"].decode("latin-1")
    assert first.csv().splitlines()[1].endswith(",,,") and not whole.csv().splitlines()[1].endswith(",")


def test_every_picture_that_a_film_names_is_one_of_the_result_s():
    result = finish(LAB.show(LAB.read(CHEAP), ["wipe"]))
    header, _ = unpack(result.films["wipe"])
    names = [header["original"], *header["ssim"], *(name for side in header["sides"].values() for name in side.get("urls", ()))]
    assert len(names) > 2 * len(result.labels)
    for name in names:
        group, picture = name.split("/")
        assert result.pictures[group].files[picture].startswith(b"RIFF")


def test_the_level_is_no_part_of_what_is_computed():
    few, many = (LAB.tasks(LAB.read(CHEAP | {"bits": bits, "view": "error"}), ("wipe",))[0].key for bits in ("1", "7"))
    assert few == many
