"""Mistakes: the wrong ideas by which exercises are often answered, each with what to say and the state that refutes it.

An exercise computes what each idea gives on the student's own numbers; an answer that lies there is met by name.
A topic is a file of this folder.
"""

from __future__ import annotations

from collections.abc import Mapping

from quantlab.learn.mistakes import (
    bench,
    codebooks,
    compression,
    grids,
    integers,
    language,
    measures,
    model,
    repairs,
    sizes,
    training,
    words,
)
from quantlab.learn.mistakes.base import Mistake

__all__ = ["MISTAKES", "Mistake"]
_TOPICS = (grids, integers, words, sizes, measures, codebooks, repairs, compression, training, language, bench, model)
MISTAKES: Mapping[str, Mistake] = {mistake.slug: mistake for topic in _TOPICS for mistake in topic.MISTAKES}
