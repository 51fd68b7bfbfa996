"""Numba's decorator with this project's settings, and its types; the only module that imports numba.

``given(float32, 2)`` is an array that is read, ``filled(float32, 2)`` one that is written; both lie in the order of C.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from typing import Any, TypeVar, cast

from quantlab.cache_folder import cache_folder

F = TypeVar("F", bound=Callable[..., Any])


def _machine_code() -> str | None:
    """The folder for compiled loops, beside the results that are kept; None where none can be written."""
    folder = cache_folder()
    if folder is None:
        return None
    place = folder / "loops"
    try:
        place.mkdir(parents=True, exist_ok=True)
    except OSError:  # a read-only home: compiled anew in every process
        return None
    return str(place) if os.access(place, os.W_OK) else None


KEPT = os.environ.get("NUMBA_CACHE_DIR") or _machine_code()
if KEPT:
    os.environ.setdefault("NUMBA_CACHE_DIR", KEPT)  # numba reads it as it is imported

import numba  # noqa: E402
from numba.core.types import Array  # noqa: E402

boolean, void = numba.boolean, numba.void
float32, float64, int32, int64, uint8 = numba.float32, numba.float64, numba.int32, numba.int64, numba.uint8


def given(dtype: Any, dimensions: int = 1) -> Any:
    """An array that the loop reads; numba's types have none of their own for us to state."""
    return Array(dtype, dimensions, "C", readonly=True)


def filled(dtype: Any, dimensions: int = 1) -> Any:
    """An array that the loop writes."""
    return Array(dtype, dimensions, "C")


def loop(*signatures: Any) -> Callable[[F], F]:
    """Compile a function for these types alone; without any it is a part of the loops beside it."""

    def compiled(function: F) -> F:
        ours: dict[str, Any] = {"nogil": True, "error_model": "numpy"}  # x / 0 is infinite, as in numpy
        if not signatures:
            return cast(F, numba.njit(**ours)(function))
        setattr(numba.config, "CACHE_DIR", KEPT or "")  # noqa: B010  # numba may have been imported before us, and its types name no settings
        return cast(F, numba.njit(list(signatures), cache=KEPT is not None, **ours)(function))

    return compiled
