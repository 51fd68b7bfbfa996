"""What each layer costs, at all bit widths: measured once the page stands, the nearest first; what arrived stays when cancelled."""

from __future__ import annotations

import time
from collections.abc import Generator
from functools import lru_cache, partial
from typing import Any

import streamlit as st

from quantlab.labs.network.axis import FEW
from quantlab.labs.network.costs import Cost, Costs, costs_film
from quantlab.networks.catalogue import CATALOGUE
from quantlab.progress import Progress, counted
from quantlab.ui import jobs
from quantlab.ui.network import sources as network_sources
from quantlab.ui.network.controls import Asked
from quantlab.ui.network.result import NEAR
from quantlab.ui.state import State

_WANTED = "cnn:costs-of"  # the state of which this session wants all levels
IMAGES = 500  # that it is measured on: a layer's cost is seen with fewer than the answers are


@lru_cache(maxsize=64)
def arrived(asked: Asked) -> dict[int, Costs]:
    """What is known of this state, by bits; grows while it is measured."""
    return {}


@lru_cache(maxsize=6)
def on_few(evaluator: Any) -> Any:
    """The same network on the first of its test images."""
    from quantlab.networks.engine import Evaluator

    runner = evaluator.runner
    return evaluator if len(runner.test) <= IMAGES else Evaluator(runner.on(runner.data, IMAGES), evaluator.store)


def film(asked: Asked) -> bytes:
    """The chart of what is known."""
    known = dict(arrived(asked))
    return _film(asked, tuple(known))


@lru_cache(maxsize=32)
def _film(asked: Asked, known: tuple[int, ...]) -> bytes:
    found = arrived(asked)
    return costs_film(asked.widths, {bits: found[bits] for bits in known}, CATALOGUE[asked.source].layers, CATALOGUE[asked.source].truth)


def offer(asked: Asked, bits: int) -> None:
    """Of a network of many layers the other levels are measured when they are asked for: a button that says how long it takes."""
    known, missing = arrived(asked), [b for b in asked.widths if b not in arrived(asked)]
    if not _many(asked) or bits not in known or not missing or st.session_state.get(_WANTED) == asked:
        return
    minutes = max(1, round(known[bits].seconds * len(missing) / 60))
    what = f"{len(missing)} bit widths" if len(missing) > 1 else "bit width"
    label = f"Measure the other {what}: about {minutes} minute{'s' * (minutes > 1)}"
    st.button(label, on_click=_want, args=(asked,), icon=":material/timer:", key="cnn:costs")


def _many(asked: Asked) -> bool:
    return len(CATALOGUE[asked.source].layers) > FEW


def _want(asked: Asked) -> None:
    st.session_state[_WANTED] = asked


def complete(state: State, asked: Asked, bits: int) -> None:
    """Once the page stands: this level, its neighbours, all; the page is drawn again with each part."""
    from quantlab.networks.settings import nearest_first

    evaluator = network_sources.evaluator(asked)
    order = nearest_first(list(asked.widths), bits)
    for count in (1,) if _many(asked) and st.session_state.get(_WANTED) != asked else (1, NEAR, len(order)):
        if not set(order[:count]) <= arrived(asked).keys():
            key = ("cnn-cost", asked, count, bits if count < len(order) else 0)
            found = jobs.run_or_stop(key, partial(_steps, evaluator, asked, order[:count]), "What each layer costs")
            arrived(asked).update(found)  # of a job that ran before and has been forgotten here
            state.draw_again()


def _steps(evaluator: Any, asked: Asked, order: list[int]) -> Generator[Progress, None, dict[int, Costs]]:
    """Each layer alone, and all but it, at the widths of ``order`` that have not arrived."""
    from quantlab.networks.engine import sensitivity_steps
    from quantlab.networks.settings import FLOAT

    few, known = on_few(evaluator), arrived(asked)
    missing = [bits for bits in order if bits not in known]
    each = 2 * len(CATALOGUE[asked.source].layers)
    for i, bits in enumerate(missing):
        setting, start = asked.at(bits), time.monotonic()
        steps = sensitivity_steps(few, setting, bits, weights=asked.scrub != "activations", activations=asked.scrub != "weights")
        found = yield from counted(steps, i * each, len(missing) * each)
        exact = few.evaluate(FLOAT.replace(folded=setting.folded)).top(1)
        layers = tuple(Cost(s.layer, s.alone.top(1), s.all_but.top(1)) for s in found)
        known[bits] = Costs(exact, layers, time.monotonic() - start)
    return {bits: known[bits] for bits in order}
