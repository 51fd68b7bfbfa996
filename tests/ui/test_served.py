"""Do pictures go out by their address only, as long as their result lives?"""

import asyncio
import gc
from concurrent.futures import ThreadPoolExecutor

from starlette.requests import Request

from quantlab.ui import served


def fetched(token: str, name: str):
    """The response to a request for this picture."""
    scope = {"type": "http", "method": "GET", "path": "", "headers": [], "path_params": {"token": token, "name": name}}
    with ThreadPoolExecutor(1) as thread:  # of its own: a browser's driver may have a loop running in this one
        return thread.submit(asyncio.run, served._picture(Request(scope))).result()


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
