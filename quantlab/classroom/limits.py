"""How often somebody may be wrong: codes, secrets and tokens are not found by trying.

Only what failed is counted, for a whole school may share one address.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable

from cachetools import TTLCache

from quantlab.classroom.rules import Refusal

_MOST_ADDRESSES = 10_000


class Guard:
    """Counts what an address got wrong; after ``most`` failures within ``seconds`` it is refused until those are over.

    >>> guard = Guard(most=2, seconds=60)
    >>> guard.failed("a"), guard.failed("a"), guard.check("b")
    (None, None, None)
    >>> guard.check("a")
    Traceback (most recent call last):
    quantlab.classroom.rules.Refusal: Too many wrong codes came from here; wait 60 seconds.
    """

    def __init__(self, most: int = 60, seconds: float = 60.0, clock: Callable[[], float] = time.monotonic) -> None:
        self.most, self.seconds = most, seconds
        self._failures: TTLCache[str, int] = TTLCache(_MOST_ADDRESSES, seconds, timer=clock)
        self._lock = threading.Lock()

    def check(self, address: str) -> None:
        """Refusal (429) where too much came from there."""
        with self._lock:
            count = self._failures.get(address, 0)
        if count >= self.most:
            raise Refusal(f"Too many wrong codes came from here; wait {self.seconds:.0f} seconds.", 429)

    def failed(self, address: str) -> None:
        """Something was wrong."""
        with self._lock:
            self._failures[address] = self._failures.get(address, 0) + 1


GUARD = Guard()  # of this process
