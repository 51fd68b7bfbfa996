"""Write views of a lab, or a lesson, as one HTML file that plays anywhere, with no server and no network."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from urllib.parse import parse_qsl


def describe(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("address", help='a page and its query, such as "tensor?scheme=nf4" or "learn?lesson=zero-point"')
    parser.add_argument("-o", "--output", type=Path, required=True, help="the file to write")
    parser.add_argument("--views", default="", help="which views, with commas between; left out, the lab's first ones")


def run(arguments: argparse.Namespace) -> int:
    """Write the file; notices about the address go to the error stream."""
    from quantlab.export import html
    from quantlab.labs.catalog import LABS

    page, _, query = arguments.address.lstrip("/").partition("?")
    if page == "learn":
        return _lesson(dict(parse_qsl(query)).get("lesson", ""), arguments.output)
    if page not in LABS:
        raise ValueError(f"there is no lab {page!r}; name one of {', '.join(slug for slug, lab in LABS.items() if lab.views)}")
    lab = LABS[page]
    address = lab.read(dict(parse_qsl(query)))
    for notice in (*address.notices, *address.problems):
        print(notice, file=sys.stderr)
    views = [view.strip() for view in arguments.views.split(",") if view.strip()]
    return _written(html(lab, address, views or None), arguments.output)


def _lesson(slug: str, output: Path) -> int:
    from quantlab.export.site import whole
    from quantlab.learn.lesson import load

    lessons = load(check=False)[0]
    if slug not in lessons:
        raise ValueError(f"there is no lesson {slug!r}; write learn?lesson= and one of {', '.join(lessons)}")
    return _written(whole(lessons[slug]), output)


def _written(text: str, output: Path) -> int:
    output.write_text(text, "utf-8")
    print(f"{output}: {len(text.encode()) / 1e6:.1f} MB")
    return 0
