"""What does a generator that reports (done, total) return, and what did it report?"""


def drained(generator):
    """Its result and all that it yielded."""
    seen = []
    while True:
        try:
            seen.append(next(generator))
        except StopIteration as stop:
            return stop.value, seen


def finished(generator):
    """Its result; what it yields must count up from 0 by ones, and stay below the total it promised."""
    result, seen = drained(generator)
    assert seen == [(done, len(seen)) for done in range(len(seen))]
    return result
