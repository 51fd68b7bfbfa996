"""State dicts of PyTorch (.pt, .pth, .bin): the zip of ``torch.save``, mapped, its pickle read without running it."""

from __future__ import annotations

import re
import zipfile
from pathlib import Path

import numpy as np

from quantlab.model_file.readers._state import Storage, View, read_pickle
from quantlab.model_file.tensors import FLOATS, FileTensor, ModelFile, Values, mapped, plain_values, unread
from quantlab.sources.tensors import DTYPES
from quantlab.sources.upload import Refused, Upload, show

MAX_PICKLE = 64 << 20  # bytes; 1000 tensors take 200 kB
MAX_MEMBERS = 100_000
MAX_STRIDED = 1 << 26  # values of a tensor that is not contiguous: it is read as a whole
_STORED = {stored.name: stored for stored in DTYPES.values()}


def read_state_dict(path: Path) -> ModelFile:
    """The tensors of a state_dict; those that share a storage (tied weights) are named as such."""
    upload = mapped(path)
    members = _members(upload, path)
    pickles = [name for name in members if name.rpartition("/")[2] == "data.pkl"]
    if len(pickles) != 1:
        raise Refused(f"{show(upload.name)} is a zip without a single data.pkl: save torch.save(model.state_dict(), file).")
    folder = pickles[0].removesuffix("data.pkl")
    begin, stop = members[pickles[0]]
    if stop - begin > MAX_PICKLE:
        raise Refused(f"{show(upload.name)} has a table of {stop - begin} bytes, at most {MAX_PICKLE} are read: save the state_dict alone.")
    views = read_pickle(upload, bytes(upload.view[begin:stop]))
    order = members.get(folder + "byteorder")
    if order is not None and bytes(upload.view[slice(*order)]) not in (b"little", b""):
        raise Refused(f"{show(upload.name)} was saved on a big-endian machine: save it again on this one.")
    first: dict[tuple[str, int], str] = {}
    tensors = [_tensor(upload, name, view, members.get(f"{folder}data/{view.storage.key}"), first) for name, view in views.items()]
    return ModelFile(path.name, "PyTorch state_dict", tuple(tensors), {}, (), (upload,))


def _members(upload: Upload, path: Path) -> dict[str, tuple[int, int]]:
    """Where each member of the zip lies: first byte, past the last. Members are stored as they are, never compressed."""
    count = sum(1 for _ in zip(range(MAX_MEMBERS + 1), re.finditer(rb"PK\x01\x02", upload.view[-(64 << 20) :]), strict=False))
    if count > MAX_MEMBERS:
        raise Refused(f"{show(upload.name)} holds more than {MAX_MEMBERS} members: save the state_dict alone.")
    places = {}
    try:
        with zipfile.ZipFile(path) as archive:
            for member in archive.infolist():
                head = upload.view[member.header_offset : member.header_offset + 30]
                if bytes(head[:4]) != b"PK\x03\x04" or member.compress_type != zipfile.ZIP_STORED:
                    raise Refused(f"{show(upload.name)} is compressed as torch.save never does: save it with torch.save.")
                start = member.header_offset + 30 + int.from_bytes(head[26:28], "little") + int.from_bytes(head[28:30], "little")
                if start + member.file_size > len(upload.view):
                    raise Refused(f"{show(upload.name)} is cut off: download or save it again.")
                places[member.filename] = start, start + member.file_size
    except Refused:
        raise
    except Exception as error:  # zipfile raises nine kinds on hostile input
        raise Refused(f"{show(upload.name)} is no sound zip ({show(str(error))}): save it again with torch.save.") from error
    return places


def _tensor(upload: Upload, name: str, view: View, place: tuple[int, int] | None, first: dict[tuple[str, int], str]) -> FileTensor:
    stored, size = _STORED[view.storage.dtype], int(np.prod(view.shape, dtype=object))
    item = np.dtype(stored.raw).itemsize
    twin = first.setdefault((view.storage.key, view.offset), name)
    note = f"shares its values with {twin}" if twin != name else ""
    why = ""
    if place is None or place[1] - place[0] < view.storage.size * item:
        why = f"{show(name)} has no values in the file: it is cut off; save it again with torch.save."
    elif not view.contiguous and size > MAX_STRIDED:
        why = f"{show(name)} lies transposed and has more than {MAX_STRIDED} values: save it after .contiguous()."
    if why or place is None:
        return FileTensor(name, view.shape, stored.name, size * item, unread(why), weights=False, refused=why)
    values = _values(upload.view[place[0] : place[1]], view, view.storage)
    return FileTensor(
        name, view.shape, stored.name, 0 if note else size * item, values, weights=stored.name in FLOATS and not note, note=note
    )


def _values(storage: memoryview, view: View, of: Storage) -> Values:
    stored = _STORED[of.dtype]
    item = np.dtype(stored.raw).itemsize
    if view.contiguous:
        return plain_values(storage[view.offset * item :], stored.raw, stored.decode)

    def values(first: int, stop: int) -> np.ndarray:
        flat = np.frombuffer(storage, stored.raw)[view.offset :]
        laid = np.lib.stride_tricks.as_strided(flat, view.shape, [s * item for s in view.stride], writeable=False)
        return stored.decode(laid.reshape(-1)[first:stop])

    return values
