"""Numpy's archives (.npz) and single arrays (.npy): each array is read when it is asked for, the last one stays."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from quantlab.caching import lru_cache
from quantlab.model_file.tensors import FileTensor, ModelFile, mapped, unread
from quantlab.sources.files import MAX_BYTES
from quantlab.sources.npy import npy_entries, npz_entries
from quantlab.sources.upload import Entry, show


def read_numpy(path: Path) -> ModelFile:
    """The arrays of an .npz or a .npy. A compressed member cannot be mapped, so one of more than 512 MiB is named and not read."""
    upload = mapped(path)
    single = upload.head.startswith(b"\x93NUMPY")
    entries = npy_entries(upload) if single else npz_entries(upload)

    @lru_cache(maxsize=1)
    def flat(i: int) -> np.ndarray:
        return np.ascontiguousarray(entries[i].load()).reshape(-1)

    def tensor(i: int, entry: Entry) -> FileTensor:
        info = entry.info
        why = info.refused
        if not why and info.nbytes > MAX_BYTES and not single:
            why = f"{show(info.name)} has {info.nbytes} bytes, and {MAX_BYTES} are the most of one array of an archive: save it as safetensors."
        if not why and not info.dtype.startswith(("float", "int", "uint", "bool")):
            why = f"{show(info.name)} is {info.dtype}, which is no real number: save its real values."
        weights = info.dtype.startswith("float") and not why
        values = unread(why) if why else lambda first, stop: flat(i)[first:stop]
        return FileTensor(info.name, info.shape, info.dtype, info.nbytes, values, weights=weights, note=info.note, refused=why)

    return ModelFile(path.name, "numpy arrays", tuple(tensor(i, e) for i, e in enumerate(entries)), {}, (), (upload,))
