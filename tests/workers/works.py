"""Work for workers: what a module holds can be pickled."""

import os
import re
import signal
import sys
import time

import numpy as np


def numbers(seed, count=3):
    """Numbers of a seed, and the process that made them."""
    for done in range(count):
        yield done, count
    return np.random.default_rng(seed).standard_normal(1000), os.getpid()


def slow(path, seconds=30.0, step=0.02):
    """Says in a file that it runs, yields, and says in the end that it was told to stop."""
    path.write_text("runs")
    try:
        for done in range(int(seconds / step)):
            yield done, int(seconds / step)
            time.sleep(step)
    finally:
        path.write_text("ended")
    return "whole"


def held(path, gate):
    """Says in a file that it runs, and ends once there is a file ``gate``."""
    path.write_text("runs")
    while not gate.exists():
        yield 0, 1
        time.sleep(0.02)


def held_numbers(path, other, seed):
    """Says in a file that it runs, and gives numbers once another runs too."""
    path.write_text("runs")
    while not other.exists():
        yield 0, 1
        time.sleep(0.02)
    return (yield from numbers(seed))


def deaf(path, seconds=30.0):
    """Never yields once it runs."""
    yield 0, 1
    path.write_text(str(os.getpid()))
    time.sleep(seconds)
    return "whole"


def failing(text):
    yield 0, 1
    raise ValueError(text)


def hungry(size):
    """Takes more and more memory."""
    held = []
    for done in range(1000):
        yield done, 1000
        held.append(np.ones(size // 8))
        time.sleep(0.02)
    return len(held)


def dying(path, times):
    """Is killed so many times, as by the system, and counts them in a file."""
    yield 0, 1
    count = int(path.read_text()) if path.exists() else 0
    if count < times:
        path.write_text(str(count + 1))
        os.kill(os.getpid(), signal.SIGKILL)
    return count


def loaded(name):
    """Whether this process holds a module already."""
    yield 0, 1
    return name in sys.modules


def endless():
    """Holds the interpreter and never returns."""
    re.fullmatch(r"(a+)+b", "a" * 64)


def greedy():
    """Takes more and more memory, at once."""
    held = []
    while True:
        held.append(np.ones(1 << 22))
        time.sleep(0.01)


def crashing():
    """Ends its process as a decoder does that reads beyond its memory."""
    os.kill(os.getpid(), signal.SIGSEGV)


def process(value):
    """The value, and the process that was asked."""
    return value, os.getpid()


def refused():
    raise ValueError("it is no picture: bring one.")


_grown: list[bytes] = []


def grown(megabytes):
    """Hold so much more for good; the process's number."""
    _grown.append(b"x" * (megabytes << 20))
    yield 0, 1
    return os.getpid()


def niceness():
    """By how much its process gives way, from 0 to 19."""
    yield 0, 1
    return os.nice(0)
