"""The result of the first room: all levels with the norms following, how much each layer minds, then fine-tuned levels where asked for."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial

from quantlab.labs.compress.measure import Level, pruning_cost_steps, ready_steps, request_level_steps
from quantlab.labs.compress.program import shrink_program
from quantlab.labs.compress.request import CompressRequest
from quantlab.labs.compress.shrink import films, words
from quantlab.labs.compress.shrink.frames import Frames
from quantlab.labs.of_request import OfRequest
from quantlab.networks.settings import nearest_first
from quantlab.networks.shrinking import ALONE_SHARES
from quantlab.progress import Steps, counted, part
from quantlab.tasks import ENGINE, Task

MINDS = 2  # the stage that knows how much each layer minds
TUNED = 3  # the stage that knows this level fine-tuned
_TITLES = ("Pruning, sharing, coding", "All levels", "How much each layer minds", "Fine-tuning this level", "Fine-tuning all levels")


@dataclass(frozen=True, eq=False)
class ShrinkResult(OfRequest):
    """What is known of one request."""

    request: CompressRequest
    frames: Frames
    films: Mapping[str, bytes]
    stage: int

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return words.notice(self.frames, int(label))

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return shrink_program(self.request, self.request.at(int(label)))

    def csv(self) -> str:
        """Every level and its numbers."""
        return words.csv(self.frames)

    def file(self, label: str) -> bytes:
        """The file of this level, as it is downloaded; no bytes while it is not known."""
        level = self.frames.level(int(label))
        return b"" if level is None else level.file


def tasks(request: CompressRequest, stop: int) -> tuple[Task[ShrinkResult], ...]:
    """This level; all levels; how much each layer minds; where the address asks for epochs this level fine-tuned, then all levels."""
    return tuple(_task(request, stop, stage) for stage in range(TUNED + 2 if request.base.epochs else TUNED))


def _task(request: CompressRequest, stop: int, stage: int) -> Task[ShrinkResult]:
    return Task(("shrink", request, stop if stage in (0, TUNED) else 0, stage), partial(_steps, request, stop, stage), _TITLES[stage])


def _steps(request: CompressRequest, stop: int, stage: int) -> Steps[ShrinkResult]:
    """The films of one stage; what earlier stages computed is remembered."""
    of = yield from ready_steps(request.source)
    stops = nearest_first(list(request.stops), stop)[: None if stage else 1]
    ahead = {TUNED: [stop], TUNED + 1: stops}.get(stage, [])
    total = len(stops) + len(ahead)
    quick: dict[int, Level] = {}
    for i, level in enumerate(stops):
        quick[level] = yield from part(request_level_steps(request.untuned, level), i, total)
    minds = None
    if stage >= MINDS:
        task = Task(("pruning costs", request.source), partial(pruning_cost_steps, request.source), _TITLES[MINDS])
        layers, bits = yield from counted(ENGINE.once(task), 0, 100 * total)
        minds = (layers, ALONE_SHARES, bits)
    tuned: dict[int, Level] = {}
    for i, level in enumerate(ahead):
        tuned[level] = yield from part(request_level_steps(request, level), len(stops) + i, total)
    layer = max(of.magnitudes, key=lambda name: of.magnitudes[name].size).rpartition(".")[0]
    weights = of.network.modules.state_dict()[f"{layer}.weight"].numpy().ravel()
    frames = Frames(request, quick, tuned, minds, layer, weights)
    return ShrinkResult(request, frames, films.films(frames), stage)
