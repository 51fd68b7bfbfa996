"""What was kept of every page and of the public names, before the change."""

import json
from functools import cache
from pathlib import Path
from typing import Any

KEPT = Path(__file__).with_name("kept.json")


@cache
def kept() -> dict[str, dict[str, Any]]:
    """Page -> address -> what ``replay`` gave; and ``public`` -> name -> its description."""
    return json.loads(KEPT.read_text("utf-8"))
