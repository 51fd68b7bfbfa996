"""Notebooks of format 4, of Markdown and Python cells."""

from __future__ import annotations

from collections.abc import Sequence

import nbformat
from nbformat.v4 import new_notebook

_KERNEL = {"kernelspec": {"name": "python3", "display_name": "Python 3", "language": "python"}}


def notebook(cells: Sequence[nbformat.NotebookNode]) -> nbformat.NotebookNode:
    """A notebook of cells for Python."""
    return new_notebook(cells=list(cells), metadata=_KERNEL)


def written(cells: Sequence[nbformat.NotebookNode]) -> str:
    """The text of the file, valid by the format's own rules."""
    made = notebook(cells)
    nbformat.validate(made)
    return str(nbformat.writes(made)) + "\n"
