"""The first room: the report of a model at every width of its weights."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from quantlab.bench.greybox import UNIFORM
from quantlab.bench.report import Report, report_steps
from quantlab.film import Strip, figures, numbers_film
from quantlab.film.figures import ERROR, OTHER, QUANTIZED, THEORY, Chart
from quantlab.labs.bench.request import OWN, YOURS, BenchRequest
from quantlab.labs.bench.result import BenchResult, Files, in_worker, subject_of, words_of
from quantlab.labs.text import markdown_safe, plain, probability, rounded_percent
from quantlab.progress import Steps, part
from quantlab.tasks import Task

VIEWS = {
    "verdict": "pass or fail, and the measures",
    "layers": "the error that each layer makes and the one that it inherits",
    "steps": "rms error over step of what each layer reads, beside 1/√12",
    "words": "what to notice",
}
_FEW = 40  # layers that a chart names
_OF_CLASSES = ("top1", "f1", "flips", "ece")


def tasks(request: BenchRequest) -> tuple[Task[BenchResult], ...]:
    """All widths at once."""
    return (Task(("bench report", request), partial(in_worker, steps, request), "Testing the model"),)


def steps(request: BenchRequest, files: Files) -> Steps[BenchResult]:
    """A report at every width."""
    reports = {}
    for i, label in enumerate(request.labels):
        subject = subject_of(request, files, label)
        targets = [t for t in request.targets if subject.test.classes or t.name not in _OF_CLASSES]
        reports[label] = yield from part(report_steps(subject, targets), i, len(request.labels))
    return result(request, reports)


def result(request: BenchRequest, reports: dict[str, Report]) -> BenchResult:
    """The room's films, sentences and numbers."""
    texts = {label: notice(report, label) for label, report in reports.items()}
    films = {
        "verdict": verdict_film(reports),
        "layers": layers_film(reports),
        "steps": steps_film(reports),
        "words": words_of(texts),
    }
    rows = {label: findings_of(report) for label, report in reports.items()}
    return BenchResult(request, films, texts, csv(reports), program, reports, rows)


def findings_of(report: Report) -> tuple[dict[str, str], ...]:
    """The findings as a table."""
    return tuple({"Box": f["box"], "Law": f["law"], "Finding": f["text"], "Remedy": f["remedy"]} for f in report["findings"])


def counts(report: Report) -> dict[str, int]:
    """Findings of each box."""
    return {box: sum(f["box"] == box for f in report["findings"]) for box in ("white", "grey", "black")}


def verdict_film(reports: dict[str, Report]) -> bytes:
    """Tiles."""
    every = list(reports.values())
    entries = [
        ("Verdict", "Passed where every target is met and no box finds anything", ["passed" if r["passed"] else "failed" for r in every])
    ]
    first = max((r["measures"] for r in every), key=len)  # outputs that are no numbers have few
    if "top1" in first:
        entries.append(("Right answers", "On the test examples, quantized", [_share(r, "top1") for r in every]))
        entries.append(("In float", "Right answers of the float model", [_share(r, "top1_float") for r in every]))
        entries.append(("Flips", "Answers that differ from the float model's", [_share(r, "flips") for r in every]))
        entries.append(
            ("Calibration error", "Mean distance of confidence from the share of right answers", [_share(r, "ece") for r in every])
        )
    else:
        entries.append(("MSE", "Of the outputs, against the float model's", [_plain(r, "mse") for r in every]))
        entries.append(("MSE to the targets", "Quantized", [_plain(r, "mse_quantized") for r in every]))
        entries.append(("In float", "The float model's MSE to the targets", [_plain(r, "mse_float") for r in every]))
    if "psnr" in first:
        entries.append(("PSNR", "Of the pictures to the targets, quantized, dB", [_decibels(r, "psnr") for r in every]))
        entries.append(("In float, PSNR", "Of the float model's pictures, dB", [_decibels(r, "psnr_float") for r in every]))
        entries.append(("SSIM", "Of the pictures to the targets, quantized", [_plain(r, "ssim") for r in every]))
    entries.append(
        (
            "Size",
            "Bytes of the constants, of those of the float model; codes below 8 bits take a byte each",
            [_share(r, "size") for r in every],
        )
    )
    entries.append(("Findings", "White, grey, black", [" · ".join(map(str, counts(r).values())) for r in every]))
    return numbers_film(Strip(tuple(reports)), entries)


