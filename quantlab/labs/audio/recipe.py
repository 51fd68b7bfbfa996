"""Recipes of the audio lab, two kinds: a converter of any scheme, or MP3's transform, at every stop of the slider.

Both know their labels, their frames, what is heard at one level, and the lines of Python that make it.
"""

from __future__ import annotations

from collections.abc import Generator
from dataclasses import dataclass, replace
from typing import ClassVar, Protocol

import numpy as np

from quantlab.audio import mdct
from quantlab.audio.chain import Chain
from quantlab.audio.frames import Frames, frames, mdct_frames
from quantlab.caching import cached_property
from quantlab.labs.tensor.scrubs import SCRUBS
from quantlab.progress import Progress
from quantlab.sources.sounds import Sound

_BITS = SCRUBS["bits"]
_SHAPE = (2, 1)  # of any sound, as far as the number of levels goes


class Recipe(Protocol):
    """Frozen and hashable: part of a cache key. ``title`` names the slider."""

    @property
    def title(self) -> str: ...
    @property
    def labels(self) -> tuple[str, ...]: ...
    @property
    def default(self) -> str: ...
    def frames(self, sound: Sound) -> Generator[Progress, None, Frames]: ...
    def heard(self, x: np.ndarray, rate: int, label: str) -> np.ndarray: ...
    def python(self, label: str) -> str: ...


@dataclass(frozen=True)
class ChainRecipe:
    """Any scheme of the core, with dither, shaping, another rate; ``chain``'s bits or format are set by the slider."""

    chain: Chain

    @property
    def title(self) -> str:
        return _BITS.title(self.chain.spec)

    @cached_property
    def labels(self) -> tuple[str, ...]:
        return _BITS.labels(self.chain.spec, _SHAPE)

    @property
    def default(self) -> str:
        return "6" if "6" in self.labels else _BITS.default_label(self.chain.spec, _SHAPE)

    def at(self, label: str) -> Chain:
        """The chain at one stop of the slider."""
        values = _BITS.values(self.chain.spec, _SHAPE)
        return replace(self.chain, spec=_BITS.spec_at(self.chain.spec, values[self.labels.index(label)]))

    def frames(self, sound: Sound) -> Generator[Progress, None, Frames]:
        return (yield from frames(sound, [self.at(label) for label in self.labels], self.labels))

    def heard(self, x: np.ndarray, rate: int, label: str) -> np.ndarray:
        """float32, x's shape (N, C)."""
        return self.at(label).convert(x, rate).heard

    def python(self, label: str) -> str:
        chain = self.at(label)
        spec = repr(chain.spec).replace("QuantSpec(", "ql.QuantSpec(").replace("=per_", "=ql.per_")
        changed = {name: getattr(chain, name) for name in ("rise", "dither", "shaping", "factor", "antialias")}
        options = "".join(f", {name}={value!r}" for name, value in changed.items() if value != getattr(Chain, name))
        converted = "converted = chain.convert(x, sound.rate)\nheard, step = converted.heard, converted.step_near_zero"
        return f"chain = Chain({spec}{options})\n{converted}"


@dataclass(frozen=True)
class MdctRecipe:
    """The power law on coefficients of the modified cosine transform; the slider sets the bits of the largest code."""

    size: int = 2048
    shape: str = "sine"
    title: ClassVar[str] = "Bits"
    labels: ClassVar[tuple[str, ...]] = tuple(map(str, range(2, 15)))
    default: ClassVar[str] = "6"

    def frames(self, sound: Sound) -> Generator[Progress, None, Frames]:
        return (yield from mdct_frames(sound, [int(label) for label in self.labels], self.size, self.shape))

    def heard(self, x: np.ndarray, rate: int, label: str) -> np.ndarray:
        """float32, x's shape (N, C)."""
        coefficients = mdct.forward(x, self.size, self.shape)
        return mdct.code(x, rate, mdct.gain_for(coefficients, int(label)), self.size, self.shape, coefficients).heard

    def python(self, label: str) -> str:
        how = f"{self.size}, {self.shape!r}"
        return (
            f"coefficients = mdct.forward(x, {how})\n"
            f"coded = mdct.code(x, sound.rate, mdct.gain_for(coefficients, {label}), {how})\n"
            "heard, step = coded.heard, None"
        )
