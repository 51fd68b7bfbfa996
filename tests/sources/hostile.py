"""Files that lie, built in memory: the tests of ``list_tensors`` and ``load_tensor`` share them."""

import functools
import io
import json
import pickle
import struct
import zipfile
import zlib

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


def deflated(data: bytes, mode: int) -> bytes:
    """Raw deflate; after a full flush come blocks that know nothing of those before."""
    stream = zlib.compressobj(9, zlib.DEFLATED, -15)
    return stream.compress(data) + stream.flush(mode)


def bomb(size: int) -> bytes:
    """A sound .npz of zeros that expands to ``size`` bytes, a thousandth of that on disk: one block of 16 MiB, again and again."""
    start, zeros, count = npy_header("'<f4'", f"({size // 4},)"), bytes(1 << 24), size >> 24
    packed = deflated(start, zlib.Z_FULL_FLUSH) + count * deflated(zeros, zlib.Z_FULL_FLUSH) + deflated(b"", zlib.Z_FINISH)
    crc = functools.reduce(lambda crc, _: zlib.crc32(zeros, crc), range(count), zlib.crc32(start))
    name = b"w.npy"
    facts = struct.pack("<HHHHHIIIHH", 20, 0, 8, 0, 33, crc, len(packed), len(start) + (count << 24), len(name), 0)  # 1 January 1980
    member = b"PK\x03\x04" + facts + name + packed
    entry = b"PK\x01\x02" + struct.pack("<H", 20) + facts + struct.pack("<HHHII", 0, 0, 0, 0, 0) + name
    return member + entry + b"PK\x05\x06" + struct.pack("<HHHHIIH", 0, 0, 1, 1, len(entry), len(member), 0)


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


MARKUP = (  # names that must stay words; none of their elements may come to be, each would carry this attribute
    "<img src=x data-evil onerror=alert(1)>",
    "<b data-evil>bold</b>",
    "<a data-evil href=javascript:alert(1)>a</a>",
    "[x](javascript:alert(1))",
    "![i](http://127.0.0.1:9/i.png)",
    "**b** $x^2$ :material/home: `c`",
    "a\nb",
    "\u202eevil",
    "x" * 10_000,
)
EVIL = "[data-evil], a[href^='javascript:'], img[src='x'], img[src*='127.0.0.1:9/'], .katex"
