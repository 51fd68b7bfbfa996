"""Is the order of the tests one that pytest's own processes finish together: browsers on some, the others on the rest?"""

import random
from itertools import chain
from pathlib import Path
from types import SimpleNamespace

import pytest
from xdist.scheduler.worksteal import WorkStealingScheduling

from .order import is_slow, ordered, pieces


class Test(SimpleNamespace):
    """As much of a test as its order depends on."""

    __test__ = False

    def get_closest_marker(self, name: str) -> bool | None:
        return self.slow or None


class Node:
    """As much of one of pytest's own processes as the scheduler asks of it."""

    shutting_down = False

    def __init__(self, number: int) -> None:
        self.gateway, self.got = SimpleNamespace(id=str(number)), []

    def send_runtest_some(self, tests: list[int]) -> None:
        self.got += tests

    def send_steal(self, tests: list[int]) -> None:
        """Leave it all where it is."""

    def shutdown(self) -> None:
        self.shutting_down = True


def drawn(browser: int, others: int) -> list[Test]:
    chance = random.Random(browser + others)
    made = [Test(path=Path(f"tests/browser/{k % 40}.py"), slow=chance.random() < 0.1, number=k) for k in range(browser)]
    made += [Test(path=Path(f"tests/laws/{k % 300}.py"), slow=chance.random() < 0.1, number=k) for k in range(others)]
    chance.shuffle(made)
    return made


def cut(items: list[Test], workers: int) -> list[list[Test]]:
    ends = [sum(pieces(len(items), workers)[:k]) for k in range(workers + 1)]
    return [items[a:b] for a, b in zip(ends, ends[1:], strict=False)]


def in_browser(item: Test) -> bool:
    return "browser" in item.path.parts


@pytest.mark.parametrize("workers, with_browser", [(1, 1), (2, 1), (3, 2), (5, 3)])
def test_each_piece_begins_with_what_takes_long_and_some_workers_need_no_browser(workers, with_browser):
    made = drawn(375, 16_001)
    parts = cut(ordered(list(made), workers), workers)
    assert sorted(map(id, made)) == sorted(id(item) for part in parts for item in part)
    for part in parts[:with_browser]:
        kinds = [(not in_browser(item), not is_slow(item)) for item in part]
        assert kinds[0] == (False, False) and kinds == sorted(kinds)
    assert not any(map(in_browser, chain.from_iterable(parts[with_browser:])))
    assert workers == 1 or not any(is_slow(item) and not in_browser(item) for part in parts[:with_browser] for item in part)
    files = [{item.path for item in part if in_browser(item)} for part in parts]
    assert sum(map(len, files)) == len(set.union(*files)), "a file's tests stay together"
    times = [sum(8 if is_slow(item) else 2 for item in part if in_browser(item)) for part in parts[:with_browser]]
    assert max(times) < 1.1 * min(times)


@pytest.mark.parametrize("browser, others", [(375, 0), (0, 400), (1, 0), (30, 31), (0, 0)])
def test_whatever_is_asked_for_runs_once(browser, others):
    for workers in (1, 2, 3, 8):
        made = drawn(browser, others)
        assert sorted(map(id, ordered(list(made), workers))) == sorted(map(id, made))


def test_the_order_is_the_same_in_every_process():
    made = drawn(375, 2000)
    assert [item.number for item in ordered(list(made), 3)] == [item.number for item in ordered(list(made), 3)]


@pytest.mark.parametrize("count, workers", [(10, 3), (16_376, 3), (17, 5), (2, 2)])
def test_xdist_cuts_the_list_where_this_says(count, workers):
    nodes = [Node(number) for number in range(workers)]
    scheduler = WorkStealingScheduling(SimpleNamespace(getvalue=lambda name: [f"{workers}*popen"]))
    for node in nodes:
        scheduler.add_node(node)
        scheduler.add_node_collection(node, [str(k) for k in range(count)])
    scheduler.schedule()
    assert [len(node.got) for node in nodes] == pieces(count, workers)
    assert list(chain.from_iterable(node.got for node in nodes)) == list(range(count))
