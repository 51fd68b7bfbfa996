"""Small files of the layouts that MNIST and CIFAR-10 have on the internet, byte for byte."""

from __future__ import annotations

import gzip
import io
import struct
import tarfile

import numpy as np


def idx(array: np.ndarray) -> bytes:
    """An .idx.gz of bytes."""
    return gzip.compress(struct.pack(f">HBB{array.ndim}I", 0, 8, array.ndim, *array.shape) + array.tobytes())


def text2(text: bytes) -> bytes:
    """How Python 2 pickles a string: short ones with a byte of length, long ones with four."""
    return b"U" + bytes([len(text)]) + text if len(text) < 256 else b"T" + struct.pack("<i", len(text)) + text


def int2(n: int) -> bytes:
    return b"K" + bytes([n]) if 0 <= n < 256 else b"M" + struct.pack("<H", n) if 0 <= n < 65536 else b"J" + struct.pack("<i", n)


def array2(array: np.ndarray, dtype: bytes = b"u1") -> bytes:
    """How Python 2's numpy pickles an array: rebuilt empty, then given (version, shape, dtype, fortran, bytes)."""
    rebuilt = b"cnumpy.core.multiarray\n_reconstruct\n(cnumpy\nndarray\n" + int2(0) + b"\x85" + text2(b"b") + b"tR"
    shape = int2(array.shape[0]) + int2(array.shape[1]) + b"\x86"
    kind = b"cnumpy\ndtype\n(" + text2(dtype) + int2(0) + int2(1) + b"tR(" + int2(3) + text2(b"|") + b"NNN" + int2(-1) * 2 + int2(0) + b"tb"
    return rebuilt + b"(" + int2(1) + shape + kind + b"\x89" + text2(array.tobytes()) + b"tb"


def dict2(entries: dict[bytes, bytes]) -> bytes:
    """A dictionary whose values are pickled already."""
    return b"\x80\x02}(" + b"".join(text2(key) + value for key, value in entries.items()) + b"u."


def list2(items: list[bytes]) -> bytes:
    return b"](" + b"".join(items) + b"e"


def cifar_batch(data: np.ndarray, labels: list[int]) -> bytes:
    """data : uint8 (N, 3072)."""
    names = list2([text2(b"picture_%d.png" % i) for i in range(len(labels))])
    return dict2(
        {b"batch_label": text2(b"training batch"), b"labels": list2([int2(i) for i in labels]), b"data": array2(data), b"filenames": names}
    )


def cifar_meta(names: list[str], size: int) -> bytes:
    entries = {b"num_cases_per_batch": int2(size), b"label_names": list2([text2(n.encode()) for n in names]), b"num_vis": int2(3072)}
    return dict2(entries)


def tar_gz(members: dict[str, bytes]) -> bytes:
    file = io.BytesIO()
    with tarfile.open(fileobj=file, mode="w:gz") as archive:
        for name, content in members.items():
            info = tarfile.TarInfo(name)
            info.size = len(content)
            archive.addfile(info, io.BytesIO(content))
    return file.getvalue()
