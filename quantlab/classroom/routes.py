"""What students' browsers ask of a class, by HTTP: join it, answer, and what everybody may know of it.

    POST ql/class/BCDFG/join    {"name": "Ada", "key": "…"}                         -> {"token": "…"}
    POST ql/class/BCDFG/answer  {"question", "round", "key", "answer", "made"}      -> {"new": true}
    GET  ql/class/BCDFG/state                                                       -> what `State.as_json` holds
    GET  c/BCDFG                                                                    -> the class's page

The token is sent as ``Authorization: Bearer …``, so that it is in no address and no log. What is refused is answered with its
sentence: ``{"refused": "…"}``. 503 and 429 mean that the browser keeps its answer and sends it again.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Callable
from typing import Any

from cachetools import TTLCache
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Route

from quantlab.classroom.limits import GUARD
from quantlab.classroom.problem import StoreProblem
from quantlab.classroom.rules import Refusal, Vote, read_code
from quantlab.packages import absent, install_command

_LONGEST = 16_384  # bytes of a request
_FRESH = 0.5  # seconds for which all who ask for a class's state get the same one
_NOT_KEPT = {"Cache-Control": "no-store"}
_WRONG = (401, 403, 404)
_states: TTLCache[str, dict[str, Any]] = TTLCache(1000, _FRESH)
_reading = threading.Lock()

Do = Callable[[Any, str, dict[str, Any], str], dict[str, Any]]  # the store, the code, what was sent, the token


def routes(below: str) -> list[Route]:
    """The routes of classes; ``below`` is what stands before them in every address."""
    return [
        Route(f"{below}ql/class/{{code}}/join", _post(_join), methods=["POST"]),
        Route(f"{below}ql/class/{{code}}/answer", _post(_answer), methods=["POST"]),
        Route(f"{below}ql/class/{{code}}/state", _state),
        Route(f"{below}c/{{code}}", _short),
    ]


def _join(store: Any, code: str, sent: dict[str, Any], _: str) -> dict[str, Any]:
    return {"token": store.join(code, _text(sent, "name"), _text(sent, "key"))}


def _answer(store: Any, code: str, sent: dict[str, Any], token: str) -> dict[str, Any]:
    missing = [name for name in ("question", "round", "key", "answer") if name not in sent]
    if missing:
        raise Refusal(f"The answer is not complete: {', '.join(missing)} is missing.")
    vote = Vote(sent["question"], sent["round"], sent["key"], sent["answer"], sent.get("made", 0))
    return {"new": store.answer(code, token, vote)}


def _known(store: Any, code: str, _: dict[str, Any], token: str) -> dict[str, Any]:
    """The state; without a token the one that all get, read at most twice a second."""
    if token:
        return dict(store.state(code, token).as_json())
    code = read_code(code)
    with _reading:
        if code not in _states:
            _states[code] = store.state(code).as_json()
        return dict(_states[code])


def _text(sent: dict[str, Any], name: str) -> str:
    text = sent.get(name, "")
    if not isinstance(text, str):
        raise Refusal(f"{name} has to be a text.")
    return text


def _post(do: Do) -> Callable[[Request], Any]:
    async def answered(request: Request) -> Response:
        return await _told(request, do)

    return answered


async def _state(request: Request) -> Response:
    return await _told(request, _known)


async def _told(request: Request, do: Do) -> Response:
    """What is done, or the sentence that says why it is not."""
    address = request.client.host if request.client else ""
    scheme, _, token = request.headers.get("authorization", "").partition(" ")
    try:
        GUARD.check(address)
        sent = await _sent(request)
        token = token.strip()[:200] if scheme.lower() == "bearer" else ""
        return JSONResponse(await run_in_threadpool(_done, do, request.path_params["code"], sent, token), headers=_NOT_KEPT)
    except Refusal as refusal:
        if refusal.status in _WRONG:
            GUARD.failed(address)
        return JSONResponse({"refused": str(refusal)}, refusal.status, _NOT_KEPT)
    except StoreProblem as problem:
        return JSONResponse({"refused": str(problem)}, 503, _NOT_KEPT | {"Retry-After": "2"})


def _done(do: Do, code: str, sent: dict[str, Any], token: str) -> dict[str, Any]:
    if missing := absent("class"):
        raise StoreProblem(f"Classes need more on this server: {install_command(missing)}")
    from quantlab.classroom.store import shared

    return do(shared(), code, sent, token)


async def _sent(request: Request) -> dict[str, Any]:
    """The JSON that was sent, read no further than it may be long; nothing for a GET."""
    if request.method != "POST":
        return {}
    body = b""
    async for part in request.stream():
        body += part
        if len(body) > _LONGEST:
            raise Refusal(f"A request has at most {_LONGEST} bytes.", 413)
    try:
        sent = json.loads(body)
    except (ValueError, RecursionError):
        sent = None
    if not isinstance(sent, dict):
        raise Refusal("A request is a JSON object.", 400)
    return sent


async def _short(request: Request) -> Response:
    """The class's page from its short address, which a person can type."""
    try:
        code = read_code(request.path_params["code"])
    except Refusal:
        return RedirectResponse("../learn?part=class", 307)
    return RedirectResponse(f"../learn?part=class&code={code}", 307)
