"""Sweep a quantizer over a tensor in a file and print what each bit width costs.

    quantlab sweep tensor.npy --scheme int-symmetric --granularity group-64 --bits 2-8 --csv out.csv

Reads .npy, .npz, .csv and .safetensors (``--tensor`` names one of several). ``--knob mu=100`` sets a scheme's own knob.
"""

from __future__ import annotations

import argparse
import csv
import re
from pathlib import Path
from typing import Any

from tqdm import tqdm

from quantlab.cli.parsing import worded
from quantlab.grouping import parse_granularity
from quantlab.ranges import CALIBRATORS
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import SCHEMES
from quantlab.sources import load_tensor, make_finite
from quantlab.sweep import NUMBERS, Sweep, sweep_steps
from quantlab.types import QuantSpec

_COLUMNS = {
    "sqnr_db": ".1f",
    "mse": ".4g",
    "max_error": ".4g",
    "bits_per_value": ".2f",
    "entropy_bits": ".2f",
    "levels_used": ".0f",
    "clipped": ".2%",
}


def describe(p: argparse.ArgumentParser) -> None:
    """The arguments of ``quantlab sweep``."""
    p.add_argument("file", type=Path, help=".npy, .npz, .csv or .safetensors")
    p.add_argument("--tensor", help="which one, where the file holds several")
    p.add_argument("--scheme", default="int-symmetric", choices=SCHEMES, metavar="SLUG", help=", ".join(SCHEMES))
    p.add_argument("--bits", type=worded(bit_widths), help="one width or a range such as 2-8; left out, all that the scheme has")
    p.add_argument("--granularity", type=worded(parse_granularity), help="tensor, channel-AXIS, group-SIZE or block-ROWSxCOLS")
    p.add_argument("--calibrator", choices=CALIBRATORS, metavar="SLUG", help=", ".join(CALIBRATORS))
    p.add_argument("--rounding", default="nearest-even", choices=ROUNDINGS, metavar="SLUG", help=", ".join(ROUNDINGS))
    p.add_argument("--seed", type=int, default=0, help="of the random roundings")
    p.add_argument(
        "--knob", action="append", type=worded(knob), default=[], metavar="NAME=VALUE", help="a knob of the scheme, any number of times"
    )
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


def swept(arguments: argparse.Namespace) -> Sweep:
    """The sweep that the arguments ask for; ValueError in one sentence where they make no sense."""
    x = make_finite(load_tensor(arguments.file.name, arguments.file, arguments.tensor), arguments.nonfinite)
    spec = QuantSpec(
        arguments.scheme,
        granularity=arguments.granularity,
        calibrator=arguments.calibrator,
        rounding=arguments.rounding,
        seed=arguments.seed,
        **dict(arguments.knob),
    )
    widths = arguments.bits or list(SCHEMES[arguments.scheme].bits_allowed(spec.knobs))
    steps = sweep_steps(x, spec, "bits", widths)
    with tqdm(total=len(widths), unit="level", leave=False, disable=None) as bar:
        while True:
            try:
                bar.update(next(steps)[0] - bar.n)
            except StopIteration as end:
                return end.value


def table(result: Sweep) -> str:
    """The numbers as aligned columns."""
    rows = [["bits", *_COLUMNS]]
    rows += [[p.label, *(format(p.metrics[name], form) for name, form in _COLUMNS.items())] for p in result.points]
    widths = [max(len(row[i]) for row in rows) for i in range(len(rows[0]))]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)


def write_csv(result: Sweep, path: Path) -> None:
    """All numbers in full."""
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(["bits", *NUMBERS])
        writer.writerows([p.label, *(p.metrics[name] for name in NUMBERS)] for p in result.points)


def run(arguments: argparse.Namespace) -> int:
    """Print the table, and write the CSV where one is asked for."""
    result = swept(arguments)
    print(table(result))
    if arguments.csv:
        write_csv(result, arguments.csv)
    return 0
