"""The network lab's answer: films that fill up, the level under the thumb first, computed once for all who ask for the same."""

from __future__ import annotations

from collections.abc import Generator, Hashable
from dataclasses import dataclass
from functools import cached_property, lru_cache, partial
from typing import Any

from quantlab.labs.network import films as network_films
from quantlab.labs.network import words as network_words
from quantlab.labs.network.frames import Frames, Level
from quantlab.labs.network.programs import answers_program
from quantlab.progress import Progress, counted
from quantlab.ui import jobs
from quantlab.ui.network import sources as network_sources
from quantlab.ui.network.controls import Asked
from quantlab.ui.state import State

NEAR = 5  # stops of the first batch


@dataclass(frozen=True, eq=False)
class Shown:
    """What is known of one state, and its films; ``stage`` 3 is everything."""

    asked: Asked
    frames: Frames
    films: network_films.Films
    stage: int

    def words(self, label: str) -> str:
        return network_words.notice(self.frames, int(label))

    def python(self, label: str) -> str:
        kept, bits = self.asked.kept, int(label)
        same = kept is not None and (kept.source, kept.file) == (self.asked.source, self.asked.file) and bits in kept.widths
        beside = kept.at(bits) if kept is not None and same else None
        return answers_program(network_sources.python(self.asked), self.asked.images, self.asked.at(bits), self.frames.truth, beside)

    @cached_property
    def csv(self) -> str:
        return network_words.csv(self.frames)


def result(asked: Asked, bits: int) -> Shown:
    """The most that is known of this state; at least the level under the thumb, for which it waits."""
    for stage in (3, 2, 1):
        if (known := jobs.known(_key(asked, bits, stage))) is not None:
            return known
    with network_sources.waiting("answers"):
        evaluator = network_sources.evaluator(asked)
        return jobs.run_or_stop(_key(asked, bits, 0), lambda: _steps(evaluator, asked, bits, 0), "Asking the network")


def complete(state: State, shown: Shown, bits: int) -> None:
    """Once the page stands: compute the next part, and draw the page again with it.

    Who only waits for a part that another began goes on to the one after it: a class at once draws its pages fewer times.
    """
    stage, evaluator, follows = shown.stage, network_sources.evaluator(shown.asked), True
    while stage < 3 and follows:
        stage += 1
        key = _key(shown.asked, bits, stage)
        follows = jobs.under_way(key)
        jobs.run_or_stop(key, partial(_steps, evaluator, shown.asked, bits, stage), _WHAT[stage])
    if stage > shown.stage:
        state.draw_again()


_WHAT = {1: "Neighbouring bit widths", 2: "All bit widths", 3: "Weights alone, activations alone"}


def _key(asked: Asked, bits: int, stage: int) -> Hashable:
    return ("cnn", asked, stage, bits if stage < 2 else 0)


def _steps(evaluator: Any, asked: Asked, bits: int, stage: int) -> Generator[Progress, None, Shown]:
    """The films of one stage; what earlier stages computed, the evaluator remembers."""
    from quantlab.networks.engine import evaluation_steps
    from quantlab.networks.settings import FLOAT, bit_settings, nearest_first

    order = nearest_first(list(asked.widths), bits)[: {0: 1, 1: NEAR}.get(stage)]
    exact = Level(evaluator.evaluate(FLOAT.replace(folded=asked.at(order[0]).folded)), _size(evaluator, FLOAT))
    total = len(order) + (2 * len(asked.widths) if stage == 3 else 0)
    found = yield from counted(evaluation_steps(evaluator, {b: asked.at(b) for b in order}, bits), 0, total)
    levels = {b: Level(found[b], _size(evaluator, asked.at(b))) for b in order}
    others: dict[str, Any] = {}
    if stage == 3 and asked.scrub == "both":
        for i, curve in enumerate(("weights", "activations")):
            settings = bit_settings(asked.at(order[0]), curve, asked.widths)
            steps = evaluation_steps(evaluator, settings, bits)
            others[curve] = yield from counted(steps, len(order) + i * len(asked.widths), total)
    test, data = evaluator.runner.test, evaluator.runner.data
    kept = _kept(asked.kept, order) if asked.kept else {}
    frames = Frames(asked.widths, levels, exact, asked.scrub, others, test.pixels, data.classes, data.truth, kept)
    return Shown(asked, frames, network_films.films(frames), stage)


def _kept(kept: Asked, order: list[int]) -> dict[int, Any]:
    """The kept setting's answers at the same stops; they were shown before, so that they are remembered as a rule."""
    evaluator = network_sources.evaluator(kept)
    return {bits: evaluator.evaluate(kept.at(bits)) for bits in order if bits in kept.widths}


@lru_cache(maxsize=256)
def _size(evaluator: Any, setting: Any) -> Any:
    """Bytes of one setting: packing takes as long as answering, and every stage asks again."""
    from quantlab.networks.engine import size

    return size(evaluator.runner, setting)
