"""The audio lab's result at one address: frames of every level, films made of them, words, program, numbers, sounds."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab import metrics
from quantlab.audio.frames import Frames
from quantlab.labs.address import Address
from quantlab.labs.audio import films, words
from quantlab.labs.audio.request import AudioRequest, request_of
from quantlab.progress import Steps
from quantlab.sources.sounds import to_wav
from quantlab.tasks import ENGINE, Task


@dataclass(frozen=True, eq=False)
class AudioResult:
    """One state of the lab, whatever the level."""

    request: AudioRequest
    frames: Frames
    films: Mapping[str, bytes]
    stage: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        return self.frames.labels

    @property
    def x(self) -> np.ndarray:
        """The part of the sound that is shown, float32 (N, C)."""
        return self.request.subject.sound.samples[: self.frames.length]

    def heard(self, label: str) -> np.ndarray:
        """The sound at this level, float32 (N, C)."""
        return self.request.recipe.heard(self.x, self.frames.rate, label)

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return words.notice(self.frames, self.labels.index(label), self.request.recipe)

    @property
    def cut(self) -> str:
        """A sentence on what is left out of a sound whose levels would not travel, or nothing."""
        return words.cut(self.frames)

    @property
    def scales(self) -> str:
        """A sentence on the axes of the spectrograms."""
        return words.scales(self.frames)

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        lines = self.request.subject.python
        if self.frames.seconds_cut is not None:
            lines += f"\nx = {'x' if 'x = ' in lines else 'sound.samples'}[:{self.frames.length}]"
        elif "x = " not in lines:
            lines += "\nx = sound.samples"
        return words.python(lines, self.request.recipe, label)

    def csv(self) -> str:
        """Every level and its numbers."""
        return words.csv(self.frames)

    def wav(self, label: str) -> bytes:
        """A wav of what is heard at this level, 24 bits."""
        return to_wav(self.heard(label), self.frames.rate, "PCM_24")


def sqnr_of(result: AudioResult, label: str) -> float:
    """SQNR of a level in dB."""
    return float(result.frames.levels[result.labels.index(label)].numbers["sqnr_db"])


def sqnr_at(address: Address) -> float:
    """SQNR of the address's level in dB, by itself."""
    request = request_of(address)
    sound = request.subject.sound
    return metrics.sqnr_db(sound.samples, request.recipe.heard(sound.samples, sound.rate, address["bits"]))


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[AudioResult], ...]:
    """The films of this state."""
    request, views = request_of(address), tuple(views)
    return (Task(("audio", request.key, views), lambda: _steps(request, views), "Quantizing at every level"),)


def _steps(request: AudioRequest, views: tuple[str, ...]) -> Steps[AudioResult]:
    frames = yield from ENGINE.once(Task(("audio frames", request.key), lambda: request.recipe.frames(request.subject.sound)))
    return AudioResult(request, frames, films.films(frames, request.recipe, views))
