"""Command-line parsing whose errors are one sentence: the program's name, what is wrong, what to write."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from typing import NoReturn, TypeVar

T = TypeVar("T")


class Parser(argparse.ArgumentParser):
    """argparse without the usage lines in front of an error."""

    def error(self, message: str) -> NoReturn:
        print(f"{self.prog}: {message}", file=sys.stderr)
        self.exit(2)


def worded(read: Callable[[str], T]) -> Callable[[str], T]:
    """``read`` as an argparse type that keeps the text of its ValueError (argparse says "invalid value" instead)."""

    def typed(text: str) -> T:
        try:
            return read(text)
        except ValueError as problem:
            raise argparse.ArgumentTypeError(str(problem)) from problem

    return typed


def one_sentence(problem: ValueError | OSError) -> str:
    """What went wrong, without the number of the system's error.

    >>> one_sentence(FileNotFoundError(2, "No such file or directory", "w.npy"))
    'w.npy: No such file or directory'
    >>> one_sentence(ValueError("bits=40 is too many; choose 1 to 16"))
    'bits=40 is too many; choose 1 to 16'
    """
    if isinstance(problem, OSError) and problem.filename is not None:
        return f"{problem.filename}: {problem.strerror}"
    return str(problem)
