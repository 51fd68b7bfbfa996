"""The built-in pictures side by side, to pick one by sight."""

from __future__ import annotations

import numpy as np

from quantlab.caching import lru_cache
from quantlab.images.numbers import jpeg
from quantlab.sources.pictures import PICTURES, square


@lru_cache(maxsize=1)
def thumbnails() -> bytes:
    """Squares of 96 pixels, in the order of ``PICTURES``, as JPEG."""
    return jpeg(np.concatenate([square(entry.make(), 96) for entry in PICTURES.values()], axis=1), 80)
