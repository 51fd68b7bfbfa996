"""The .idx.gz files of MNIST: two zeros, a code for bytes, the number of axes, their lengths, the values.

All numbers are big-endian: 00 00 08 03, then N, H, W as int32 and N·H·W bytes for images; 00 00 08 01, N and N bytes for
labels. Source: LeCun, Cortes, Burges, The MNIST database of handwritten digits.
"""

from __future__ import annotations

import gzip
import math
import struct
import zlib
from pathlib import Path

import numpy as np

from quantlab.sources.upload import Refused, show

BYTES = 0x08  # the code for uint8
MAX_VALUES = 100_000_000


def read_idx(path: Path) -> np.ndarray:
    """The uint8 array of a gzipped idx file; ValueError where it is no such file or not whole."""
    try:
        with gzip.open(path) as file:
            zeros, code, axes = struct.unpack(">HBB", file.read(4))
            if zeros or code != BYTES or not 1 <= axes <= 4:
                raise _bad(path, "it does not begin as one")
            shape = struct.unpack(f">{axes}I", file.read(4 * axes))
            count = math.prod(shape)
            if count > MAX_VALUES:
                raise _bad(path, f"it claims {count} values")
            values = file.read(count + 1)
    except (OSError, EOFError, struct.error, zlib.error) as error:
        raise _bad(path, str(error)) from error
    if len(values) != count:
        raise _bad(path, f"it claims {count} values and has {'more' if len(values) > count else len(values)}")
    return np.frombuffer(values, np.uint8).reshape(shape)


def _bad(path: Path, why: str) -> Refused:
    return Refused(f"{show(path.name)} is no sound idx file of bytes ({why}): remove {path} and fetch it again.")
