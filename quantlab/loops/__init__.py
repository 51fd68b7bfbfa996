"""Inner loops in numba: what numpy does in several passes over the memory, in one.

A module here is a scalar loop or a few, beside the formula. It imports numba and is compiled when it is first imported, so
callers import it inside the function that needs it: ``import quantlab`` loads no compiler. Types are stated
(``@loop(void(...))``), so nothing is compiled later than that; the machine code is kept below the cache folder.

Each is bit-equal to the formula in numpy: division as IEEE has it, no ``fastmath``, sums in a stated order. Loops let go of
the interpreter's lock and run on the threads of ``values/blocks.py``; ``parallel=True`` is not used, because numba's own
threads end the process when two Python threads enter them.
"""

from importlib import import_module
from pkgutil import iter_modules


def names() -> list[str]:
    """The modules with loops, in the order in which they are compiled ahead: a lab that opens needs the first ones first.

    >>> names()[:2]
    ['affine', 'extremes']
    """
    found = {module.name for module in iter_modules(__path__) if not module.name.startswith("_")}
    first = [name for name in ("affine", "extremes", "runs", "errors", "boxes") if name in found]
    return first + sorted(found - set(first))


def compile_all() -> None:
    """Compile every loop, or load it from where it is kept."""
    for name in names():
        import_module(f"{__name__}.{name}")
