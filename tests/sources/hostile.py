"""Files that lie, built in memory: the tests of ``list_tensors`` and ``load_tensor`` share them."""

import io
import json
import pickle
import struct
import zipfile

import numpy as np


def npy(x, **options) -> bytes:
    file = io.BytesIO()
    np.save(file, x, **options)
    return file.getvalue()


def npz(**arrays) -> bytes:
    file = io.BytesIO()
    np.savez_compressed(file, **arrays)
    return file.getvalue()


def npy_header(descr: str, shape: str, order: str = "False") -> bytes:
    text = f"{{'descr': {descr}, 'fortran_order': {order}, 'shape': {shape}, }}\n".encode()
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", len(text)) + text


def zipped(members: dict[str, bytes], method: int = zipfile.ZIP_DEFLATED) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w", method) as archive:
        for name, content in members.items():
            archive.writestr(name, content)
    return file.getvalue()


def safetensors(header: object, values: bytes = b"", length: int | None = None) -> bytes:
    text = header if isinstance(header, bytes) else json.dumps(header).encode()
    return struct.pack("<Q", len(text) if length is None else length) + text + values


def bomb(size: int) -> bytes:
    """A sound .npz of zeros that expands to ``size`` bytes, a thousandth of that on disk."""
    file = io.BytesIO()
    with (
        zipfile.ZipFile(file, "w", zipfile.ZIP_DEFLATED) as archive,
        archive.open("w.npy", "w", force_zip64=True) as out,
    ):
        out.write(npy_header("'<f4'", f"({size // 4},)"))
        for _ in range(size >> 24):
            out.write(bytes(1 << 24))
    return file.getvalue()


def lie_about_size(archive: bytes, size: int) -> bytes:
    """The archive whose only member claims ``size`` bytes expanded, in its local header and in the directory."""
    lying = bytearray(archive)
    claim = struct.pack("<I", size)
    lying[22:26] = claim
    directory = lying.rfind(b"PK\x01\x02")
    lying[directory + 24 : directory + 28] = claim
    return bytes(lying)


def damaged(data: bytes, seed: int) -> bytes:
    """The file with a few bytes changed, lost or put in, most of them near its ends, where the headers are."""
    rng, out = np.random.default_rng(seed), bytearray(data)
    for _ in range(rng.integers(1, 6)):
        reach = min(len(out), int(rng.choice([400, 1500, len(out)])))
        at = int(rng.integers(reach)) if rng.random() < 0.5 else len(out) - reach + int(rng.integers(reach))
        lost, new = [(1, 1), (30, 0), (0, 12)][rng.integers(3)]
        out[at : at + lost] = rng.bytes(new)
    return bytes(out)


class Evil:
    """Unpickling this would fail the test that does it."""

    def __reduce__(self):
        return (exec, ("raise SystemExit('the pickle ran')",))


PICKLE = pickle.dumps(Evil())
