"""Sweep a quantizer over a tensor in a file and print what each bit width costs.

    quantlab sweep tensor.npy --scheme int-symmetric --granularity group-64 --bits 2-8 --csv out.csv
    quantlab sweep model.safetensors --list
    quantlab sweep model.safetensors --tensor all --scheme all --target 30 --format markdown

Reads .npy, .npz, .csv, .safetensors, .gguf and .onnx (``--tensor`` names one of several). ``--knob mu=100`` sets a scheme's own knob.
"""

from __future__ import annotations

import argparse
import csv
import re
from collections.abc import Generator
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from tqdm import tqdm

from quantlab.cli.parsing import worded
from quantlab.cli.tables import FORMS, Row, written
from quantlab.comparison import MOST, compare, reaching, table
from quantlab.grouping import PerTensor, parse_granularity
from quantlab.progress import Progress
from quantlab.ranges import CALIBRATORS
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.sources import list_tensors, load_tensor, make_finite
from quantlab.sweep import NUMBERS, Point, sweep_steps
from quantlab.types import QuantSpec

ALL = "all"
_SHORT = ("sqnr_db", "mse", "max_error", "bits_per_value", "entropy_bits", "levels_used", "clipped")
_OF_ONE = ("calibrator", "rounding", "seed")
T = TypeVar("T")


def describe(p: argparse.ArgumentParser) -> None:
    """The arguments of ``quantlab sweep``."""
    p.add_argument("file", type=Path, help=".npy, .npz, .csv, .safetensors, .gguf or .onnx")
    p.add_argument("--list", action="store_true", help="print the names, shapes and types of the tensors in the file, and no more")
    p.add_argument("--tensor", help="which one, where the file holds several; all for each in turn")
    p.add_argument(
        "--scheme", default="int-symmetric", choices=[*SCHEMES, ALL], metavar="SLUG", help=f"{', '.join(SCHEMES)}; all to compare them"
    )
    p.add_argument("--bits", type=worded(bit_widths), help="one width or a range such as 2-8; left out, all that the scheme has")
    p.add_argument("--granularity", type=worded(parse_granularity), help="tensor, channel-AXIS, token, group-SIZE or block-ROWSxCOLS")
    p.add_argument("--calibrator", choices=CALIBRATORS, metavar="SLUG", help=", ".join(CALIBRATORS))
    p.add_argument("--rounding", choices=ROUNDINGS, metavar="SLUG", help=", ".join(ROUNDINGS))
    p.add_argument("--seed", type=int, help="of the random roundings; 0, if nothing else is said")
    p.add_argument(
        "--knob", action="append", type=worded(knob), default=[], metavar="NAME=VALUE", help="a knob of the scheme, any number of times"
    )
    p.add_argument("--target", type=float, metavar="DB", help="name the cheapest that reaches so much SQNR")
    p.add_argument("--format", default="text", choices=FORMS, help=f"how the table is printed: {', '.join(FORMS)}")
    p.add_argument("--nonfinite", default="refuse", choices=("refuse", "drop", "clip"), help="what to do with NaN and infinity")
    p.add_argument("--csv", type=Path, help="write all numbers there too")


def bit_widths(text: str) -> list[int]:
    """'4' or '2-8' as a list.

    >>> bit_widths("4"), bit_widths("2-5")
    ([4], [2, 3, 4, 5])
    """
    match = re.fullmatch(r"(\d{1,2})(?:-(\d{1,2}))?", text)
    if not match or not (widths := list(range(int(match[1]), int(match[2] or match[1]) + 1))):
        raise ValueError(f"{text!r} is no bit width; write one such as 4, or a range such as 2-8")
    return widths


def knob(text: str) -> tuple[str, Any]:
    """'mu=100' as a name and a value: a number, true or false where it reads as one, else the word.

    >>> knob("mu=100"), knob("method=lloyd"), knob("scaled=false")
    (('mu', 100.0), ('method', 'lloyd'), ('scaled', False))
    """
    name, equals, value = text.partition("=")
    if not equals:
        raise ValueError(f"{text!r} sets nothing; write NAME=VALUE such as mu=100")
    if value in ("true", "false"):
        return name, value == "true"
    try:
        return name, float(value)
    except ValueError:
        return name, value


