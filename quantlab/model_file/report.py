"""The report of a model file under its rules: rows of the table, the totals, the worst tensors, and what is packed in it already."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from quantlab.model_file.measuring import Measured, decibels
from quantlab.model_file.options import Option
from quantlab.model_file.packed import packed_layers
from quantlab.model_file.tensors import ModelFile

Cell = str | int | float
Plan = Mapping[str, Option | None]  # tensor -> option, None to leave it


@dataclass(frozen=True)
class Totals:
    """Bytes and error of the whole file under a plan. values : of the tensors that hold weights. signal, error : sums of squares.

    output_signal, output_error : the same of a sample's outputs, of the tensors whose activations were brought.
    """

    bytes_before: int
    bytes_after: int
    values: int
    weight_bytes: int
    signal: float
    error: float
    quantized: int
    output_signal: float = 0.0
    output_error: float = 0.0

    @property
    def bits_per_weight(self) -> float:
        """Bits of all weights, those left included, over their number."""
        return 8 * self.weight_bytes / self.values if self.values else 0.0

    @property
    def sqnr_db(self) -> float:
        return decibels(self.signal, self.error)

    @property
    def output_sqnr_db(self) -> float:
        return decibels(self.output_signal, self.output_error)


def totals(measured: Sequence[Measured], plan: Plan) -> Totals:
    """The sums over all tensors; one that was left has no error."""
    before = after = values = weight_bytes = quantized = 0
    signal = error = output_signal = output_error = 0.0
    for m in measured:
        option = plan.get(m.tensor.name) if m.errors else None
        nbytes = m.tensor.nbytes if option is None else option.nbytes(m.tensor.layout)
        before, after = before + m.tensor.nbytes, after + nbytes
        if m.tensor.weights:
            values, weight_bytes = values + m.tensor.size, weight_bytes + nbytes
        signal, output_signal = signal + m.signal, output_signal + m.output_signal
        if option is not None:
            error, quantized = error + m.errors[option.slug], quantized + 1
            output_error += m.outputs.get(option.slug, 0.0)
    return Totals(before, after, values, weight_bytes, signal, error, quantized, output_signal, output_error)


def best_at(m: Measured, option: Option, choices: Sequence[Option]) -> Option | None:
    """The option of least error that takes no more bytes than this one; None where it was not measured."""
    most = option.nbytes(m.tensor.layout)
    fitting = [other for other in choices if other.slug in m.errors and other.nbytes(m.tensor.layout) <= most]
    return min(fitting, key=lambda other: (m.loss(other.slug), other.nbytes(m.tensor.layout)), default=None)


def table(model: ModelFile, measured: Sequence[Measured], plan: Plan, choices: Sequence[Option]) -> list[dict[str, Cell]]:
    """One row a tensor in the file's order; numbers in full, nan where a tensor was not measured."""
    whole, rows = max(model.nbytes, 1), list[dict[str, Cell]]()
    for m in measured:
        t, option = m.tensor, plan.get(m.tensor.name) if m.errors else None
        best = best_at(m, option, choices) if option else None
        share = m.errors[option.slug] / m.signal if option and m.signal else math.nan
        rows.append(
            {
                "tensor": t.name,
                "shape": "x".join(map(str, t.shape)) or "scalar",
                "dtype": t.dtype,
                "bytes": t.nbytes,
                "share": t.nbytes / whole,
                "outlier_ratio": m.statistics.outlier_ratio if m.statistics else math.nan,
                "option": option.slug if option else "leave",
                "bytes_after": option.nbytes(t.layout) if option else t.nbytes,
                "relative_error": share if option else (0.0 if m.errors else math.nan),
                "sqnr_db": m.sqnr_db(option.slug) if option else math.nan,
                "output_sqnr_db": decibels(m.output_signal, m.outputs[option.slug]) if option and m.outputs else math.nan,
                "best_at_this_size": best.slug if best else "",
                "best_sqnr_db": m.sqnr_db(best.slug) if best else math.nan,
                "measured_values": m.measured,
                "note": m.why or t.note,
            }
        )
    return rows


def worst(measured: Sequence[Measured], plan: Plan, count: int = 5) -> list[tuple[str, float]]:
    """The tensors of the largest share of the whole error, and that share."""
    errors = {m.tensor.name: m.errors[o.slug] for m in measured if m.errors and (o := plan.get(m.tensor.name)) is not None}
    whole = sum(errors.values())
    ranked = sorted(errors.items(), key=lambda pair: -pair[1])[:count]
    return [(name, error / whole) for name, error in ranked if whole]


def contents(model: ModelFile) -> list[dict[str, Cell]]:
    """What the file holds by type: tensors, values, bytes and bits per value; packed layers of GPTQ and AWQ under their own names."""
    packed = packed_layers(model)
    kinds = {part: layer.kind for layer in packed for part in layer.parts}
    rows: dict[str, dict[str, Cell]] = {}
    for t in model.tensors:
        kind = kinds.get(t.name, t.dtype)
        row = rows.setdefault(kind, {"type": kind, "tensors": 0, "values": 0, "bytes": 0})
        row["tensors"], row["bytes"] = int(row["tensors"]) + 1, int(row["bytes"]) + t.nbytes
        if t.name not in kinds:
            row["values"] = int(row["values"]) + t.size
    for layer in packed:
        rows[layer.kind]["values"] = int(rows[layer.kind]["values"]) + layer.values
    for row in rows.values():
        row["bits_per_value"] = round(8 * int(row["bytes"]) / max(int(row["values"]), 1), 4)
    return sorted(rows.values(), key=lambda row: -int(row["bytes"]))
