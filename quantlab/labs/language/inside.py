"""One linear layer of a model with what it reads, for the rooms that look inside; computed in a worker process."""

from __future__ import annotations

import numpy as np

from quantlab.labs.language.measure import calibration_of
from quantlab.labs.language.request import LanguageRequest
from quantlab.language.calibration import Observation, place_of
from quantlab.types import QuantSpec


def observed(request: LanguageRequest) -> tuple[np.ndarray, Observation]:
    """The layer's weight (out, K), and what it reads on the calibration text."""
    look = request.look
    seen = calibration_of(request.source, "none", request.calibration)
    return request.model.model().linear(look.layer, look.kind), seen[place_of(look.layer, look.kind)]


def spec_of(request: LanguageRequest, bits: int) -> QuantSpec:
    """Even steps of so many bits."""
    return QuantSpec(request.scheme, bits=bits, granularity=request.granularity)


def head_of_program(request: LanguageRequest, imports: str, bits: int | None = None) -> str:
    """The beginning of every program that looks inside: the model, the layer and what it reads; with ``bits`` the quantizer."""
    look = request.look
    core = "" if bits is None else "import quantlab as ql\n"
    spec = "" if bits is None else f'spec = ql.QuantSpec("{request.scheme}", bits={bits}, granularity=ql.{request.granularity!r})\n'
    return f"""{core}from quantlab.language.calibration import calibrate, place_of
{imports}from quantlab.language.shipped import load, tokens_of
from quantlab.progress import finish

model = load("{request.source}")
weight, place = model.linear({look.layer}, "{look.kind}"), place_of({look.layer}, "{look.kind}")
calibration = finish(calibrate(model, tokens_of("{request.calibration}", {request.model.calibration})))
{spec}"""
