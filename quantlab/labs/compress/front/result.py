"""The result of the room of all ways: the slider's levels first, then a grid, then bits by layer, then fine-tuned ways where asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

from quantlab import workers
from quantlab.labs.compress.distil.result import TEMPERATURE, trained_task
from quantlab.labs.compress.front import films
from quantlab.labs.compress.front.films import Front
from quantlab.labs.compress.front.points import Point, point, whole
from quantlab.labs.compress.measure import level_steps, shrinker_of
from quantlab.labs.compress.program import shrink_program
from quantlab.labs.compress.request import STUDENTS, TEACHER, CompressRequest, DistilRequest
from quantlab.labs.of_request import OfRequest
from quantlab.networks import engine
from quantlab.networks.budget import exact, greedy
from quantlab.networks.narrow import NARROW
from quantlab.networks.pruning import PATTERNS
from quantlab.networks.shrinking import WHOLE, Shrinking
from quantlab.networks.statistics import wilson
from quantlab.progress import Steps, part
from quantlab.tasks import ENGINE, Task

GRID_SHARES, GRID_BITS = (0, 40, 60, 80), (2, 3, 4, 6)
TUNED_SHARES, TUNED_BITS = (60, 80, 90), (2, 3, 4)
NARROW_BITS = (2, 3, 4, 6)
BUDGET_BITS = (1, 2, 3, 4)  # the bytes of these in every layer are what a plan may spend
SEARCHES = {"greedy": ("measured", greedy), "knapsack": ("measured", exact), "hessian": ("foretold", exact)}
STAGES = {
    "levels": "Trying the slider's levels",
    "grid": "Trying a grid of ways",
    "plans": "Pricing the bits of every layer",
    "narrow": "Training narrower networks",
    "tuned": "Fine-tuning a grid of ways",
    "students": "Training students",
}


@dataclass(frozen=True, eq=False)
class FrontResult(OfRequest):
    """The points known of one request."""

    request: CompressRequest
    front: Front
    films: Mapping[str, bytes]
    stage: int

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return films.notice(self.front, int(label))

    def program(self, label: str) -> str:
        """The program of this level's way; each other point's page has its own."""
        return shrink_program(self.request, self.request.at(int(label)))

    def csv(self) -> str:
        """All points."""
        return films.csv(self.front)


def tasks(request: CompressRequest) -> tuple[Task[FrontResult], ...]:
    """A task for each stage: what was known before, and one thing more."""
    request = replace(request, base=request.base.replace(layer_bits=()))
    stages = stages_of(request)
    return tuple(Task(("front", request, i), partial(_steps, request, stages[: i + 1]), STAGES[name]) for i, name in enumerate(stages))


def stages_of(request: CompressRequest) -> list[str]:
    """The slider's levels, a grid, bits by layer, narrower networks where there are any; what is trained where the address asks for epochs."""
    narrower, tuned = request.source == TEACHER, request.base.epochs > 0
    return ["levels", "grid", "plans"] + ["narrow"] * narrower + ["tuned"] * tuned + ["students"] * (narrower and tuned)


def _steps(request: CompressRequest, stages: Sequence[str]) -> Steps[FrontResult]:
    quick, source = request.untuned, request.source
    ways = [("quick", source, quick.at(stop)) for stop in quick.stops]
    if "grid" in stages:
        ways += [("quick", source, way) for way in grid(quick.base, GRID_SHARES, GRID_BITS)]
    if "plans" in stages:
        work = partial(workers.steps, partial(_plan_steps, source, quick.base), source)
        plans = yield from ENGINE.once(Task(("plans", source, quick.base), work, STAGES["plans"]))
        ways += [(kind, source, way) for kind, way in plans]
    if "narrow" in stages:
        whole_weights = quick.base.replace(pattern="none")
        ways += [("narrow", slug, whole_weights.replace(bits=bits)) for slug in NARROW for bits in NARROW_BITS]
    if "tuned" in stages:
        ways += [("tuned", source, way) for way in grid(request.base, TUNED_SHARES, TUNED_BITS)]
    points: dict[tuple[str, str, Shrinking | str], Point] = {}
    first: Point | None = None
    for i, (kind, of, way) in enumerate(ways):
        level = yield from part(level_steps(of, request.images, way), i, len(ways))
        first = first or whole(level, source)
        points[kind, of, way] = point(kind, level, of)
    assert first is not None
    if "students" in stages:
        points |= yield from _student_steps(request)
    front = Front(request, (first, *points.values()))
    return FrontResult(request, front, films.films(front), len(stages) - 1)


def _student_steps(request: CompressRequest) -> Steps[dict[tuple[str, str, Shrinking | str], Point]]:
    """Narrower networks and the two-bit one, each from labels alone and distilled; the points are those of the first seed."""
    points: dict[tuple[str, str, Shrinking | str], Point] = {}
    for i, student in enumerate(STUDENTS):
        asked = DistilRequest(request.source, request.images, student, 0.5, 3, True)
        trained = yield from part(ENGINE.once(trained_task(asked, TEMPERATURE)), i, len(STUDENTS))
        query = {"room": "distil", "source": request.source, "student": student, "train": "yes", "bits": str(TEMPERATURE)}
        for kind, shares in (("student", trained.alone), ("distilled", trained.distilled)):
            top1 = wilson(round(shares[0] * request.images), request.images)
            points[kind, request.source, student] = Point(kind, WHOLE, trained.bytes, top1, query, STUDENTS[student])
    return points


def grid(base: Shrinking, shares: Iterable[int], bits: Iterable[int]) -> list[Shrinking]:
    """Every share with every number of bits; where the share is not free, its own alone."""
    free = base.pattern != "none" and PATTERNS[base.pattern].shared
    return [base.replace(share=share, bits=b) for share in (shares if free else (base.share,)) for b in bits]


def _plan_steps(source: str, base: Shrinking) -> Steps[list[tuple[str, Shrinking]]]:
    """Plans of every search for the bytes of equal bits, from costs that the calibration images gave."""
    costs = yield from engine.mixed_cost_steps(shrinker_of(source), base)
    plans = []
    for bits in BUDGET_BITS:
        budget = int(costs.measured.bytes[:, costs.measured.bits.index(bits)].sum())
        for kind, (of, search) in SEARCHES.items():
            plan = search(getattr(costs, of), budget)
            plans.append((kind, base.replace(bits=None, layer_bits=plan.bits)))
    return plans
