"""The image lab's answer: levels and films of a state, computed once for everybody who asks for the same."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from threading import Lock

from quantlab.film import with_header
from quantlab.images import Recipe, numbers, one_frame
from quantlab.labs.image import films as image_films
from quantlab.labs.image import words as image_words
from quantlab.labs.image.seen import Compared, Seen, compare, look
from quantlab.progress import Progress
from quantlab.ui import jobs
from quantlab.ui.image.controls import COMPARED, DITHER, Picked, built_in
from quantlab.ui.served import Served, serve
from quantlab.ui.state import State

_one_at_a_time = Lock()  # full-size pictures: forty megapixels take gigabytes


@dataclass(frozen=True, eq=False)
class Result:
    """The levels of one recipe, and the address of their pictures."""

    seen: Seen
    served: Served


@dataclass(frozen=True, eq=False)
class Slow:
    """SSIM, files, curves; and the address of the SSIM maps."""

    compared: Compared
    served: Served


@dataclass(frozen=True)
class Shown:
    """One state of the lab: the recipe's result, the one without its dither beside it, what follows later if it is here."""

    picked: Picked
    own: Result
    plain: Result | None
    dithers: tuple[str, ...]
    slow: Slow | None

    @property
    def films(self) -> image_films.Films:
        return _films(self.own, self.plain)

    def wipe(self, view: str) -> bytes:
        levels = range(len(self.own.seen.labels))
        return with_header(self.films.wipe, view=view, ssim=[f"{self.slow.served.url}/{i}" for i in levels] if self.slow else [])

    @property
    def tiles(self) -> bytes:
        return _tiles(self.own, self.slow)

    @property
    def curves(self) -> bytes:
        return _curves(self.own, self.plain, self.slow)

    @property
    def csv(self) -> str:
        return image_words.csv(self.own.seen, self.slow.compared if self.slow else None)

    def words(self, label: str) -> str:
        """What to notice at this level."""
        seen = self.own.seen
        return image_words.notice(seen, self.plain.seen if self.plain else None, seen.labels.index(label))

    def python(self, label: str) -> str:
        return image_words.python(self.picked.python, self.own.seen.recipe, label)

    def file_name(self, label: str) -> str:
        return f"{Path(self.picked.title).stem} {image_words.level_title(self.own.seen, self.own.seen.labels.index(label))}.png"

    def full_png(self, label: str) -> bytes:
        """The picture at its own size through the recipe at this level, as PNG."""
        recipe = self.own.seen.recipe
        with _one_at_a_time:
            return numbers.png(one_frame(self.picked.full(), recipe, recipe.levels[recipe.labels.index(label)]))


def result(picked: Picked, recipe: Recipe, dithers: tuple[str, ...]) -> Shown:
    """What is shown at once; with progress where it takes long, and the page stops here where it was cancelled."""
    own = jobs.run_or_stop(_key(picked, recipe), lambda: _steps(picked, recipe), "Quantizing at every level")
    plain = None
    if recipe.dither != "none":
        bare = without(recipe)
        plain = jobs.run_or_stop(_key(picked, bare), lambda: _steps(picked, bare), "The same without dither")
    return Shown(picked, own, plain, dithers, jobs.known(_slow_key(picked, recipe, dithers)))


def complete(state: State, shown: Shown) -> None:
    """Once the page stands: compute what takes longer, and draw the page again with it."""
    if shown.slow is None:
        recipe = shown.own.seen.recipe
        key = _slow_key(shown.picked, recipe, shown.dithers)
        jobs.run_or_stop(key, lambda: _slow_steps(shown.picked, shown.own, shown.plain, shown.dithers), "SSIM, file sizes, other dithers")
        state.draw_again()


def without(recipe: Recipe) -> Recipe:
    """The recipe without its dither."""
    return replace(recipe, dither="none", strength=1.0, serpentine=False, seed=0)


def warm() -> None:
    """Compute what the lab opens on, so that the first of a class does not wait for it."""
    picked, recipe = built_in("astronaut"), Recipe(dither=DITHER)
    jobs.ahead(_key(picked, recipe), lambda: _steps(picked, recipe))
    jobs.ahead(_key(picked, without(recipe)), lambda: _steps(picked, without(recipe)))
    own, plain = (jobs.known(_key(picked, one)) for one in (recipe, without(recipe)))
    jobs.ahead(_slow_key(picked, recipe, COMPARED), lambda: _slow_steps(picked, own, plain, COMPARED))


def _key(picked: Picked, recipe: Recipe) -> Hashable:
    return ("image", picked.key, recipe)


def _slow_key(picked: Picked, recipe: Recipe, dithers: tuple[str, ...]) -> Hashable:
    return ("image-slow", picked.key, recipe, dithers)


def _steps(picked: Picked, recipe: Recipe) -> Generator[Progress, None, Result]:
    seen = yield from look(picked.picture, recipe)
    files = {"original": seen.original} | {str(i): data for i, data in enumerate(seen.files)}
    return Result(seen, serve(files.get))


def _slow_steps(picked: Picked, own: Result, plain: Result | None, dithers: tuple[str, ...]) -> Generator[Progress, None, Slow]:
    compared = yield from compare(picked.picture, own.seen, dithers, plain.seen if plain else None)
    return Slow(compared, serve({str(i): data for i, data in enumerate(compared.maps)}.get))


@lru_cache(maxsize=64)
def _films(own: Result, plain: Result | None) -> image_films.Films:
    return image_films.films(own.seen, plain.seen if plain else None, own.served.url, plain.served.url if plain else "")


@lru_cache(maxsize=64)
def _tiles(own: Result, slow: Slow | None) -> bytes:
    return image_films.tiles_film(own.seen, slow.compared if slow else None)


@lru_cache(maxsize=64)
def _curves(own: Result, plain: Result | None, slow: Slow | None) -> bytes:
    return image_films.curves_film(own.seen, plain.seen if plain else None, slow.compared if slow else None)
