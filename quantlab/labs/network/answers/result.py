"""The result of the room of answers: films that fill up, the level under the thumb first, computed once for all who ask for the same."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from quantlab.caching import lru_cache
from quantlab.labs.network.answers import films, words
from quantlab.labs.network.answers.frames import Frames, Level
from quantlab.labs.network.network import evaluator_steps, source_lines, tasks_of
from quantlab.labs.network.programs import answers_program
from quantlab.labs.network.request import NetworkRequest
from quantlab.networks import engine
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import Size
from quantlab.networks.settings import FLOAT, Setting, bit_settings, nearest_first
from quantlab.progress import Steps, counted
from quantlab.tasks import Task

NEAR = 5  # stops of the first batch
ALL = 3  # the stage that knows everything
_TITLES = ("Asking the network", "Neighbouring bit widths", "All bit widths", "Weights alone, activations alone")


@dataclass(frozen=True, eq=False)
class AnswersResult:
    """The answers known of one request. pinned_note : why the pinned setting is not shown, "" where it is or there is none."""

    request: NetworkRequest
    frames: Frames
    films: Mapping[str, bytes]
    stage: int
    pinned_note: str = ""

    @property
    def labels(self) -> tuple[str, ...]:
        return self.frames.labels

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return words.notice(self.frames, int(label))

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        request, bits = self.request, int(label)
        pinned = request.pinned
        same = pinned is not None and pinned.subject == request.subject and bits in pinned.widths
        beside = pinned.at(bits) if pinned is not None and same else None
        return answers_program(source_lines(request.subject), request.images, request.at(bits), self.frames.truth, beside)

    def csv(self) -> str:
        """Every level and its numbers."""
        return words.csv(self.frames)


def tasks(request: NetworkRequest, bits: int) -> tuple[Task[AnswersResult], ...]:
    """This level; its neighbours; all levels; what weights alone and activations alone do."""
    return tuple(_task(request, bits, stage) for stage in range(ALL + 1))


def _task(request: NetworkRequest, bits: int, stage: int) -> Task[AnswersResult]:
    key = ("network answers", request, stage, bits if stage < 2 else 0)
    return Task(key, lambda: _steps(request, bits, stage), _TITLES[stage], tasks_of(request.subject) if stage == 0 else ())


def _steps(request: NetworkRequest, bits: int, stage: int) -> Steps[AnswersResult]:
    """The films of one stage; what earlier stages computed, the evaluator remembers."""
    evaluator = yield from evaluator_steps(request)
    data, test = evaluator.runner.data, evaluator.runner.test
    request = request.calibrated_on(len(data.calibration))
    order = nearest_first(list(request.widths), bits)[: {0: 1, 1: NEAR}.get(stage)]
    exact = Level(evaluator.evaluate(FLOAT.replace(folded=request.setting.folded)), _size(evaluator, FLOAT))
    total = len(order) + (2 * len(request.widths) if stage == ALL else 0)
    evaluations = yield from counted(engine.evaluation_steps(evaluator, {b: request.at(b) for b in order}, bits), 0, total)
    levels = {b: Level(evaluations[b], _size(evaluator, request.at(b))) for b in order}
    others: dict[str, Mapping[int, Evaluation]] = {}
    if stage == ALL and request.scrub == "both":
        for i, curve in enumerate(("weights", "activations")):
            steps = engine.evaluation_steps(evaluator, bit_settings(request.at(order[0]), curve, request.widths), bits)
            others[curve] = yield from counted(steps, len(order) + i * len(request.widths), total)
    request, pinned, note = yield from _pinned_steps(request, data.digest, order)
    frames = Frames(request.widths, levels, exact, request.scrub, others, test.pixels, data.classes, data.truth, pinned)
    return AnswersResult(request, frames, films.films(frames), stage, note)


def _pinned_steps(request: NetworkRequest, digest: str, order: list[int]) -> Steps[tuple[NetworkRequest, dict[int, Evaluation], str]]:
    """The request with its pinned setting where that answers the same images, its answers, and why it does not, if so.

    They were shown before, so that they are remembered as a rule.
    """
    if request.pinned is None:
        return request, {}, ""
    alone = request.with_pin(None)
    try:
        evaluator = yield from evaluator_steps(request.pinned)
    except ValueError as problem:
        return alone, {}, f"It cannot be compared: {problem}"
    data = evaluator.runner.data
    if data.digest != digest:
        return alone, {}, "It answers other images, so that it is not compared with this one."
    pinned = request.pinned.calibrated_on(len(data.calibration))
    answers = {bits: evaluator.evaluate(pinned.at(bits)) for bits in order if bits in pinned.widths}
    return alone.with_pin(pinned), answers, ""


@lru_cache(maxsize=256)
def _size(evaluator: engine.Evaluator, setting: Setting) -> Size:
    """Bytes of one setting: packing takes as long as answering, and every stage asks again."""
    return evaluator.size(setting)
