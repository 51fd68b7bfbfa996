"""CIFAR-10's Python pickles, read with stand-ins for the three names they use, so that nothing a pickle asks for is run.

torchvision states checksums of the Python version only, so that is what is fetched. Its files are dictionaries that
Python 2 pickled: numbers, byte strings, and arrays rebuilt by numpy's ``_reconstruct``, ``ndarray`` and ``dtype``. Here
these names give plain holders that keep what they are handed; any other name is refused, and nothing of numpy is called.
A batch holds ``data`` uint8 (N, 3072), the red, green and blue planes of 32 x 32 one after another, and ``labels``.
Source: Krizhevsky 2009, Learning multiple layers of features from tiny images.
"""

from __future__ import annotations

import hashlib
import pickle
import tarfile
from collections.abc import Mapping
from io import BytesIO
from pathlib import Path
from typing import Any  # a pickle holds what it likes

import numpy as np

from quantlab.sources.upload import Refused, show

SIDE = 32
Pickled = Any  # whatever a pickle holds; what is taken out of it is checked here
MAX_MEMBER = 64 << 20  # bytes; a batch has 31 million


class _Holder:
    """Stands in for an array or its dtype and keeps what it is handed."""

    def __init__(self, *args: Pickled):
        self.args = args
        self.state: tuple[Pickled, ...] = ()

    def __setstate__(self, state: tuple[Pickled, ...]) -> None:
        self.state = state


class _Unpickler(pickle.Unpickler):
    def find_class(self, module: str, name: str) -> type:
        if (module, name) not in {("numpy.core.multiarray", "_reconstruct"), ("numpy", "ndarray"), ("numpy", "dtype")}:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return _Holder


def read_members(path: Path, md5: Mapping[str, str]) -> dict[str, dict[str, Pickled]]:
    """The dictionaries in these members of a .tar.gz, each of which must have its MD5; ValueError where one has not."""
    members: dict[str, dict[str, Pickled]] = {}
    try:
        with tarfile.open(path, "r|gz") as archive:
            for member in archive:
                if member.name in md5 and member.isreg() and member.size <= MAX_MEMBER:
                    stream = archive.extractfile(member)
                    content = b"" if stream is None else stream.read()
                    if hashlib.md5(content, usedforsecurity=False).hexdigest() != md5[member.name]:
                        raise _bad(path, f"{member.name} has another checksum")
                    members[member.name] = unpickled(content)
    except (tarfile.TarError, OSError, EOFError) as error:
        raise _bad(path, str(error)) from error
    except (pickle.UnpicklingError, ValueError, TypeError, AttributeError, IndexError, KeyError) as error:
        raise error if isinstance(error, Refused) else _bad(path, str(error)) from error
    if missing := sorted(set(md5) - set(members)):
        raise _bad(path, f"{missing[0]} is not in it")
    return members


def unpickled(content: bytes) -> dict[str, Pickled]:
    """A dictionary that Python 2 pickled, its keys as text, arrays of bytes as uint8; all other text stays bytes."""
    entries = _Unpickler(BytesIO(content), encoding="bytes").load()
    return {key.decode(): _array(value) if isinstance(value, _Holder) else value for key, value in entries.items()}


def batch(entry: Mapping[str, Pickled]) -> tuple[np.ndarray, np.ndarray]:
    """Pixels uint8 (N, 32, 32, 3) and labels int64 (N,) of one batch."""
    planes = entry["data"].reshape(-1, 3, SIDE, SIDE)
    return np.ascontiguousarray(planes.transpose(0, 2, 3, 1)), np.array(entry["labels"], np.int64)


def _array(holder: _Holder) -> np.ndarray:
    _, shape, dtype, fortran, values = holder.state
    if dtype.args[0] != b"u1" or fortran:
        raise pickle.UnpicklingError(f"an array is {dtype.args[0]!r} and not plain bytes")
    return np.frombuffer(values, np.uint8).reshape(shape)


def _bad(path: Path, why: str) -> Refused:
    return Refused(f"{show(path.name)} is not CIFAR-10 as it should be ({show(why)}): remove {path} and fetch it again.")
