"""The first room: the report of a model at every width of its weights."""

from __future__ import annotations

from functools import partial

import numpy as np

from quantlab.bench.report import Report, report_steps
from quantlab.film import Strip
from quantlab.labs.bench.films import NOT_YET, counts, films
from quantlab.labs.bench.request import OWN, YOURS, BenchRequest
from quantlab.labs.bench.result import BenchResult, Files, in_worker, subject_of, words_of
from quantlab.labs.text import markdown_safe, probability, rounded_percent
from quantlab.progress import Steps, part
from quantlab.tasks import ENGINE, Task

VIEWS = {
    "verdict": "pass or fail, and the measures",
    "layers": "the error that each layer makes and the one that it inherits",
    "steps": "rms error over step of what each layer reads, beside 1/√12",
    "reliability": "share of right answers over confidence",
    "words": "what to notice",
}
_OF_CLASSES = ("top1", "f1", "flips", "ece")


def tasks(request: BenchRequest, stop: str) -> tuple[Task[BenchResult], ...]:
    """This stop, then all."""
    return (
        Task(("bench report", request, stop), partial(steps, request, stop, 0), "Testing the model at this width"),
        Task(("bench report", request), partial(steps, request, stop, 1), "All widths"),
    )


def steps(request: BenchRequest, stop: str, stage: int) -> Steps[BenchResult]:
    """The films of one stage; the first one's report is taken over."""
    if stage == 0:
        return result(request, (yield from in_worker(partial(levels_steps, labels=(stop,)), request)), 0)
    first = yield from ENGINE.once(tasks(request, stop)[0])
    others = tuple(label for label in request.labels if label != stop)
    reports = yield from in_worker(partial(levels_steps, labels=others), request)
    return result(request, {label: reports.get(label) or first.reports[label] for label in request.labels}, 1)


def levels_steps(request: BenchRequest, files: Files, labels: tuple[str, ...]) -> Steps[dict[str, Report]]:
    """The reports of some levels, in a worker. What the float model says, and the ranges, are computed once for all widths."""
    reports, last = dict[str, Report](), None
    for i, label in enumerate(labels):
        last = subject = subject_of(request, files, label, last)
        targets = [t for t in request.targets if subject.test.classes or t.name not in _OF_CLASSES]
        reports[label] = yield from part(report_steps(subject, targets), i, len(labels))
    return reports


def result(request: BenchRequest, reports: dict[str, Report], stage: int) -> BenchResult:
    """The room's films, sentences and numbers, of the levels that are known."""
    texts = {label: notice(reports[label], label) if label in reports else NOT_YET for label in request.labels}
    rows = {label: findings_of(report) for label, report in reports.items()}
    views = films(Strip(request.labels), reports) | {"words": words_of(texts)}
    return BenchResult(request, views, texts, csv(reports), program, reports, rows, stage)


def findings_of(report: Report) -> tuple[dict[str, str], ...]:
    """The findings as a table."""
    return tuple({"Box": f["box"], "Law": f["law"], "Finding": f["text"], "Remedy": f["remedy"]} for f in report["findings"])


def parts_of(report: Report) -> tuple[dict[str, str], ...]:
    """Right answers of each slice and each class, the worst damage first; nothing where the answers are no classes."""
    parts = [("slice", row) for row in report.get("by_slice", ())] + [("class", row) for row in report.get("by_class", ())]
    return tuple(
        {"Of": f"{what} {name}", "Examples": str(n), "Float": rounded_percent(before, 1), "Quantized": rounded_percent(after, 1)}
        for what, (name, n, before, after) in parts
    )


def notice(report: Report, label: str) -> str:
    """The verdict, what is lost, and where."""
    measures = report["measures"]
    missed = [v["target"] for v in report["targets"] if not v["met"]]
    which = "**Your file**" if label == YOURS else f"At **{label} bits** the model"
    words = f"{which} **{'passes' if report['passed'] else 'fails'}**"
    words += f": it misses {', '.join(map(markdown_safe, missed))}. " if missed else ". "
    if "top1" in measures:
        change = report["mcnemar"]
        words += f"{change['lost']} right answer{'s are' if change['lost'] != 1 else ' is'} lost and {change['gained']} gained ({probability(change['p'])}). "
    if report["integers"]:
        words += "Integer operators compute its layers, so that its answers alone are tested: no layer has a float form to compare. "
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
        ratio = float(np.median([e["weight_ratio"] for e in r["layers"] if e["weight_ratio"] is not None] or [np.nan]))
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
        maker = maker[1:] if yours else maker  # two blank lines before it in any case
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
