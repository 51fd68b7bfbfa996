"""Does a cache of a computation let one thread in while the others wait, and does every cache of the package?"""

import ast
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from threading import Barrier, Event

import pytest

from quantlab.caching import cache, cached_property, lru_cache

ROOT = Path(__file__).parents[1]
FILES = sorted(path for folder in ("quantlab", "pages") for path in (ROOT / folder).rglob("*.py"))
ASKING = 16


@pytest.mark.parametrize("keep", [cache, lru_cache(), lru_cache(maxsize=4), lru_cache(maxsize=None)])
def test_one_computes_while_all_others_wait(keep):
    ready, computed = Barrier(ASKING), []

    @keep
    def slow(x):
        computed.append(x)
        Event().wait(0.2)
        return object()

    def ask(_):
        ready.wait()
        return slow(1)

    with ThreadPoolExecutor(ASKING) as threads:
        results = list(threads.map(ask, range(ASKING)))
    assert computed == [1]
    assert len(set(map(id, results))) == 1


def test_other_keys_do_not_wait():
    second = Event()

    @cache
    def meets(x):
        if x == 2:
            second.set()
        return second.wait(10)

    with ThreadPoolExecutor(2) as threads:
        assert all(threads.map(meets, (1, 2)))


def test_a_failure_is_raised_and_not_kept():
    tried = []

    @cache
    def fails_once(x):
        tried.append(x)
        if len(tried) == 1:
            raise ValueError("the first")
        return x

    with pytest.raises(ValueError, match="the first"):
        fails_once(1)
    assert fails_once(1) == fails_once(1) == 1
    assert tried == [1, 1]


def test_the_least_recently_used_goes_first():
    @lru_cache(maxsize=2)
    def name(x):
        return object()

    first, second = name(1), name(2)
    assert name(1) is first
    name(3)
    assert name(1) is first and name(2) is not second


def test_a_property_is_computed_once_for_each_instance_and_others_do_not_wait():
    ready, both = Barrier(ASKING), Barrier(2)

    class Instance:
        computed = 0

        @cached_property
        def value(self):
            self.computed += 1
            both.wait(10)  # the other instance is computed meanwhile
            return object()

    instances = Instance(), Instance()

    def ask(place):
        ready.wait()
        return instances[place % 2].value

    with ThreadPoolExecutor(ASKING) as threads:
        results = list(threads.map(ask, range(ASKING)))
    assert [instance.computed for instance in instances] == [1, 1] and len(set(map(id, results))) == 2


def lets_all_in(node: ast.AST, path: Path) -> bool:
    """Whether a piece of a program takes a cache of functools, in which everybody who asks at once computes."""
    loose = {"cache", "lru_cache", "cached_property"}
    if isinstance(node, ast.ImportFrom):
        return node.module == "functools" and not loose.isdisjoint(alias.name for alias in node.names)
    if not isinstance(node, ast.Attribute) or not isinstance(node.value, ast.Name) or path.name == "caching.py":
        return False
    return node.value.id == "functools" and node.attr in loose


def test_no_cache_lets_all_in():
    nodes = ((path, node) for path in FILES for node in ast.walk(ast.parse(path.read_text("utf-8"))))
    places = [f"{path.relative_to(ROOT).as_posix()}:{node.lineno}" for path, node in nodes if lets_all_in(node, path)]
    assert places == [], "take them from quantlab.caching"
