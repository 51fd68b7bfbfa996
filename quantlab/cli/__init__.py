"""The command ``quantlab``: one file a command, in the order in which the help names them.

A command is a module with ``describe(parser)``, which says what may follow its name, and ``run(arguments)``, which returns
the exit status. One that sets a default for ``others`` receives the words that its parser does not know; elsewhere they are
refused. What is asked wrongly gets one sentence on the error stream and the status 2.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import ModuleType

from quantlab import __version__
from quantlab.cli import app, bench, doctor, export, learn, model, publish, sweep
from quantlab.cli.parsing import Parser, one_sentence

COMMANDS: dict[str, ModuleType] = {
    "app": app,
    "sweep": sweep,
    "model": model,
    "bench": bench,
    "export": export,
    "publish": publish,
    "learn": learn,
    "doctor": doctor,
}


def parser() -> Parser:
    """What may stand on the command line."""
    whole = Parser("quantlab", description="Understand quantization: an app, and tensors swept from the terminal.")
    whole.add_argument("--version", action="version", version=f"quantlab {__version__}")
    commands = whole.add_subparsers(metavar="COMMAND", required=True)
    for name, module in COMMANDS.items():
        first_line = (module.__doc__ or "").partition("\n")[0]
        command = commands.add_parser(name, help=first_line, description=first_line)
        module.describe(command)
        command.set_defaults(run=module.run, prog=command.prog)
    return whole


def with_command(words: Sequence[str]) -> list[str]:
    """The words with a command in front: ``quantlab FILE`` is short for ``quantlab sweep FILE``.

    >>> with_command(["w.npy", "--bits", "4"]), with_command(["--bits", "4", "w.npy"]), with_command(["doctor"])
    (['sweep', 'w.npy', '--bits', '4'], ['sweep', '--bits', '4', 'w.npy'], ['doctor'])
    >>> with_command(["doctr"])
    Traceback (most recent call last):
    ValueError: 'doctr' is neither a command nor a file; the commands are app, sweep, model, bench, export, publish, learn, doctor
    """
    if not words:
        raise ValueError(f"no command is given; the commands are {', '.join(COMMANDS)}, and quantlab --help says more")
    first = words[0]
    if first in COMMANDS or first in ("-h", "--help", "--version"):
        return list(words)
    if not first.startswith("-") and not Path(first).suffix and not Path(first).exists():
        raise ValueError(f"{first!r} is neither a command nor a file; the commands are {', '.join(COMMANDS)}")
    return ["sweep", *words]


def main(argv: Sequence[str] | None = None) -> int:
    """The command; its exit status, 2 with one sentence on the error stream where it was asked wrongly."""
    try:
        words = with_command(sys.argv[1:] if argv is None else argv)
    except ValueError as problem:
        print(f"quantlab: {problem}", file=sys.stderr)
        return 2
    arguments, others = parser().parse_known_args(words)
    if others and not hasattr(arguments, "others"):
        print(f"{arguments.prog}: {others[0]!r} is unknown; {arguments.prog} --help lists the options", file=sys.stderr)
        return 2
    arguments.others = others
    try:
        return arguments.run(arguments)
    except (ValueError, OSError) as problem:
        print(f"{arguments.prog}: {one_sentence(problem)}", file=sys.stderr)
        return 2
    except KeyboardInterrupt:
        return 130  # as a shell counts an interrupt
