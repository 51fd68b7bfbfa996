"""Programming exercises, one a file: a function with a gap, what it has to do, and the wrong algorithms by their names.

A file here that ends in ``PROGRAM = Program(...)`` is one; names that begin with ``_`` are shared. ``quantlab learn start`` writes it as a script
or a notebook, ``quantlab learn check`` tries it on the student's own machine. No code of a student ever runs on a server.
"""

from quantlab.learn.programs.base import Failure, Program, start
from quantlab.registry import Registry

PROGRAMS: Registry[Program] = Registry("quantlab.learn.programs.tasks", "PROGRAM")

__all__ = ["PROGRAMS", "Failure", "Program", "start"]
