"""Which tests come first: those of browsers, dealt to two workers in three, beside the others on the rest.

A browser test waits half of its time, so two of them and one other test keep two cores busy from the first minute to the last;
browser tests that are left for the end keep them half busy, and a worker without any needs no server and no browser. ``worksteal`` gives
each worker one piece of the list, all of about one length, and later the end of another's: what is quick stands at every end.
"""

from __future__ import annotations

from collections import defaultdict

import pytest

_SECONDS = {True: 8.0, False: 2.0}  # that a test of a browser takes by the clock: a slow one, and another


def is_slow(item: pytest.Item) -> bool:
    return item.get_closest_marker("slow") is not None


def ordered(items: list[pytest.Item], workers: int = 1) -> list[pytest.Item]:
    """Browser tests first, slow before quick; for several workers one piece for each, as ``worksteal`` cuts the list.

    Every process of pytest has to come to the same order.
    """
    browser = sorted((item for item in items if "browser" in item.path.parts), key=is_slow, reverse=True)
    others = sorted((item for item in items if "browser" not in item.path.parts), key=is_slow, reverse=True)
    sizes = pieces(len(items), workers)
    shares = dealt(browser, max(1, round(2 * workers / 3)))
    if any(len(share) > size for share, size in zip(shares, sizes, strict=False)):
        return browser + others
    own = sizes[len(shares) :]  # of the workers without a browser, who begin with what is slow
    rest, filling = others[: sum(own)], others[sum(own) :]
    result: list[pytest.Item] = []
    for share, size in zip(shares, sizes, strict=False):
        missing = size - len(share)
        result += [*share, *filling[:missing]]
        del filling[:missing]
    return result + rest


def pieces(count: int, workers: int) -> list[int]:
    """How many of ``count`` tests ``worksteal`` gives each of the workers first.

    >>> pieces(11, 3)
    [3, 4, 4]
    """
    sizes: list[int] = []
    for left in range(workers, 0, -1):
        sizes.append((count - sum(sizes)) // left)
    return sizes


def dealt(items: list[pytest.Item], hands: int) -> list[list[pytest.Item]]:
    """The tests in so many parts of about the same time, a file's tests together: they look at one page after the other."""
    files: dict[object, list[pytest.Item]] = defaultdict(list)
    for item in items:
        files[item.path].append(item)
    times = {path: sum(_SECONDS[is_slow(item)] for item in of_one) for path, of_one in files.items()}
    parts: list[list[pytest.Item]] = [[] for _ in range(hands)]
    taken = [0.0] * hands
    for path in sorted(files, key=lambda path: -times[path]):
        least = taken.index(min(taken))
        parts[least] += files[path]
        taken[least] += times[path]
    return [sorted(part, key=is_slow, reverse=True) for part in parts]
