"""What does a generator that reports (done, total) return?"""


def finished(generator):
    """Its result; what it yields must count up from 0 by ones, and stay below the total it promised."""
    seen = []
    while True:
        try:
            seen.append(next(generator))
        except StopIteration as stop:
            assert [done for done, _ in seen] == list(range(len(seen))) and all(total == len(seen) for _, total in seen)
            return stop.value