def run(arguments: argparse.Namespace) -> int:
    """Print the tables, and write the CSV where one is asked for."""
    if arguments.list:
        print(written(arguments.format, [_listed(info) for info in list_tensors(arguments.file.name, arguments.file)]))
        return 0
    names = [arguments.tensor]
    if arguments.tensor == ALL:
        names = [info.name for info in list_tensors(arguments.file.name, arguments.file)]
    parts = [_rows_of(arguments, name, several=len(names) > 1) for name in names]
    rows = [row for part, _ in parts for row in part]
    if arguments.format in ("csv", "json"):
        print(written(arguments.format, rows))
    else:
        print("\n\n".join("\n\n".join((written(arguments.format, _readable(part)), *said)) for part, said in parts))
    if arguments.csv:
        with arguments.csv.open("w", newline="", encoding="utf-8") as file:
            writer = csv.DictWriter(file, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    return 0


def _listed(info: Any) -> Row:
    return {"tensor": info.name, "shape": "x".join(map(str, info.shape)) or "scalar", "dtype": info.dtype, "bytes": info.nbytes}


def _rows_of(arguments: argparse.Namespace, tensor: str | None, several: bool) -> tuple[list[Row], list[str]]:
    """The rows of one tensor, numbers in full, and sentences to print below them."""
    x = make_finite(load_tensor(arguments.file.name, arguments.file, tensor), arguments.nonfinite)
    of = {"tensor": tensor} if several else {}
    rows, said = (_of_all if arguments.scheme == ALL else _of_one)(arguments, x)
    return [of | row for row in rows], said


def _of_one(arguments: argparse.Namespace, x: np.ndarray) -> tuple[list[Row], list[str]]:
    given = {name: getattr(arguments, name) for name in _OF_ONE if getattr(arguments, name) is not None}
    spec = QuantSpec(arguments.scheme, granularity=arguments.granularity, **given, **dict(arguments.knob))
    widths = arguments.bits or list(SCHEMES[arguments.scheme].bits_allowed(spec.knobs))
    points = _with_bar(sweep_steps(x, spec, "bits", widths)).points
    rows: list[Row] = [{"bits": p.spec.bits} | {name: p.metrics[name] for name in NUMBERS} for p in points]
    said = [_overhead(points[0], x.size)] if points[0].metrics["bits_per_value"] > 2 * points[0].spec.bits else []
    if arguments.target is not None:
        fitting = [p for p in points if p.metrics["sqnr_db"] >= arguments.target]
        best = min(fitting, key=lambda p: p.metrics["bits_per_value"], default=None)
        rows = [row | {"cheapest": p is best} for row, p in zip(rows, points, strict=True)]
        reach = f"reaches {arguments.target:g} dB"
        said.append(f"None {reach}." if best is None else f"Cheapest that {reach}: {best.spec.bits} bits.")
    return rows, said


def _of_all(arguments: argparse.Namespace, x: np.ndarray) -> tuple[list[Row], list[str]]:
    knobs = dict(arguments.knob)
    scales = knobs.pop("scales", "float32")
    if strange := [*knobs, *(name for name in _OF_ONE if getattr(arguments, name) is not None)]:
        raise ValueError(f"{strange[0]} is for one scheme; leave it out with --scheme {ALL}")
    found = table(_with_bar(compare(x, arguments.granularity or PerTensor(), scales)))
    found = tuple(row for row in found if not arguments.bits or row.spec.bits in arguments.bits)
    best = None if arguments.target is None else reaching(found, arguments.target)
    rows: list[Row] = [
        {"scheme": row.slug, "setting": row.title, "bits": row.spec.bits, "bits_per_value": row.bits_per_value, "sqnr_db": row.sqnr_db}
        | {"max_error": row.max_error, "mse": row.mse, "used_by": row.used_by}
        | ({} if arguments.target is None else {"cheapest": row is best})
        for row in found
    ]
    said = []
    if arguments.target is not None:
        which = f"{best.setting}, {best.bits_per_value:.2f} bits per value, {best.sqnr_db:.1f} dB" if best else "none"
        said.append(f"Cheapest that reaches {arguments.target:g} dB: {which}.")
    return rows, said + ([f"Measured on {MOST} values in evenly spaced rows."] if x.size > MOST else [])


def _overhead(point: Point, size: int) -> str:
    """Where most of the bits are for the scale: what the code takes, and what the rest.

    >>> from quantlab.sweep import sweep
    >>> _overhead(sweep(np.ones(1), QuantSpec("int-symmetric"), values=[4]).points[0], 1)
    'At 4 bits: no error; 4 bits of code and 32 for the scale, for each of 1 value.'
    """
    bits, names = point.spec.bits, SCHEMES[point.spec.scheme].stored(point.spec)
    rest, error = point.metrics["bits_per_value"] - bits, point.metrics["sqnr_db"]
    what = "no error" if error == np.inf else f"{error:.1f} dB"
    beside = " and ".join(name.replace("_", " ") for name in names)
    return f"At {bits} bits: {what}; {bits} bits of code and {rest:.4g} for the {beside}, for each of {size} value{'s'[: size != 1]}."


def _readable(rows: list[Row]) -> list[Row]:
    """The numbers that a person compares, in few digits."""
    long = {name for name in NUMBERS if name not in _SHORT}
    return [{name: _short(name, value) for name, value in row.items() if name not in long} for row in rows]


def _short(name: str, value: Any) -> Any:
    forms = {"sqnr_db": ".1f", "mse": ".4g", "max_error": ".4g", "bits_per_value": ".2f", "entropy_bits": ".2f", "levels_used": ".0f"}
    if name == "sqnr_db" and value == np.inf:
        return "no error"
    if name == "cheapest":
        return "<-" if value else ""
    return f"{value:.2%}" if name == "clipped" else format(value, forms[name]) if name in forms else value


def _with_bar(steps: Generator[Progress, None, T]) -> T:
    """What the steps return, with a progress bar meanwhile where somebody watches."""
    with tqdm(unit="level", leave=False, disable=None) as bar:
        while True:
            try:
                done, bar.total = next(steps)
                bar.update(done - bar.n)
            except StopIteration as end:
                return end.value
