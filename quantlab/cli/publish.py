"""Write the lessons as a static site that needs no server: predictions, checks and live pictures included."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path


def describe(parser: argparse.ArgumentParser) -> None:
    """The options."""
    parser.add_argument("-o", "--output", type=Path, required=True, help="the folder to write into; files of the same names are replaced")
    parser.add_argument("--lessons", type=Path, help="a folder of lessons of one's own; left out, those of QuantLab")
    parser.add_argument("--only", default="", help="the names of some lessons, with commas between")


def run(arguments: argparse.Namespace) -> int:
    """Write the site; what is wrong in a lesson goes to the error stream, and the others are written."""
    from quantlab.export.site import write
    from quantlab.learn.lesson import FOLDER, load

    folder: Path = arguments.lessons or FOLDER
    if not folder.is_dir():
        raise ValueError(f"there is no folder {folder}")
    lessons, errors = load(folder, check=arguments.lessons is not None)
    for error in errors:
        print(error, file=sys.stderr)
    if names := [name.strip() for name in arguments.only.split(",") if name.strip()]:
        if strange := [name for name in names if name not in lessons]:
            raise ValueError(f"there is no lesson {strange[0]!r}; name one of {', '.join(lessons)}")
        lessons = {name: lessons[name] for name in names}
    if not lessons:
        raise ValueError(f"{folder} holds no lesson; a lesson is a Markdown file")
    count, total = 0, 0
    for path, size in write(lessons, arguments.output):
        count, total = count + 1, total + size
        print(f"{path.name}: {size / 1e6:.1f} MB", flush=True)
    print(f"{count} files, {total / 1e6:.0f} MB in {arguments.output}; open index.html there")
    return 1 if errors else 0
