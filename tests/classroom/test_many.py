"""Many students on a real server: every answer is acknowledged, none is lost and none counted twice, also where the server is killed."""

import pytest

from tests.benchmarks.classroom import run

pytestmark = [pytest.mark.slow, pytest.mark.flaky(reruns=2)]


@pytest.mark.parametrize("servers, kill", [(1, True), (2, False)])
def test_a_class_on_sqlite_and_on_postgresql(address, servers, kill):
    found = run(address, students=40, seconds=3, servers=servers, kill=kill, warm=0)
    if kill:
        assert found["sent again"] > 0, "the server was killed while students answered"
    else:
        assert found["p50"] < 1
