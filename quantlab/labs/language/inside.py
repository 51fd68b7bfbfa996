"""One linear layer of a model with what it reads, for the rooms that look inside; computed in a worker process."""

from __future__ import annotations

import numpy as np

from quantlab.labs.language.measure import observation_of
from quantlab.labs.language.request import LanguageRequest
from quantlab.language.calibration import Observation, place_of
from quantlab.progress import Steps
from quantlab.types import QuantSpec


def observed(request: LanguageRequest) -> Steps[tuple[np.ndarray, Observation]]:
    """The layer's weight (out, K), and what it reads on the calibration text; yields (windows, windows)."""
    look = request.look
    seen = yield from observation_of(request.source, "none", request.calibration, place_of(look.layer, look.kind))
    return request.model.model().linear(look.layer, look.kind), seen


def spec_of(request: LanguageRequest, bits: int) -> QuantSpec:
    """Even steps of so many bits."""
    return QuantSpec(request.scheme, bits=bits, granularity=request.granularity)


def head_of_program(request: LanguageRequest, imports: str, bits: int | None = None) -> str:
    """The beginning of every program that looks inside: the model, the layer and what it reads; with ``bits`` the quantizer."""
    look, model = request.look, request.model
    core = "" if bits is None else "import quantlab as ql\n"
    spec = "" if bits is None else f'spec = ql.QuantSpec("{request.scheme}", bits={bits}, granularity=ql.{request.granularity!r})\n'
    path = "from pathlib import Path\n\n" if "Path(" in model.python else ""
    lines = {
        "from quantlab.language.calibration import calibrate, place_of",
        f"from quantlab.language.catalogue import {model.python.partition('(')[0]}",
        "from quantlab.progress import finish",
        *imports.splitlines(),
    }
    made = "\n".join(sorted(lines))
    return f"""{path}{core}{made}

language = {model.python}
model, seen_text = language.model(), language.tokens("{request.calibration}", {model.calibration})
weight, place = model.linear({look.layer}, "{look.kind}"), place_of({look.layer}, "{look.kind}")
seen = finish(calibrate(model, seen_text, only=place))[place]
{spec}"""