def _share(report: Report, name: str) -> str:
    value = report["measures"].get(name)
    return "no number" if value is None else rounded_percent(value, 1)


def _decibels(report: Report, name: str) -> str:
    value = report["measures"].get(name)
    return "no number" if value is None else f"{value:.1f} dB"


def _plain(report: Report, name: str) -> str:
    value = report["measures"].get(name)
    return "no number" if value is None else plain(value)


def layers_film(reports: dict[str, Report]) -> bytes:
    """Own and inherited error over the layer's signal, on a logarithmic axis."""
    names = _names(reports)
    series = {kind: [_row(r, names, partial(_relative, kind)) for r in reports.values()] for kind in ("local", "inherited")}
    positive = np.concatenate([a[a > 0] for each in series.values() for a in each] or [np.ones(1)])
    low, high = np.log10(positive.min(initial=1.0)) - 0.2, np.log10(positive.max(initial=1e-3)) + 0.3
    low = max(low, high - 5)
    chart = Chart(
        Strip(tuple(reports)), 300, "Error of each layer's result over its signal: own and inherited", "", "rms error / rms signal"
    )
    chart.axes((-0.6, len(names) - 0.4), (low, high), yaxis_type="log", yaxis=figures.decades(low, high), xaxis=_ticks(names))
    x = np.arange(len(names), dtype=float)
    for kind, name, color, symbol in (("local", "its own", QUANTIZED, "circle"), ("inherited", "inherited", OTHER, "diamond")):
        chart.points(name, x, [np.maximum(a, 10.0**low) for a in series[kind]], color, symbol=symbol, size=10)
    return chart.film()


def _relative(kind: str, layer: Report) -> float:
    return float((layer[kind] or 0) / max(layer["signal"] or 0, 1e-12))


def steps_film(reports: dict[str, Report]) -> bytes:
    """Error over step of each layer's input and weights."""
    names = _names(reports)
    inputs = [_row(r, names, lambda e: e["steps"]["ratio"] if e["steps"] else np.nan) for r in reports.values()]
    weights = [_row(r, names, lambda e: e["weight_ratio"] or np.nan) for r in reports.values()]
    top = float(np.nanmax(np.concatenate([*inputs, *weights, [UNIFORM]])))
    chart = Chart(Strip(tuple(reports)), 250, "Rms error over step of each layer's input and weights, and 1/√12", "", "rms error / step")
    chart.axes((-0.6, len(names) - 0.4), (0, 1.15 * min(top, 2)), xaxis=_ticks(names))
    x = np.arange(len(names), dtype=float)
    chart.line("1/√12", np.array([-0.6, len(names) - 0.4]), np.full(2, UNIFORM), THEORY, dash="dash", hover=False)
    chart.points("its input", x, inputs, ERROR, size=10)
    chart.points("its weights", x, weights, QUANTIZED, symbol="diamond", size=9)
    return chart.film()


def _names(reports: dict[str, Report]) -> list[str]:
    """All layers: a file that was brought may lack some."""
    most = max(reports.values(), key=lambda r: len(r["layers"]))
    return [e["layer"] for e in most["layers"]]


def _row(report: Report, names: list[str], value: Callable[[Report], float]) -> np.ndarray:
    """A number of each layer, NaN where the report lacks it."""
    known = {e["layer"]: value(e) for e in report["layers"]}
    return np.array([known.get(name, np.nan) for name in names], float)


