"""What every stop of the slider makes of a file: the plan of the rules, the budget's plan of the same size, and their totals."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, replace
from fnmatch import fnmatchcase

from quantlab.caching import cached_property
from quantlab.labs.model.budget import share_out
from quantlab.labs.model.reading import Listing
from quantlab.labs.model.request import ORDERS, ModelRequest, page_rules
from quantlab.model_file.measuring import Measured
from quantlab.model_file.options import Option, options
from quantlab.model_file.report import Cell, Plan, Totals, table, totals
from quantlab.model_file.rules import chosen
from quantlab.progress import Steps

SIMPLE = ("q8_0", "q5_1", "q5_0", "q4_1", "q4_0", "q4_k")  # types of llama.cpp that are measured unasked: the others search long
_COLUMNS = {"bytes": "bytes", "error": "share_of_error", "outputs": "share_of_output_error", "outliers": "outlier_ratio"}


@dataclass(frozen=True)
class Level:
    """One stop. rules, budget : plans. exact : whether no plan of the budget's size has less error. above : by how much it may, else."""

    rules: Plan
    budget: Plan
    of_rules: Totals
    of_budget: Totals
    exact: bool
    above: float


@dataclass(frozen=True, eq=False)
class Frames:
    """A file at every stop. choices : the options that were measured."""

    request: ModelRequest
    listing: Listing
    choices: tuple[Option, ...]
    levels: dict[str, Level]

    def plan(self, label: str) -> Plan:
        """The plan that the person chose to see."""
        return self.levels[label].budget if self.request.budget else self.levels[label].rules

    def totals(self, label: str) -> Totals:
        """Its sums."""
        return self.levels[label].of_budget if self.request.budget else self.levels[label].of_rules

    @cached_property
    def measured(self) -> list[Measured]:
        """The tensors whose errors are known."""
        return [m for m in self.listing.measured if m.errors]

    @cached_property
    def with_outputs(self) -> list[Measured]:
        """The tensors whose activations were brought."""
        return [m for m in self.measured if m.outputs]

    @cached_property
    def by_outputs(self) -> bool:
        """Whether a budget weighs errors of outputs: where activations were brought of all that it may change, since the units differ."""
        return _by_outputs(self.listing.measured, self.levels[self.request.labels[0]].rules)

    def sqnr_db(self, total: Totals) -> float:
        """What a budget raises: SQNR of the outputs where it weighs them, else of the weights."""
        return total.output_sqnr_db if self.by_outputs else total.sqnr_db

    def rows(self, label: str) -> list[dict[str, Cell]]:
        """A row of the table for each tensor, in the file's order, with its share of the whole error."""
        rows = table(self.listing.model, self.listing.measured, self.plan(label), self.choices)
        plan, whole, outputs = self.plan(label), self.totals(label).error, self.totals(label).output_error
        for row, m in zip(rows, self.listing.measured, strict=True):
            option = plan.get(m.tensor.name) if m.errors else None
            row["share_of_error"] = m.errors[option.slug] / whole if option and whole else 0.0
            row["share_of_output_error"] = m.outputs[option.slug] / outputs if option and outputs and m.outputs else math.nan
        return rows

    def arranged(self, label: str, order: str, pattern: str) -> list[dict[str, Cell]]:
        """The rows whose names fit, in an order of ``ORDERS``. pattern : a part of the name, or a glob; "" for all."""
        glob = pattern if any(sign in pattern for sign in "*?[") else f"*{pattern}*"
        rows = [row for row in self.rows(label) if fnmatchcase(str(row["tensor"]).lower(), glob.lower())]
        if order != next(iter(ORDERS)):
            column = _COLUMNS[order]
            rows.sort(key=lambda row: (row[column] != row[column], -float(row[column])))  # nan last
        return rows


def sets_of(request: ModelRequest) -> tuple[tuple[Option, ...], ...]:
    """The options that are measured, in sets of which each is measured once: those with a name, the slider's others, the rules' others."""
    named = {slug: o for slug, o in options().items() if o.ggml in ("", *SIMPLE)}
    slider = {o.slug: o for o in request.options() if o.slug not in named}
    own = {rule.option.slug: rule.option for rule in page_rules(request.rules) if rule.option}
    rest = {slug: o for slug, o in own.items() if slug not in named and slug not in slider}
    return tuple(tuple(each.values()) for each in (named, slider, rest) if each)


def choices_of(request: ModelRequest) -> tuple[Option, ...]:
    """All of them, the widest first."""
    return tuple(sorted((o for each in sets_of(request) for o in each), key=lambda o: -o.nbytes((1024, 1024))))


def frames_steps(request: ModelRequest, listing: Listing, choices: tuple[Option, ...]) -> Steps[Frames]:
    """All stops; yields (done, of all)."""
    levels = {}
    for done, label in enumerate(request.labels):
        yield done, len(request.labels)
        levels[label] = level(request, listing, choices, label)
    return Frames(request, listing, choices, levels)


def _by_outputs(measured: Sequence[Measured], plan: Plan) -> bool:
    free = [m for m in measured if m.errors and plan[m.tensor.name]]
    return bool(free) and all(m.outputs for m in free)


def level(request: ModelRequest, listing: Listing, choices: tuple[Option, ...], label: str) -> Level:
    """One stop."""
    rules, measured = page_rules(request.rules_at(label)), listing.measured
    plan: Plan = {t.name: chosen(t, rules) for t in listing.model.tensors}
    total = totals(measured, plan)
    if not any(m.errors and plan[m.tensor.name] for m in measured):
        return Level(plan, plan, total, total, True, 0.0)
    kept = frozenset(t.name for t in listing.model.tensors if plan[t.name] is None)
    weighed = measured if _by_outputs(measured, plan) else [replace(m, outputs={}) for m in measured]
    shared = share_out(weighed, choices, total.bytes_after, kept)
    budget: Plan = {name: shared.plan.get(name) for name in plan}
    above = shared.loss / shared.least - 1 if shared.least else 0.0
    return Level(plan, budget, total, totals(measured, budget), shared.exact, above)
