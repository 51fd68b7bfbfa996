"""What every number format says of itself."""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass


@dataclass(frozen=True)
class Named:
    """A slug for code and addresses, a title to read; where the format is used, and the text that defines it."""

    slug: str
    title: str
    _: KW_ONLY
    used_by: str = ""
    source: str = ""
