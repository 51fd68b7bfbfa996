"""The audio lab's answer: frames and films of a state, computed once for everybody who asks for the same."""

from __future__ import annotations

from collections.abc import Callable, Generator, Hashable
from dataclasses import dataclass

from quantlab.audio.chain import Chain
from quantlab.audio.frames import Frames
from quantlab.labs.audio import films as audio_films
from quantlab.labs.audio import words as audio_words
from quantlab.labs.audio.recipe import ChainRecipe, Recipe
from quantlab.progress import Progress
from quantlab.sources.sounds import to_wav
from quantlab.types import QuantSpec
from quantlab.ui import jobs
from quantlab.ui.audio.controls import Picked, default_sound


@dataclass(frozen=True)
class Result:
    """Everything the page shows for one state, whatever the level."""

    picked: Picked
    recipe: Recipe
    frames: Frames
    films: audio_films.Films
    csv: str

    @property
    def x(self):
        """What is shown of the sound, float32 (N, C)."""
        return self.picked.sound.samples[: self.frames.length]

    @property
    def cut(self) -> str:
        """What is left out of a sound whose levels would not travel, or nothing."""
        return audio_words.cut(self.frames)

    @property
    def scales(self) -> str:
        """What the axes of the spectrograms are."""
        return audio_words.scales(self.frames)

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return audio_words.notice(self.frames, self.frames.labels.index(label), self.recipe)

    def python(self, label: str) -> str:
        """The program that reproduces this level."""
        lines = self.picked.python
        if self.frames.seconds_cut is not None:
            lines += f"\nx = {'x' if 'x = ' in lines else 'sound.samples'}[:{self.frames.length}]"
        elif "x = " not in lines:
            lines += "\nx = sound.samples"
        return audio_words.python(lines, self.recipe, label)

    def pictures(self) -> dict[str, bytes]:
        """Spectrograms by the title above them."""
        return {"Original": self.films.before, "Quantized": self.films.after, "Error": self.films.error}

    def wav(self, label: str) -> Callable[[], bytes]:
        """Makes a wav of what is heard at this level, when it is asked for."""
        return lambda: to_wav(self.recipe.heard(self.x, self.frames.rate, label), self.frames.rate, "PCM_24")


def result(picked: Picked, recipe: Recipe) -> Result:
    """The result of this state; shows progress while it is computed, stops the page where it was cancelled."""
    return jobs.run_or_stop(_key(picked, recipe), lambda: _steps(picked, recipe), "Quantizing at every level")


def warm() -> None:
    """Compute what the lab opens on, so that the first of a class does not wait for it."""
    picked, recipe = default_sound(), ChainRecipe(Chain(QuantSpec("int-symmetric")))
    jobs.ahead(_key(picked, recipe), lambda: _steps(picked, recipe))


def _key(picked: Picked, recipe: Recipe) -> Hashable:
    return ("audio", picked.key, recipe)


def _steps(picked: Picked, recipe: Recipe) -> Generator[Progress, None, Result]:
    frames = yield from recipe.frames(picked.sound)
    return Result(picked, recipe, frames, audio_films.films(frames), audio_words.csv(frames))
