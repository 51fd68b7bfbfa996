"""List every tensor of a model file, what fewer bits would cost, and write the quantized file.

    quantlab model model.safetensors
    quantlab model model.safetensors --rules "embed: 8 bits, norms: leave, rest: q4_k" --write out.gguf
    quantlab model model.safetensors.index.json --bits-per-weight 4.5 --format json

Reads safetensors (and an index of shards), GGUF, ONNX, PyTorch state_dicts, .npz. Errors are of evenly spaced rows unless
``--all-values`` is given; ``--contents`` measures nothing.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from fnmatch import fnmatchcase
from pathlib import Path
from typing import TypeVar

from tqdm import tqdm

from quantlab.cli.parsing import worded
from quantlab.cli.tables import FORMS, Row, written
from quantlab.labs.model.budget import share_out
from quantlab.model_file.activations import Activations, activations_of
from quantlab.model_file.configurations import CONFIGURATIONS
from quantlab.model_file.measuring import SAMPLE, Measured, measure
from quantlab.model_file.names import printable
from quantlab.model_file.opening import open_model
from quantlab.model_file.options import Option, options
from quantlab.model_file.packed import packed_layers
from quantlab.model_file.report import Plan, contents, table, totals, worst
from quantlab.model_file.rules import Rule, chosen, rules_of
from quantlab.model_file.tensors import ModelFile
from quantlab.model_file.writing import write_gguf_steps, write_safetensors_steps
from quantlab.progress import Steps

T = TypeVar("T")
RULES = "norms: leave, vectors: leave, embed: q8_0, rest: q4_k"
_SORTS = {"file": "", "bytes": "bytes", "error": "relative_error", "outliers": "outlier_ratio"}
_SHORT = ("tensor", "shape", "dtype", "bytes", "share", "outlier_ratio", "option", "sqnr_db", "best_at_this_size")


def describe(p: argparse.ArgumentParser) -> None:
    """The arguments of ``quantlab model``."""
    p.add_argument("file", type=Path, help="a model file, or the folder that holds one")
    p.add_argument(
        "--rules", type=worded(rules_of), default=rules_of(RULES), metavar="TEXT", help=f'PATTERN: OPTION, ...; usual: "{RULES}"'
    )
    p.add_argument("--bits-per-weight", type=float, metavar="BITS", help="find the plan of least error within so many bits a weight")
    p.add_argument("--filter", default="*", metavar="GLOB", help="show only tensors whose names fit")
    p.add_argument("--sort", default="file", choices=_SORTS, help="the order of the table, the largest first")
    p.add_argument("--top", type=int, metavar="N", help="show so many rows")
    p.add_argument("--format", default="text", choices=FORMS, help=f"how the table is printed: {', '.join(FORMS)}")
    p.add_argument("--contents", action="store_true", help="what the file holds by type, and no more")
    p.add_argument("--heat", action="store_true", help="SQNR in dB of every tensor under every option")
    p.add_argument("--all-values", action="store_true", help="measure errors on all values, not on evenly spaced rows")
    p.add_argument("--activations", type=Path, metavar="NPZ", help="inputs of layers by name, (samples, inputs): errors of outputs count")
    p.add_argument("--plan", choices=CONFIGURATIONS, help="print the plan as a configuration")
    p.add_argument("--write", type=Path, metavar="FILE", help="write the quantized file: .safetensors or .gguf")


def run(arguments: argparse.Namespace) -> int:
    """Print the table and the totals; write what is asked for."""
    model = open_model(arguments.file)
    if arguments.write and arguments.write.suffix not in (".safetensors", ".gguf"):
        raise ValueError(f"--write {arguments.write} is neither .safetensors nor .gguf; name one of these")
    _say(f"{model.name}: {model.kind}, {len(model.tensors)} tensors, {_size(model.nbytes)}.")
    for note in model.notes:
        _say(note)
    if arguments.contents:
        print(written(arguments.format, list[Row](contents(model))))
        for layer in packed_layers(model)[:3]:
            _say(f"{layer.name}: {layer.kind}, groups of {layer.group_size}.")
        return 0
    choices = _choices(arguments.rules)
    live = _live_rows(model, choices, arguments)
    measured: list[Measured] = []
    try:
        _measure_all(model, choices, arguments, live, measured)
    except KeyboardInterrupt:
        _say(f"Interrupted after {len(measured)} of {len(model.tensors)} tensors; there are no totals, and no file was written.")
        raise
    plan, said = _plan(model, measured, choices, arguments)
    rows = [] if live else _chosen_rows(model, measured, plan, choices, arguments)
    if arguments.plan:
        print(CONFIGURATIONS[arguments.plan](model, plan))
    elif rows:
        short = arguments.format in ("text", "markdown") and not arguments.heat
        print(written(arguments.format, [_readable(row) for row in rows] if short else rows))
    for line in [*said, *_summary(measured, plan)]:
        _say(line)
    if arguments.write:
        _say(f"Wrote {arguments.write.name}, {_size(_write(model, plan, arguments))}.")
    return 0


def _say(sentence: str) -> None:
    """A sentence beside the table: on the error stream, so that the table can go into a file."""
    print(printable(sentence), file=sys.stderr, flush=True)


def _choices(rules: tuple[Rule, ...]) -> list[Option]:
    own = {rule.option.slug: rule.option for rule in rules if rule.option}
    return list((options() | own).values())


def _live_rows(model: ModelFile, choices: list[Option], arguments: argparse.Namespace) -> Callable[[Measured], str] | None:
    """The lines of a tensor's row as soon as it is measured, the head before the first; None where a row needs all the others.

    The text table can do so: in the file's order, under the rules. Its columns are as wide as names that are known beforehand.
    """
    whole = arguments.heat or arguments.plan or arguments.top is not None or _SORTS[arguments.sort] or arguments.bits_per_weight is not None
    if arguments.format != "text" or whole:
        return None
    plan = {t.name: chosen(t, arguments.rules) for t in model.tensors}
    listed = [t for t in model.tensors if fnmatchcase(t.name, arguments.filter)]
    shapes = ["x".join(map(str, t.shape)) for t in listed]
    words = [[printable(t.name) for t in listed], shapes, [t.dtype for t in listed], [str(t.nbytes) for t in listed]]
    widths = dict(zip(_SHORT, (max(map(len, column), default=0) for column in words), strict=False))
    widths |= dict.fromkeys(("option", "best_at_this_size"), max(len(option.slug) for option in choices))
    left = {"tensor", "shape", "dtype", "option", "best_at_this_size"}

    def line(cells: Row) -> str:
        wide = {name: max(widths.get(name, 8), len(name)) for name in _SHORT}
        return "  ".join(f"{printable(str(cells[name])):{'<' if name in left else '>'}{wide[name]}}" for name in _SHORT).rstrip()

    head = [line({name: name for name in _SHORT})]

    def lines(measured: Measured) -> str:
        if not fnmatchcase(measured.tensor.name, arguments.filter):
            return ""
        row = line(_readable(table(model, [measured], plan, choices)[0]))
        return "\n".join([head.pop(), row] if head else [row])

    return lines


def _measure_all(
    model: ModelFile,
    choices: list[Option],
    arguments: argparse.Namespace,
    live: Callable[[Measured], str] | None,
    measured: list[Measured],
) -> None:
    """Append every tensor's measurement to ``measured`` as it is made, and print its row where there is one to print."""
    inputs = _activations(arguments.activations, model, arguments.bits_per_weight is not None)
    sample = None if arguments.all_values else SAMPLE
    with tqdm(total=model.nbytes, unit="B", unit_scale=True, leave=False, disable=None) as bar:
        for tensor in model.tensors:
            bar.set_description(printable(tensor.name[-40:]))
            measured.append(measure(tensor, choices, sample, inputs.of(tensor.name), model.release))
            model.release()
            bar.update(tensor.nbytes)
            if live and (lines := live(measured[-1])):
                with bar.external_write_mode():
                    print(lines, flush=True)


