"""Films of pictures on a page: each picture by its URL."""

from __future__ import annotations

from weakref import WeakKeyDictionary

from quantlab.film import kind_of, with_header
from quantlab.labs.image.pictures import PictureSet
from quantlab.labs.image.result import ImageResult
from quantlab.labs.image.wipe import with_addresses
from quantlab.labs.lab import LabResult
from quantlab.ui.served import PictureRoute, serve

_routes: WeakKeyDictionary[PictureSet, PictureRoute] = WeakKeyDictionary()  # one address as long as the pictures live


def wipe(result: ImageResult, view: str) -> bytes:
    """The film of the two versions, one of its views chosen."""
    return with_header(_with_urls(result, "wipe"), view=view)


def shown(result: LabResult, view: str) -> bytes:
    """Any view of any lab, its pictures by their addresses where it has such."""
    film = result.films[view]
    return _with_urls(result, view) if isinstance(result, ImageResult) and kind_of(film) in ("wipe", "row") else film


def row(result: ImageResult) -> bytes:
    """The film of the row under the pointer."""
    return _with_urls(result, "row")


def _with_urls(result: ImageResult, film: str) -> bytes:
    def url(name: str) -> str:
        group, _, picture = name.partition("/")
        return f"{_address(result.pictures[group]).url}/{picture}"

    return with_addresses(result.films[film], url)


def _address(pictures: PictureSet) -> PictureRoute:
    if pictures not in _routes:
        _routes.setdefault(pictures, serve(pictures.files.get))
    return _routes[pictures]
