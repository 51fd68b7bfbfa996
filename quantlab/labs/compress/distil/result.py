"""The result of the room of distillation: the teacher's softened answers at once, students where they are asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab import workers
from quantlab.cache_folder import cache_folder
from quantlab.labs.compress.distil import films, words
from quantlab.labs.compress.distil.frames import DistilFrames, Trained, hesitation
from quantlab.labs.compress.measure import answers_of, shrinker_of
from quantlab.labs.compress.program import distil_program
from quantlab.labs.compress.request import DistilRequest
from quantlab.networks import compressed, engine
from quantlab.networks.store import Store
from quantlab.progress import Steps
from quantlab.tasks import ENGINE, Task

WIDTHS: dict[str, float | None] = {"quarter": 0.25, "half": 0.5, "two-bit": None}

TEMPERATURE = 4  # that the room opens on


@dataclass(frozen=True, eq=False)
class DistilResult:
    """What is known of one request."""

    request: DistilRequest
    frames: DistilFrames
    films: Mapping[str, bytes]
    stage: int

    @property
    def labels(self) -> tuple[str, ...]:
        return self.frames.labels

    def words(self, label: str) -> str:
        """What to notice at this temperature."""
        return words.notice(self.frames, int(label))

    def program(self, label: str) -> str:
        """The program that trains the students of this temperature."""
        return distil_program(self.request, int(label), WIDTHS[self.request.student])

    def csv(self) -> str:
        """Softened answers and students."""
        return words.csv(self.frames)


def tasks(request: DistilRequest, temperature: int) -> tuple[Task[DistilResult], ...]:
    """The teacher; then, where they are asked for, the students of this temperature."""
    teacher = Task[DistilResult](("teacher", request), partial(_steps, request, None), "Asking the teacher")
    if not request.trained:
        return (teacher,)
    key = ("students", request, temperature)
    return teacher, Task(key, partial(_steps, request, temperature), f"Training students at temperature {temperature}")


def trained_task(request: DistilRequest, temperature: int) -> Task[Trained]:
    """Students of one temperature, which all who ask share."""
    return Task(("trained", request, temperature), partial(_trained_steps, request, temperature), "Training students")


def _steps(request: DistilRequest, temperature: int | None) -> Steps[DistilResult]:
    yield 0, 1
    of, answers = shrinker_of(request.source), answers_of(request.source, request.images)
    trained = None
    if temperature is not None:
        trained = yield from ENGINE.once(trained_task(request, temperature))
    labels = of.data.test.first(answers.images).labels
    place = hesitation(answers.reference, labels)
    pixels = of.data.test.pixels[place]
    right = float((answers.reference.argmax(1) == labels).mean())
    bytes_ = len(compressed.write(engine.held(of.network), huffman=False))
    rgb = np.repeat(pixels, 3, axis=-1) if pixels.shape[-1] == 1 else pixels
    frames = DistilFrames(request, of.data.classes, answers.reference[place], int(labels[place]), rgb, right, bytes_, trained)
    return DistilResult(request, frames, films.films(frames), int(trained is not None))


def _trained_steps(request: DistilRequest, temperature: int) -> Steps[Trained]:
    of, answers = shrinker_of(request.source), answers_of(request.source, request.images)
    way = engine.Distilling(WIDTHS[request.student], float(temperature), request.mix, tuple(range(request.seeds)))
    students = yield from workers.steps(partial(engine.distil_steps, of.network, of.data, way, Store(cache_folder())), request.source)
    alone, distilled = engine.distilled_top1(answers, way, students)
    return Trained(temperature, tuple(alone), tuple(distilled), len(compressed.write(students.distilled[0])))