def _activations(path: Path | None, model: ModelFile, budget: bool) -> Activations:
    """Inputs by the name of the weights."""
    if path is None:
        return Activations()
    inputs = activations_of(open_model(path), model)
    if budget and (left := [t.name for t in model.weights if len(t.shape) == 2 and t.name not in inputs.arrays]):
        raise ValueError(f"{path.name} has no inputs of {left[0]}: a budget needs those of all matrices, or none, because the units differ")
    return inputs


def _plan(model: ModelFile, measured: list[Measured], choices: list[Option], arguments: argparse.Namespace) -> tuple[Plan, list[str]]:
    if arguments.bits_per_weight is None:
        return {t.name: chosen(t, arguments.rules) for t in model.tensors}, []
    weights = sum(m.tensor.size for m in measured if m.errors)
    fixed = sum(m.tensor.nbytes for m in measured if not m.errors)
    kept = frozenset(t.name for t in model.tensors if any(r.fits(t) and r.option is None for r in arguments.rules))
    shared = share_out(measured, choices, fixed + int(arguments.bits_per_weight * weights / 8), kept)
    sure = (
        "the least there is" if shared.exact else f"at most {shared.loss / shared.least - 1:.2%} above the least" if shared.least else "0"
    )
    return shared.plan, [f"Budget of {arguments.bits_per_weight:g} bits per weight: summed squared error {shared.loss:.4g}, {sure}."]


