"""Arrays in .npy and .npz files, read by their headers: nothing is unpickled, nothing is expanded past its claim.

A .npy is a header (``descr``, ``fortran_order``, ``shape``) and the values; its length must be exactly what the header
says. A .npz is a zip of them: a member's size in the zip's directory may lie as well as the header, so the two must
agree, and then exactly the claimed bytes are decompressed and no more.
"""

from __future__ import annotations

import io
import math
import re
import zipfile
from typing import IO

import numpy as np
from numpy.lib import format as npy_format

from quantlab.sources.tensors import DTYPES
from quantlab.sources.upload import Entry, Refused, TensorInfo, Upload, show

MAX_HEADER = 4096  # bytes; a plain array needs 128, only structured dtypes need more
MAX_MEMBERS = 10_000
MAX_DIMS = 32
_CHUNK = 1 << 20
_UNTYPED = {  # what np.save writes of ml_dtypes' floats: bytes without a type
    2: (DTYPES["BF16"], "Values of two bytes without a type are read as bfloat16."),
    1: (DTYPES["F8_E4M3"], "Values of one byte without a type are read as float8 E4M3; save E5M2 as float16, which holds it exactly."),
}


def npy_entries(upload: Upload) -> list[Entry]:
    """The one array of a .npy file."""
    shape, dtype, fortran, start = _header(upload.name, bytes(upload.view[: MAX_HEADER + 16]))
    info = _info(upload.name, shape, dtype)
    _same_length(info, len(upload.view) - start)
    return [Entry(info, lambda: _array(upload.view[start:], shape, dtype, fortran))]


def npz_entries(upload: Upload) -> list[Entry]:
    """The arrays of a .npz file, in its order."""
    count = sum(1 for _ in zip(range(MAX_MEMBERS + 1), re.finditer(rb"PK\x01\x02", upload.view), strict=False))
    if count > MAX_MEMBERS:  # counted before zipfile builds an object for each
        raise Refused(f"{show(upload.name)} holds more than {MAX_MEMBERS} members: save fewer arrays in one .npz.")
    try:
        with upload.open() as file, zipfile.ZipFile(file) as archive:
            members = [m for m in archive.infolist() if not m.is_dir() and not m.filename.startswith("__MACOSX/")]
            _check_names(upload, [member.filename for member in members])
            return [_npz_or_left_out(upload, archive, member) for member in members]
    except Refused:
        raise
    except Exception as error:  # zipfile raises nine kinds on hostile input
        raise _broken(upload, error) from error


