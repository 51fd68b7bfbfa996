"""Do pictures go out by their address only, as long as their result lives?"""

import gc

import numpy as np
from starlette.requests import Request

from quantlab.film import unpack
from quantlab.images import Recipe
from quantlab.labs.image.films import films
from quantlab.labs.image.levels import image_levels
from quantlab.labs.image.request import ImageRequest
from quantlab.labs.image.result import ImageResult
from quantlab.labs.image.subject import ImageSubject
from quantlab.progress import finish
from quantlab.ui import served
from quantlab.ui.image.films import row, wipe
from tests.ui.loops import run


def fetched(token: str, name: str):
    """The response to a request for this picture."""
    scope = {"type": "http", "method": "GET", "path": "", "headers": [], "path_params": {"token": token, "name": name}}
    return run(served._picture(Request(scope)))


def test_a_picture_is_served_under_its_name_and_may_be_kept_by_the_browser():
    held = served.serve({"original": b"abc"}.get)
    answer = fetched(held.token, "original")
    assert (answer.status_code, answer.body, answer.media_type) == (200, b"abc", "image/webp")
    assert answer.headers["cache-control"].startswith("private")
    assert held.url.endswith(held.token) and len(held.token) > 20


def test_what_does_not_exist_or_exists_no_more_is_not_found():
    held = served.serve({"original": b"abc"}.get)
    token = held.token
    assert fetched(token, "7").status_code == fetched("guess", "original").status_code == 404
    del held
    gc.collect()
    assert fetched(token, "original").status_code == 404


def test_two_results_never_share_an_address():
    one, other = served.serve({}.get), served.serve({}.get)
    assert one.token != other.token


def test_the_pictures_of_a_film_keep_their_addresses_from_run_to_run_and_lose_them_with_their_result():
    picture = np.random.default_rng(0).integers(0, 256, (16, 16, 3), np.uint8)
    recipe = Recipe(dither="floyd-steinberg")
    levels, plain = (finish(image_levels(picture, r)) for r in (recipe, Recipe()))
    subject = ImageSubject("noise", picture, "", "Noise", lambda: picture)
    result = ImageResult(ImageRequest(subject, recipe, ()), levels, plain, films(levels, plain, ("wipe", "row")))
    film = wipe(result, "error")
    assert film == wipe(result, "error") and unpack(film)[0]["view"] == "error"
    url = unpack(film)[0]["sides"]["quantized"]["urls"][3]
    assert unpack(row(result))[0]["sides"]["quantized"]["urls"][3] == url
    token, name = url.rsplit("/", 2)[1:]
    assert fetched(token, name).body == levels.pictures.files["3"]
    del result, levels
    gc.collect()
    assert fetched(token, name).status_code == 404
