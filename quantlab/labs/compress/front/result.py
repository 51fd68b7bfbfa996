"""The result of the room of all ways: the slider's levels first, then a grid, then bits by layer, then fine-tuned ways where asked for."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
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
from quantlab.networks.pruning import PATTERNS
from quantlab.networks.shrinking import WHOLE, Shrinking
from quantlab.networks.statistics import wilson
from quantlab.progress import Steps, part
from quantlab.tasks import ENGINE, Task

GRID_SHARES, GRID_BITS = (0, 40, 60, 80), (2, 3, 4, 6)
TUNED_SHARES, TUNED_BITS = (60, 80, 90), (2, 3, 4)
BUDGET_BITS = (1, 2, 3, 4)  # the bytes of these in every layer are what a plan may spend
SEARCHES = {"greedy": ("measured", greedy), "knapsack": ("measured", exact), "hessian": ("foretold", exact)}
_TITLES = (
    "Trying the slider's levels",
    "Trying a grid of ways",
    "Pricing the bits of every layer",
    "Fine-tuning a grid of ways",
    "Training students",
)


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
    """The slider's levels, a grid, bits by layer; fine-tuned ways where the address asks for epochs, and then students where there are any."""
    request = replace(request, base=request.base.replace(layer_bits=()))
    count = 3 if not request.base.epochs else 5 if request.source == TEACHER else 4
    return tuple(Task(("front", request, stage), partial(_steps, request, stage), _TITLES[stage]) for stage in range(count))


def _steps(request: CompressRequest, stage: int) -> Steps[FrontResult]:
    quick = request.untuned
    ways = [("quick", quick.at(stop)) for stop in quick.stops]
    if stage >= 1:
        ways += [("quick", way) for way in grid(quick.base, GRID_SHARES, GRID_BITS)]
    if stage >= 2:
        work = partial(workers.steps, partial(_plan_steps, request.source, quick.base), request.source)
        task = Task(("plans", request.source, quick.base), work, _TITLES[2])
        ways += yield from ENGINE.once(task)
    if stage >= 3:
        ways += [("tuned", way) for way in grid(request.base, TUNED_SHARES, TUNED_BITS)]
    points: dict[tuple[str, Shrinking | str], Point] = {}
    first: Point | None = None
    for i, (kind, way) in enumerate(ways):
        level = yield from part(level_steps(request.source, request.images, way), i, len(ways))
        first = first or whole(level, request.source)
        points[kind, way] = point(kind, level, request.source)
    assert first is not None
    if stage >= 4:
        points |= yield from _student_steps(request)
    front = Front(request, (first, *points.values()))
    return FrontResult(request, front, films.films(front), stage)


def _student_steps(request: CompressRequest) -> Steps[dict[tuple[str, Shrinking | str], Point]]:
    """Narrower networks and the two-bit one, each from labels alone and distilled; the points are those of the first seed."""
    points: dict[tuple[str, Shrinking | str], Point] = {}
    for i, student in enumerate(STUDENTS):
        asked = DistilRequest(request.source, request.images, student, 0.5, 3, True)
        trained = yield from part(ENGINE.once(trained_task(asked, TEMPERATURE)), i, len(STUDENTS))
        query = {"room": "distil", "source": request.source, "student": student, "train": "yes", "bits": str(TEMPERATURE)}
        for kind, shares in (("student", trained.alone), ("distilled", trained.distilled)):
            top1 = wilson(round(shares[0] * request.images), request.images)
            points[kind, student] = Point(kind, WHOLE, trained.bytes, top1, query, STUDENTS[student])
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