def _npz_or_left_out(upload: Upload, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    """One bad member does not condemn the others."""
    try:
        if not member.filename.endswith(".npy"):
            raise Refused(f"{show(upload.name)} holds {show(member.filename)}, which is no array: save arrays with np.savez.")
        return _npz_entry(upload, archive, member)
    except Refused as why:
        return Entry.left_out(member.filename.removesuffix(".npy"), why)
    except Exception as error:  # of a damaged member zipfile and zlib raise nine kinds
        damage = Refused(f"{show(member.filename)} in {show(upload.name)} is damaged ({show(str(error))}): save it again with np.savez.")
        return Entry.left_out(member.filename.removesuffix(".npy"), damage)


def _npz_entry(upload: Upload, archive: zipfile.ZipFile, member: zipfile.ZipInfo) -> Entry:
    if member.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        raise Refused(f"{show(member.filename)} is compressed in an unusual way: save it with np.savez_compressed.")
    with archive.open(member) as stream:
        shape, dtype, fortran, start = _header(member.filename, stream.read(MAX_HEADER + 16))
    info = _info(member.filename.removesuffix(".npy"), shape, dtype)
    _same_length(info, member.file_size - start)

    def load() -> np.ndarray:
        try:
            with upload.open() as file, zipfile.ZipFile(file) as again, again.open(member) as stream:
                stream.read(start)
                return _array(memoryview(_exactly(stream, info)), shape, dtype, fortran)
        except Refused:
            raise
        except Exception as error:
            raise _broken(upload, error) from error

    return Entry(info, load)


def _exactly(stream: IO[bytes], info: TensorInfo) -> bytearray:
    """The claimed bytes, decompressed piece by piece, so that memory grows with what is there, not with the claim."""
    out = bytearray()
    while len(out) < info.nbytes:
        piece = stream.read(min(_CHUNK, info.nbytes - len(out)))
        if not piece:
            _same_length(info, len(out))
        out += piece
    return out


def _header(name: str, head: bytes) -> tuple[tuple[int, ...], np.dtype, bool, int]:
    """(shape, dtype, fortran_order, where the values start) from the first bytes of a .npy."""
    stream = io.BytesIO(head)
    try:
        version = npy_format.read_magic(stream)
        reader = {(1, 0): npy_format.read_array_header_1_0, (2, 0): npy_format.read_array_header_2_0}[version]
        shape, fortran, dtype = reader(stream, max_header_size=MAX_HEADER)
    except KeyError:
        raise Refused(f"{show(name)} is a .npy of an unusual version: save a plain array with np.save.") from None
    except Exception as error:  # numpy lets tokenize, ast and struct errors through on hostile input
        raise Refused(f"{show(name)} has no readable .npy header: save the array again with np.save.") from error
    if dtype.hasobject:
        raise Refused(
            f"{show(name)} holds Python objects (a pickle), which can run code and are never read: "
            "save numbers with np.save(file, x.astype(np.float32))."
        )
    if len(shape) > MAX_DIMS or not all(type(n) is int and 0 <= n < 2**63 for n in shape):
        raise Refused(f"{show(name)} claims the shape {show(shape)}, which no array has: save it with np.save.")
    return tuple(shape), dtype, bool(fortran), stream.tell()


def _is_untyped(dtype: np.dtype) -> bool:
    return dtype.kind == "V" and dtype.names is None and dtype.subdtype is None and dtype.itemsize in _UNTYPED


def _info(name: str, shape: tuple[int, ...], dtype: np.dtype) -> TensorInfo:
    nbytes = math.prod(shape) * dtype.itemsize
    if not _is_untyped(dtype):
        return TensorInfo(name, shape, dtype.name, nbytes)
    stored, note = _UNTYPED[dtype.itemsize]
    return TensorInfo(name, shape, stored.name, nbytes, note)


def _same_length(info: TensorInfo, found: int) -> None:
    if found != info.nbytes:
        raise Refused(
            f"{show(info.name)} should hold {info.nbytes} bytes of values by its header but holds {found}, "
            "so it is damaged or cut off: save it and upload it again."
        )


def _array(values: memoryview, shape: tuple[int, ...], dtype: np.dtype, fortran: bool) -> np.ndarray:
    stored = _UNTYPED[dtype.itemsize][0] if _is_untyped(dtype) else None
    flat = stored.decode(np.frombuffer(values, stored.raw)) if stored else np.frombuffer(values, dtype)
    return flat.reshape(shape[::-1]).T if fortran else flat.reshape(shape)


def _check_names(upload: Upload, names: list[str]) -> None:
    if any(name.endswith("data.pkl") for name in names):
        raise pickled(upload)
    if any(name.startswith(("xl/", "word/", "ppt/")) or name == "content.xml" for name in names):
        raise Refused(f"{show(upload.name)} is an office document, not a table of text: save the sheet as .csv.")
    if not names:
        raise Refused(f"{show(upload.name)} is an archive without arrays: save some with np.savez(file, w=w).")
    if len(set(names)) < len(names):
        raise Refused(f"{show(upload.name)} holds two arrays of one name: save it again with np.savez.")


def pickled(upload: Upload) -> Refused:
    """The error for a pickle, whatever it calls itself."""
    return Refused(
        f"{show(upload.name)} is a pickle (a PyTorch .pt file is one), which can run code and is never read: save "
        "the tensors with safetensors.torch.save_file(model.state_dict(), 'model.safetensors') and upload that."
    )


def _broken(upload: Upload, error: Exception) -> Refused:
    why = show(str(error))
    return Refused(f"{show(upload.name)} is not a readable .npz ({why}): save it again with np.savez.")
