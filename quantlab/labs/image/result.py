"""The image lab's result at one address: every level of a recipe and of the same without its dither; then what takes longer."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from threading import Lock

from quantlab.images import Recipe, compared_with, numbers, one_frame
from quantlab.labs.address import Address
from quantlab.labs.image import words
from quantlab.labs.image.comparison import Comparison, comparison
from quantlab.labs.image.films import films, with_comparison
from quantlab.labs.image.levels import ImageLevels, image_levels
from quantlab.labs.image.pictures import PictureSet
from quantlab.labs.image.request import ImageRequest, image_request_of, without_dither
from quantlab.labs.image.subject import ImageSubject
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

_one_at_a_time = Lock()  # full-size pictures: forty megapixels take gigabytes


@dataclass(frozen=True, eq=False)
class ImageResult:
    """One state of the lab; ``stage`` 1 has SSIM, file sizes and other dithers. plain : the levels without the recipe's dither."""

    request: ImageRequest
    levels: ImageLevels
    plain: ImageLevels | None
    films: Mapping[str, bytes]
    comparison: Comparison | None = None

    @property
    def stage(self) -> int:
        return 0 if self.comparison is None else 1

    @property
    def labels(self) -> tuple[str, ...]:
        return self.levels.labels

    @property
    def pictures(self) -> dict[str, PictureSet]:
        """The pictures that the films name: "plain/3" is picture "3" of the set "plain"."""
        plain = {} if self.plain is None else {"plain": self.plain.pictures}
        maps = {} if self.comparison is None else {"ssim": self.comparison.maps}
        return {"quantized": self.levels.pictures} | plain | maps

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return words.notice(self.levels, self.plain, self.labels.index(label))

    def program(self, label: str) -> str:
        """The program that reproduces the numbers of this level."""
        return words.python(self.request.subject.python, self.request.recipe, label)

    def csv(self) -> str:
        """Every level and its numbers."""
        return words.csv(self.levels, self.comparison)

    def file_name(self, label: str) -> str:
        """A name for the picture at this level."""
        return f"{Path(self.request.subject.title).stem} {words.level_title(self.levels, self.labels.index(label))}.png"

    def full_png(self, label: str) -> bytes:
        """The picture at its own size through the recipe at this level, as PNG."""
        recipe = self.request.recipe
        with _one_at_a_time:
            return numbers.png(one_frame(self.request.subject.full(), recipe, recipe.levels[self.labels.index(label)]))


def psnr_of(result: ImageResult, label: str) -> float:
    """PSNR of a level in dB."""
    return result.levels.frames[result.labels.index(label)].psnr_db


def psnr_at(address: Address) -> float:
    """PSNR of the address's level in dB, by itself."""
    request = image_request_of(address)
    picture, recipe = request.subject.picture, request.recipe
    after = one_frame(picture, recipe, recipe.levels[recipe.labels.index(address["bits"])])
    return numbers.psnr_db(numbers.mse(compared_with(picture, recipe), after))


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[ImageResult], ...]:
    """The films of this state; then those with SSIM, file sizes and other dithers."""
    request, views = image_request_of(address), tuple(views)
    first = Task(("image", request.key, views), lambda: _steps(request, views), "Quantizing at every level")
    whole = Task(("image whole", request.key, views), lambda: _whole_steps(first), "SSIM, file sizes, other dithers")
    return first, whole


def _steps(request: ImageRequest, views: tuple[str, ...]) -> Steps[ImageResult]:
    levels = yield from ENGINE.once(_levels(request.subject, request.recipe))
    plain = None
    if request.recipe.dither != "none":
        plain = yield from ENGINE.once(_levels(request.subject, without_dither(request.recipe)))
    return ImageResult(request, levels, plain, films(levels, plain, views))


def _whole_steps(first: Task[ImageResult]) -> Steps[ImageResult]:
    result = yield from ENGINE.once(first)
    slower = yield from ENGINE.once(_comparison(result))
    return replace(result, comparison=slower, films=with_comparison(result.films, result.levels, result.plain, slower))


def _levels(subject: ImageSubject, recipe: Recipe) -> Task[ImageLevels]:
    return Task(("image levels", subject.key, recipe), lambda: image_levels(subject.picture, recipe))


def _comparison(result: ImageResult) -> Task[Comparison]:
    request, levels, plain = result.request, result.levels, result.plain
    return Task(("image comparison", request.key), lambda: comparison(request.subject.picture, levels, request.dithers, plain))