def _ticks(names: list[str]) -> dict[str, object]:
    every = max(1, len(names) // _FEW + 1)
    shown = range(0, len(names), every)
    return {"tickmode": "array", "tickvals": list(shown), "ticktext": [figures.literal(names[i][-14:]) for i in shown]}


def notice(report: Report, label: str) -> str:
    """The verdict, what is lost, and where."""
    measures = report["measures"]
    missed = [v["target"] for v in report["targets"] if not v["met"]]
    which = "**Your file**" if label == YOURS else f"At **{label} bits** the model"
    words = f"{which} **{'passes' if report['passed'] else 'fails'}**"
    words += f": it misses {', '.join(map(markdown_safe, missed))}. " if missed else ". "
    if "top1" in measures:
        change = report["mcnemar"]
        words += f"{change['lost']} right answers are lost and {change['gained']} gained ({probability(change['p'])}). "
    if half := report["half_of_the_error_by"]:
        words += f"Half of the output's error has arisen by *{markdown_safe(half['layer'])}*. "
    worst = max(report["layers"], key=lambda e: e["fixed"] or 0, default=None)
    if worst and (worst["fixed"] or 0) > 0.02:
        words += f"*{markdown_safe(worst['layer'])}* in float alone would take away {rounded_percent(min(worst['fixed'], 1.0))} of it."
    return words.strip()


def csv(reports: dict[str, Report]) -> str:
    """Measures at every width; weight_ratio is the median of the layers' rms error of the weights over their step."""
    names = list(dict.fromkeys(name for r in reports.values() for name in r["measures"]))
    columns = [{"top1_float": "float_top1", "flips": "flipped"}.get(name, name) for name in names]
    lines = [",".join(["bits", *columns, "lost", "gained", "passed", "white_findings", "grey_findings", "black_findings", "weight_ratio"])]
    for label, r in reports.items():
        change = r.get("mcnemar", {})
        ratio = float(np.median([e["weight_ratio"] for e in r["layers"]] or [np.nan]))
        cells = [r["measures"].get(name, "") for name in names]
        numbers = [*cells, change.get("lost", ""), change.get("gained", ""), int(r["passed"]), *counts(r).values(), ratio]
        lines.append(",".join([label, *(f"{v:.6g}" if isinstance(v, float) else str(v) for v in numbers)]))
    return "\n".join(lines) + "\n"


def program(request: BenchRequest, label: str) -> str:
    """The program that makes this level's report."""
    plan = request.plan
    yours = label == YOURS
    text = "" if yours else f'plan = Plan({label}, {plan.activations}, "{plan.granularity}", calibrator="{plan.calibrator}")\n'
    if request.subject.source == OWN:
        data = "pictures.zip" if request.subject.pictures else "test.npz"
        words = 'None, file_of("quantized.onnx")' if yours else "plan"
        words += f', pixels="{request.subject.pixels}"' if request.subject.pictures else ""
        maker = f'\n\ndef file_of(name):\n    return name, Path(name).read_bytes()\n\n\nsubject = of_files(file_of("model.onnx"), file_of("{data}"), {words})\n'
        names, more = "files import of_files", "from pathlib import Path\n\n"
    else:
        maker, more = f'subject = of_network("{request.subject.source}", plan, images={request.images})\n', ""
        names = "subject import of_network"
    return (
        f"{more}from quantlab.bench.{names}\n{'' if yours else 'from quantlab.bench.insertion import Plan' + chr(10)}"
        f"from quantlab.bench.report import report_steps\nfrom quantlab.bench.targets import target\nfrom quantlab.progress import finish\n\n"
        f"{text}{maker}report = finish(report_steps(subject, [target(t) for t in {[t.text for t in request.targets]!r}]))\n"
        'print("passed" if report["passed"] else "failed", report["measures"])\n'
        'for finding in report["findings"]:\n    print(finding["box"], finding["text"])\n'
    )
