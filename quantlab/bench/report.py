"""Reports of the bench: all boxes on one subject, a verdict against targets, as JSON that a later report is compared with."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import import_module
from typing import Any  # JSON's values

import numpy as np

from quantlab import __version__
from quantlab.bench.blackbox import answers_of, black_box, regression
from quantlab.bench.confidence import calibration_error, probabilities, reliability
from quantlab.bench.greybox import EXAMPLES, UNIFORM, bisection, grey_box, switches_of
from quantlab.bench.structure import in_integers
from quantlab.bench.subject import Subject
from quantlab.bench.targets import Target
from quantlab.bench.whitebox import white_box
from quantlab.progress import Steps

Report = dict[str, Any]


def report_steps(subject: Subject, targets: Sequence[Target] = ()) -> Steps[Report]:
    """The report of a subject; yields (done, total) a box."""
    yield 0, 4
    answers = answers_of(subject, robustness=True)
    black = black_box(subject, answers)
    yield 1, 4
    white = white_box(subject)
    yield 2, 4
    switches = switches_of(subject)
    errors, grey = grey_box(subject, switches)
    yield 3, 4
    measures: dict[str, float] = {"size": subject.model.bytes / max(subject.exact.bytes, 1)}
    more: Report = {}
    finite = bool(np.isfinite(answers.quantized).all())
    if finite:
        measures["mse"] = answers.output_mse
    if answers.classifier and finite:
        after, before, change = answers.evaluation, answers.float_evaluation, answers.evaluation.difference
        measures |= {"top1": after.top(1).value, "top1_float": before.top(1).value, "f1": after.macro_f1, "f1_float": before.macro_f1}
        sure = {name: probabilities(a, answers.exact) for name, a in (("quantized", answers.quantized), ("float", answers.exact))}
        measures |= {"flips": 1 - after.agreement.value}
        measures |= {
            "ece": calibration_error(sure["quantized"], answers.truth),
            "ece_float": calibration_error(sure["float"], answers.truth),
        }
        more = {
            "intervals": {"top1": asdict(after.top(1)), "top1_float": asdict(before.top(1)), "f1": asdict(after.f1)},
            "mcnemar": asdict(change),
            "by_class": [list(row) for row in answers.by_class()[:20]],
            "by_slice": [list(row) for row in answers.by_slice()[:20]],
            "robustness": {name: list(pair) for name, pair in answers.disturbed.items()},
            "reliability": {name: reliability(p, answers.truth) for name, p in sure.items()},
        }
    elif finite:
        measures |= regression(answers)
    findings = [finding for check in white for finding in check.findings] + [*grey, *black]
    verdicts = [{"target": t.text, "met": finite and t.met(measures)} for t in targets]
    culprit = None
    if switches.names and any(e.total > 0 for e in errors) and finite:
        layer, share = bisection(switches, answers.exact[:EXAMPLES])
        culprit = {"layer": layer, "share": share}
    report = {
        "title": subject.title,
        "passed": not findings and all(v["met"] for v in verdicts),
        "targets": verdicts,
        "findings": [asdict(finding) for finding in findings],
        "measures": measures,
        **more,
        "laws": [{"law": c.law, "places": c.places, "holds": c.holds} for c in white],
        "layers": [asdict(e) | {"why": e.steps.why if e.steps else ""} for e in errors],
        "half_of_the_error_by": culprit,
        "integers": in_integers(subject.layers, subject.model),
        "uniform": UNIFORM,
        "provenance": _provenance(subject),
    }
    return dict(_writable(report))


def _writable(value: Any) -> Any:
    """What JSON can hold: None for NaN and infinity."""
    if isinstance(value, Mapping):
        return {name: _writable(part) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_writable(part) for part in value]
    return None if isinstance(value, float | np.floating) and not np.isfinite(value) else value


def _provenance(subject: Subject) -> Report:
    return {
        "float": {"name": subject.exact.name, "sha256": subject.exact.origin, "bytes": subject.exact.bytes},
        "quantized": {
            "name": subject.model.name,
            "sha256": hashlib.sha256(subject.model.content).hexdigest()[:16],
            "bytes": subject.model.bytes,
        },
        "examples": {"count": len(subject.test), "sha256": _hash(subject.test.x, subject.test.truth)},
        "calibration": {"count": len(subject.calibration), "sha256": _hash(subject.calibration)},
        "plan": asdict(subject.plan) if subject.plan else None,
        "versions": {"quantlab": __version__} | {name: str(import_module(name).__version__) for name in ("numpy", "onnx", "onnxruntime")},
    }


def _hash(*arrays: np.ndarray) -> str:
    return hashlib.sha256(b"".join(np.ascontiguousarray(a).tobytes() for a in arrays)).hexdigest()[:16]


def as_json(report: Report) -> str:
    """The report as a file."""
    return json.dumps(report, indent=1, ensure_ascii=False, allow_nan=False, default=float) + "\n"


def compared(before: Mapping[str, Any], after: Mapping[str, Any]) -> list[str]:
    """What changed between two reports, in sentences; ValueError where their examples are not the same."""
    if before["provenance"]["examples"]["sha256"] != after["provenance"]["examples"]["sha256"]:
        raise ValueError("the two reports are of different examples, so their numbers do not compare; test both on the same file")
    lines = [
        f"{name}: {before['measures'][name]:.4g} → {value:.4g}"
        for name, value in after["measures"].items()
        if name in before["measures"] and before["measures"][name] != value
    ]
    old, new = ({(f["law"], f["layer"]) for f in report["findings"]} for report in (before, after))
    lines += [f"new: {law}, {layer or 'the whole model'}" for law, layer in sorted(new - old)]
    lines += [f"gone: {law}, {layer or 'the whole model'}" for law, layer in sorted(old - new)]
    return lines or ["Nothing changed."]
