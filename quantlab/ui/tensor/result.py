"""The tensor lab's answer: frames and films of a state, computed once for everybody who asks for the same."""

from __future__ import annotations

import math
from collections.abc import Generator, Hashable
from dataclasses import dataclass
from typing import Any

from quantlab.labs.tensor import compare as tensor_compare
from quantlab.labs.tensor import films as tensor_films
from quantlab.labs.tensor import frames as tensor_frames
from quantlab.labs.tensor import words as tensor_words
from quantlab.labs.tensor.scrubs import SCRUBS, Scrub
from quantlab.progress import Progress
from quantlab.types import QuantSpec
from quantlab.ui import cached, jobs, live
from quantlab.ui.state import State
from quantlab.ui.tensor.controls import Tensor, default_tensor


@dataclass(frozen=True)
class Result:
    """Everything the page shows for one state, whatever the level."""

    frames: tensor_frames.Frames
    films: tensor_films.Films
    csv: str
    programs: dict[str, str]


def followed_number(state: State, where: Any) -> float | None:
    """The number a person typed or clicked, or None; what is no number is a problem."""
    raw = state.text("value", "A number; or click one in a chart", where=where, placeholder="0.013")
    if not raw:
        return None
    try:
        number = float(raw)
    except ValueError:
        number = math.nan
    if not math.isfinite(number):
        state.problems.append(f"{raw[:40]!r} is not a number to follow; type one like 0.013.")
        return None
    return number


def result(tensor: Tensor, spec: QuantSpec, scrub: Scrub, follow: float | None) -> Result:
    """The result of this state; shows progress while it is computed, stops the page where it was cancelled."""
    return jobs.run_or_stop(_key(tensor, spec, scrub, follow), lambda: _steps(tensor, spec, scrub, follow), "Quantizing at every level")


def warm() -> None:
    """Compute what the lab opens on, so that the first of a class does not wait for it."""
    tensor, spec, scrub = default_tensor(), QuantSpec("int-symmetric"), SCRUBS["bits"]
    jobs.ahead(_key(tensor, spec, scrub, None), lambda: _steps(tensor, spec, scrub, None))
    jobs.ahead(_compare_key(tensor, spec), lambda: tensor_compare.compare(tensor.x, spec.granularity))


def _key(tensor: Tensor, spec: QuantSpec, scrub: Scrub, follow: float | None) -> Hashable:
    return ("tensor", tensor.key, spec, scrub.slug, follow)


def _compare_key(tensor: Tensor, spec: QuantSpec) -> Hashable:
    return ("compare", tensor.key, spec.granularity)


def _steps(tensor: Tensor, spec: QuantSpec, scrub: Scrub, follow: float | None) -> Generator[Progress, None, Result]:
    shape = tensor.x.shape
    values = scrub.values(spec, shape)
    frames = yield from tensor_frames.frames(
        lambda value: scrub.tensor_at(tensor.x, value),
        lambda value: scrub.spec_at(spec, value),
        scrub.knob(spec),
        values,
        follow,
        cached.sorted_once(tensor.key, tensor.x) if scrub.tensor_at(tensor.x, values[0]) is tensor.x else None,
    )
    programs = {
        frame.point.label: tensor_words.python(f"{tensor.python}\n{scrub.python(value)}", frame.point.spec)
        for frame, value in zip(frames.frames, values, strict=True)
    }
    return Result(frames, tensor_films.films(frames, shape), tensor_words.csv(frames), programs)


def draw_curve(slot: Any, tensor: Tensor, spec: QuantSpec, made: Result) -> None:
    """SQNR along the slider into its slot, with the other schemes' curves if they are known yet."""
    curves = jobs.known(_compare_key(tensor, spec))
    with slot:
        live.plot(cached.curve(made.frames, curves or (), tensor.source == "sine"), key="curve-alone" if curves is None else "curve")


def complete(slot: Any, tensor: Tensor, spec: QuantSpec, made: Result) -> None:
    """Once the page stands: compute the other schemes' curves where a slider of bits shows them, and draw again."""
    key = _compare_key(tensor, spec)
    if made.frames.knob == "bits" and jobs.known(key) is None:
        jobs.run_or_stop(key, lambda: tensor_compare.compare(tensor.x, spec.granularity), "Comparing with all schemes")
        draw_curve(slot, tensor, spec, made)


def words(made: Result, label: str) -> str:
    """What to notice at this level."""
    return tensor_words.notice(made.frames, made.frames.labels.index(label))
