"""The home page's result: one sine at every bit width, measured beside the rule of thumb."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quantlab import theory
from quantlab.labs.address import Address
from quantlab.labs.home.films import BITS, SPEC, films, notice
from quantlab.progress import Steps
from quantlab.sources import TENSOR_SOURCES
from quantlab.sweep import Point, sweep_steps
from quantlab.tasks import Task

SIZE = 65536  # values of the sine that is measured


@dataclass(frozen=True, eq=False)
class HomeResult:
    """The sine at every level."""

    points: tuple[Point, ...]
    films: Mapping[str, bytes]
    stage: int = 0

    @property
    def labels(self) -> tuple[str, ...]:
        return tuple(point.label for point in self.points)

    def words(self, label: str) -> str:
        """What happens at this level."""
        return notice(label)

    def program(self, label: str) -> str:
        """The program that measures this level."""
        return f"""import quantlab as ql
from quantlab.sources import TENSOR_SOURCES

x = TENSOR_SOURCES["sine"].make({SIZE}, seed=0)
x_hat = ql.fake_quantize(x, ql.QuantSpec("int-symmetric", bits={label}))
print(f"SQNR {{ql.metrics.sqnr_db(x, x_hat):.1f}} dB, by the rule of thumb {{ql.theory.sine_sqnr_db({label}):.1f}} dB")
"""

    def csv(self) -> str:
        """Every level, measured and by the rule of thumb."""
        rows = [f"{p.label},{p.metrics['sqnr_db']!r},{theory.sine_sqnr_db(int(p.label))!r}" for p in self.points]
        return "\n".join(["bits,sqnr_db,rule_db", *rows]) + "\n"


def tasks(address: Address, views: Sequence[str]) -> tuple[Task[HomeResult], ...]:
    """The films; they are the same at every address."""
    views = tuple(views)
    return (Task(("home", views), lambda: _steps(views), "Quantizing a sine"),)


def _steps(views: tuple[str, ...]) -> Steps[HomeResult]:
    x = TENSOR_SOURCES["sine"].make(SIZE, seed=0)
    measured = yield from sweep_steps(x, SPEC, values=BITS)
    return HomeResult(measured.points, films(measured.points, views))
