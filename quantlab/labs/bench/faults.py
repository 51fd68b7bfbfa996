"""The rooms that test the tests: known faults put into a sound model, and a model whose fault is to be found."""

from __future__ import annotations

from functools import partial

import numpy as np

from quantlab.bench.blackbox import answers_of, black_box
from quantlab.bench.faults import FAULTS
from quantlab.bench.findings import Finding
from quantlab.bench.greybox import grey_box
from quantlab.bench.subject import Subject
from quantlab.bench.whitebox import white_box
from quantlab.film import Strip, numbers_film
from quantlab.labs.bench.request import BOXES, NOT_YET, NUMBERS, SLUGS, BenchRequest
from quantlab.labs.bench.result import BenchResult, Files, in_worker, subject_of, words_of
from quantlab.progress import Steps
from quantlab.tasks import Task

MATRIX = {"boxes": "what each box says of the fault", "words": "what to notice"}
QUIZ = {"opened": "what the boxes that are open say", "words": "what to notice"}
_WHAT = {
    "white": "Laws of the file and of what each layer computes",
    "grey": "Where in the model the error arises",
    "black": "The answers alone",
}


def matrix_tasks(request: BenchRequest) -> tuple[Task[BenchResult], ...]:
    """Every fault."""
    return (Task(("bench faults", request.subject), partial(in_worker, matrix_steps, request), "Putting faults in"),)


def quiz_tasks(request: BenchRequest) -> tuple[Task[BenchResult], ...]:
    """The one fault of the model of this number."""
    return (Task(("bench quiz", request), partial(in_worker, quiz_steps, request), "Opening the boxes"),)


def fault_of(number: int) -> str:
    """The slug of the fault that the model of this number has: every ten numbers hold all of them."""
    turn, place = divmod(number - 1, len(SLUGS))
    return list(SLUGS)[int(np.random.default_rng(turn).permutation(len(SLUGS))[place])]


def found(subject: Subject) -> dict[str, list[Finding]]:
    """The findings of each box."""
    return {
        "white": [finding for check in white_box(subject) for finding in check.findings],
        "grey": list(grey_box(subject)[1]),
        "black": list(black_box(subject, answers_of(subject))),
    }


def matrix_steps(request: BenchRequest, files: Files) -> Steps[BenchResult]:
    """What each box finds of each fault."""
    sound, seen = subject_of(request, files, "8"), dict[str, dict[str, list[Finding]]]()
    for i, (slug, name) in enumerate(SLUGS.items()):
        yield i, len(SLUGS)
        seen[slug] = found(FAULTS[name](sound))
    strip = Strip(NUMBERS)
    entries = [("Fault", "What was put into the sound model", list(SLUGS.values()))]
    entries += [
        (
            f"{box.capitalize()} box",
            _WHAT[box],
            ["\n".join(dict.fromkeys(f.law for f in boxes[box])) or "finds nothing" for boxes in seen.values()],
        )
        for box in _WHAT
    ]
    texts = {number: _of_fault(slug, boxes) for number, (slug, boxes) in zip(NUMBERS, seen.items(), strict=True)}
    films = {"boxes": numbers_film(strip, entries), "words": words_of(texts)}
    rows = tuple(
        {"Fault": SLUGS[slug]} | {f"{box.capitalize()} box": "; ".join(dict.fromkeys(f.law for f in boxes[box])) or "–" for box in _WHAT}
        for slug, boxes in seen.items()
    )
    table = "bits,white_findings,grey_findings,black_findings,boxes\n" + "".join(
        f"{number},{','.join(str(len(boxes[box])) for box in _WHAT)},{sum(bool(boxes[box]) for box in _WHAT)}\n"
        for number, boxes in zip(NUMBERS, seen.values(), strict=True)
    )
    return BenchResult(request, films, texts, table, matrix_program, {}, {"": rows})


def _of_fault(slug: str, boxes: dict[str, list[Finding]]) -> str:
    name, finders = SLUGS[slug], [box for box in _WHAT if boxes[box]]
    doc = (FAULTS[SLUGS[slug]].__doc__ or "").strip()
    if not finders:
        return f"**{name[0].upper()}{name[1:]}**: {doc} No box finds it in this model."
    return f"**{name[0].upper()}{name[1:]}**: {doc} Found by the {' and the '.join(finders)} box. {boxes[finders[0]][0].text}"


def quiz_steps(request: BenchRequest, files: Files) -> Steps[BenchResult]:
    """The boxes of one broken model, opened one after another."""
    yield 0, 2
    sound = subject_of(request, files, "8")
    yield 1, 2
    slug = fault_of(request.number)
    boxes = found(FAULTS[SLUGS[slug]](sound))
    texts, tiles = {}, dict[str, list[str]]({box: [] for box in BOXES})
    for i, opened in enumerate(BOXES):
        for box in BOXES:
            said = "\n".join(dict.fromkeys(f.law for f in boxes[box])) or "finds nothing"
            tiles[box].append(said if BOXES.index(box) <= i else "closed")
        said = " ".join(f.text for box in BOXES[: i + 1] for f in boxes[box][:2])
        texts[opened] = f"{_verdict(request, slug, i + 1)} {said}".strip()
    entries = [(f"{box.capitalize()} box", _WHAT[box], tiles[box]) for box in BOXES]
    films = {"opened": numbers_film(Strip(BOXES), entries), "words": words_of(texts)}
    rows = {
        opened: tuple(
            {"Box": f.box, "Law": f.law, "Finding": f.text} for box in BOXES[: i + 1] for f in boxes[box]
        )
        for i, opened in enumerate(BOXES)
    }  # fmt: skip
    table = "bits,findings\n" + "".join(f"{box},{len(boxes[box])}\n" for box in BOXES)
    return BenchResult(request, films, texts, table, quiz_program, {}, rows)


def _verdict(request: BenchRequest, slug: str, opened: int) -> str:
    if request.guess == NOT_YET:
        boxes = ("one of 3 boxes is", "two of 3 boxes are", "all boxes are")[opened - 1]
        return f"Model {request.number} has **one fault**, and {boxes} open. Which is it? Say it in the controls."
    if request.guess == slug:
        return f"**Right**: {SLUGS[slug]}. {(FAULTS[SLUGS[slug]].__doc__ or '').strip()} Go on with another model number."
    return f"**Not {SLUGS[request.guess]}**: that fault would speak otherwise. Open another box, or compare with *Which box finds what*."


def matrix_program(request: BenchRequest, label: str) -> str:
    """The program that puts this fault in and opens all boxes."""
    return _program(request.subject.source, f'FAULTS["{list(FAULTS)[int(label) - 1]}"]')


def quiz_program(request: BenchRequest, label: str) -> str:
    """The program that opens the boxes of this model; it does not name the fault before it is run."""
    return _program(request.subject.source, f"FAULTS[SLUGS[fault_of({request.number})]]", quiz=True)


def _program(source: str, fault: str, quiz: bool = False) -> str:
    names = "from quantlab.labs.bench.faults import fault_of, found\nfrom quantlab.labs.bench.request import SLUGS\n"
    return (
        "from quantlab.bench.faults import FAULTS\nfrom quantlab.bench.insertion import Plan\nfrom quantlab.bench.subject import of_network\n"
        + (names if quiz else "from quantlab.labs.bench.faults import found\n")
        + f'\nsound = of_network("{source}", Plan(), images=200)\nfor box, findings in found({fault}(sound)).items():\n'
        + '    print(box, [finding.text for finding in findings] or "finds nothing")\n'
    )
