"""Keep what the pages give at the replayed addresses: ``python -m tests.replay.record``, on purpose only, at a state that is right."""

import json
import os
import tempfile
import time
from collections.abc import Mapping
from typing import Any

from tests.replay.addresses import ADDRESSES
from tests.replay.kept import KEPT
from tests.replay.page import replay
from tests.replay.public import public


def record() -> None:
    """Replay every address and write the file anew: a line for each address, a line for each public name."""
    lines = {"public": {name: written(value) for name, value in public().items()}}
    for page, addresses in ADDRESSES.items():
        lines[page] = {}
        for address in addresses:
            start = time.monotonic()
            lines[page][address] = written(replay(page, address))
            print(f"{time.monotonic() - start:6.1f} s  {page}?{address[:100]}", flush=True)
    KEPT.write_text(members({page: members(part) for page, part in lines.items()}) + "\n", "utf-8")


def members(lines: Mapping[str, str]) -> str:
    """A JSON object with each of its members, JSON already, on a line."""
    return "{\n" + ",\n".join(f"{written(name)}: {line}" for name, line in lines.items()) + "\n}"


def written(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        os.environ["QUANTLAB_CACHE"] = folder
        record()