def _chosen_rows(model: ModelFile, measured: list[Measured], plan: Plan, choices: list[Option], arguments: argparse.Namespace) -> list[Row]:
    rows: list[Row] = list(table(model, measured, plan, choices))
    if arguments.heat:
        rows = [{"tensor": m.tensor.name} | {o.slug: round(m.sqnr_db(o.slug), 2) for o in choices} for m in measured if m.errors]
    elif column := _SORTS[arguments.sort]:
        rows.sort(key=lambda row: (row[column] != row[column], -row[column]))  # nan last
    return [row for row in rows if fnmatchcase(row["tensor"], arguments.filter)][: arguments.top]


def _readable(row: Row) -> Row:
    forms = {"share": "{:.2%}", "outlier_ratio": "{:.1f}", "sqnr_db": "{:.1f}"}
    return {name: "-" if row[name] != row[name] else forms.get(name, "{}").format(row[name]) for name in _SHORT}


def _summary(measured: list[Measured], plan: Plan) -> list[str]:
    t = totals(measured, plan)
    lines = [
        f"{_size(t.bytes_before)} -> {_size(t.bytes_after)}, {t.bits_per_weight:.2f} bits per weight, {t.sqnr_db:.1f} dB over all weights."
    ]
    if ranked := worst(measured, plan):
        lines.append("Largest shares of the error: " + ", ".join(f"{name} {share:.1%}" for name, share in ranked) + ".")
    strange = [m for m in measured if m.statistics and m.statistics.strange]
    lines += [f"{m.tensor.name}: {m.why}." for m in strange[:5]]
    looked, whole = sum(m.measured for m in measured), sum(m.tensor.size for m in measured if m.errors)
    return lines + (
        [f"Errors are measured on {looked} of {whole} values, in evenly spaced rows; --all-values takes all."] if looked < whole else []
    )


def _write(model: ModelFile, plan: Plan, arguments: argparse.Namespace) -> int:
    if arguments.write.resolve() == arguments.file.resolve():
        raise ValueError("--write names the file that is read; name another one")
    if arguments.write.suffix == ".gguf":
        return _with_bar(write_gguf_steps(model, plan, arguments.write, arguments.file if model.kind == "GGUF" else None))
    return _with_bar(write_safetensors_steps(model, plan, arguments.write))


def _with_bar(steps: Steps[T]) -> T:
    with tqdm(unit="tensor", leave=False, disable=None) as bar:
        while True:
            try:
                done, bar.total = next(steps)
                bar.update(done - bar.n)
            except StopIteration as end:
                return end.value


def _size(nbytes: int) -> str:
    """Bytes for people.

    >>> _size(512), _size(5_200_000_000)
    ('512 bytes', '5.20 GB')
    """
    for unit, size in (("GB", 10**9), ("MB", 10**6), ("kB", 10**3)):
        if nbytes >= size:
            return f"{nbytes / size:.2f} {unit}"
    return f"{nbytes} bytes"
