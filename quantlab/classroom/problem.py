"""The one exception of a database that does not work."""

from __future__ import annotations


class StoreProblem(RuntimeError):
    """What is wrong with the database of classes, as a sentence for people. Nothing was stored: sending again is right."""
