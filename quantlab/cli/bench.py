"""Test a quantized model against its float one, and say pass or fail.

quantlab bench model.onnx --data test.npz --target top1=-1pp --exit-code --html report.html
quantlab bench plain --weights 4 --json report.json
"""

from __future__ import annotations

import argparse
import json
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from quantlab.cli.parsing import worded
from quantlab.progress import Steps, finish
from quantlab.sources.upload import MAX_STATE

if TYPE_CHECKING:
    from quantlab.bench.report import Report


def _content(path: Path) -> bytes:
    """A file's bytes; ValueError, before anything is read, where it is too large."""
    if (size := path.stat().st_size) > MAX_STATE:
        raise ValueError(f"{path} has {size} bytes, and at most {MAX_STATE} are read; test a smaller model")
    return path.read_bytes()


def describe(parser: argparse.ArgumentParser) -> None:
    """The options."""
    from quantlab.bench.pictures import PIXELS
    from quantlab.bench.targets import target

    parser.add_argument("model", help="a float ONNX file, or one of plain, depthwise, small")
    parser.add_argument("--quantized", type=Path, help="its quantized ONNX file; left out, quantizers are inserted here")
    parser.add_argument(
        "--data",
        type=Path,
        help=".npz with x (inputs as the model reads them) and y (labels, or targets as float32), or a .zip of pictures",
    )
    parser.add_argument("--pixels", default="unit", choices=tuple(PIXELS), help="how the model reads the pictures of a .zip")
    parser.add_argument("--weights", type=int, default=8, metavar="BITS", help="of inserted quantizers, 2 to 8")
    parser.add_argument("--activations", type=int, default=8, metavar="BITS", help="of inserted quantizers, 2 to 8")
    parser.add_argument("--granularity", default="channel", choices=("tensor", "channel"), help="of the weights' scales")
    parser.add_argument("--target", action="append", type=worded(target), default=[], help="such as top1=-1pp, flips=2%%, size=30%%")
    parser.add_argument("--exit-code", action="store_true", help="end with 1 where the model fails")
    parser.add_argument("--json", type=Path, help="write the report there")
    parser.add_argument("--html", type=Path, help="write the report there as one page")
    parser.add_argument("--compare", type=Path, metavar="REPORT.json", help="say what changed since that report")


def run(arguments: argparse.Namespace) -> int:
    """Print the verdict and the findings."""
    from quantlab.bench.document import document
    from quantlab.bench.limited import limited
    from quantlab.bench.report import as_json, compared

    report = finish(limited(partial(steps, arguments)))
    print(f"{report['title']}: {'passed' if report['passed'] else 'failed'}")
    for verdict in report["targets"]:
        print(f"  {verdict['target']}: {'met' if verdict['met'] else 'missed'}")
    for finding in report["findings"]:
        print(f"  {finding['box']} box: {finding['text']} {finding['remedy']}")
    for name, value in report["measures"].items():
        print(f"  {name} {value:.4g}")
    if arguments.compare:
        for line in compared(json.loads(arguments.compare.read_text("utf-8")), report):
            print(f"  {line}")
    if arguments.json:
        arguments.json.write_text(as_json(report), "utf-8")
    if arguments.html:
        arguments.html.write_text(document(report), "utf-8")
    return int(arguments.exit_code and not report["passed"])


def steps(arguments: argparse.Namespace) -> Steps[Report]:
    """The report, in a worker; what is brought is read there too."""
    from quantlab.bench.files import of_files
    from quantlab.bench.insertion import Plan
    from quantlab.bench.report import report_steps
    from quantlab.bench.subject import of_network
    from quantlab.networks.catalogue import Origin, of_origin

    yield 0, 1
    plan = Plan(arguments.weights, arguments.activations, arguments.granularity)
    if arguments.model in of_origin(Origin.SHIPPED):
        subject = of_network(arguments.model, plan, images=500)
    elif arguments.data is None:
        raise ValueError(f"{arguments.model} needs examples; write --data test.npz with x and y, or name plain, depthwise or small")
    else:
        path, data = Path(arguments.model), (arguments.data.name, arguments.data)
        model = (arguments.quantized.name, _content(arguments.quantized)) if arguments.quantized else None
        subject = of_files((path.name, _content(path)), data, plan, model, arguments.pixels)
    return (yield from report_steps(subject, arguments.target))
