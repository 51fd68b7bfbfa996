"""Is what all caches keep weighed together, and does the least recently used go where that is too much?"""

from dataclasses import dataclass
from functools import partial
from threading import Thread

import numpy as np
import pytest

from quantlab.caching import lru_cache
from quantlab.memory import LIGHT, Cache, Ledger, weigh
from quantlab.tasks import Engine, Task

MB = 1_000_000


def numbers(count=MB // 8):
    return np.zeros(count)


@dataclass(frozen=True)
class Result:
    x: np.ndarray
    films: dict
    make: object = None


def test_a_result_weighs_what_its_arrays_and_bytes_do_each_once():
    x = numbers()
    closure = lambda: x  # noqa: E731
    assert weigh(Result(x, {"a": x[:5], "b": b"1" * 7}, partial(max, x))) == MB + 7
    assert weigh(closure) == weigh(x[::2]) == MB, "a view keeps all of its array alive"
    around = [x]
    around.append(around)
    assert weigh(around) == MB and weigh(("text", 3, None, weigh)) == 0


def test_the_description_of_a_file_weighs_what_it_holds_not_what_the_file_does():
    @dataclass(frozen=True)
    class File:
        head: np.ndarray

        @property
        def nbytes(self):
            return 10**12

    assert weigh(File(numbers())) == MB


def test_a_network_weighs_what_its_weights_do():
    torch = pytest.importorskip("torch")
    assert weigh(torch.nn.Linear(1000, 500)) == 4 * (1000 * 500 + 500)


def test_what_is_heavy_goes_before_what_frees_little():
    """A network that is loaded does not push out the small results of those who are at work."""
    ledger = Ledger(10 * MB)
    networks, results = Cache(None, ledger), Cache(None, ledger)
    results["theirs"] = numbers()
    for size in range(4):
        networks[size] = numbers(4 * MB // 8)
    assert results["theirs"].nbytes == MB and 0 not in networks and 3 in networks and ledger.held <= 10 * MB


def test_over_all_caches_the_least_recently_used_goes_first():
    ledger = Ledger(3 * MB)
    a, b = Cache(None, ledger), Cache(9, ledger)
    a["1"], b["1"], a["2"] = numbers(), numbers(), numbers()
    assert a["1"].nbytes == MB
    b["2"] = numbers()
    assert list(a) == ["2", "1"] and list(b) == ["2"] and ledger.held == 3 * MB


def test_what_a_cache_drops_by_itself_is_weighed_no_longer():
    ledger = Ledger(10 * MB)
    cache = Cache(2, ledger)
    for key in "abc":
        cache[key] = numbers()
    assert list(cache) == ["b", "c"] and ledger.held == 2 * MB
    cache["c"] = 0
    del cache["b"]
    assert ledger.held == 0 and cache["c"] == 0


def test_the_last_result_stays_whatever_it_weighs_and_light_ones_are_not_counted():
    ledger = Ledger(MB)
    cache = Cache(None, ledger)
    cache["light"] = bytes(LIGHT - 1)
    cache["heavy"] = numbers(5 * MB // 8)
    assert set(cache) == {"light", "heavy"}
    cache["next"] = numbers()
    assert set(cache) == {"light", "next"} and ledger.held == MB


def test_caches_of_functions_and_the_engines_results_share_one_room(monkeypatch):
    ledger = Ledger(2 * MB)
    monkeypatch.setattr("quantlab.memory.LEDGER", ledger)
    computed = []

    @lru_cache(maxsize=100)
    def make(key):
        computed.append(key)
        return numbers()

    def steps():
        yield 0, 1
        return numbers()

    engine, task = Engine(), Task("key", steps)
    make(1), engine.ahead(task), make(2)
    assert engine.known(task) is not None and ledger.held == 2 * MB
    make(1)
    assert computed == [1, 2, 1], "the first gave way to the third"


def test_many_threads_keep_the_books_right():
    ledger = Ledger(20 * MB // 10)
    caches = [Cache(5, ledger), Cache(None, ledger)]

    def use(seed):
        rng = np.random.default_rng(seed)
        for key in rng.integers(30, size=300):
            cache = caches[key % 2]
            if cache.get(key) is None:
                cache[key] = numbers(MB // 80)

    threads = [Thread(target=use, args=(seed,)) for seed in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.held == sum(entry.nbytes for _, entry in ledger._entries.values()) <= ledger.most
    assert sum(map(len, caches)) <= 21
