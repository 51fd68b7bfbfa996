"""What a file is by its first bytes, when its name says something else: a pointer, a web page, an archive, a picture.

``UNREAD`` is what nothing here reads, whatever the file is called; ``ELSEWHERE`` is what other labs read. Each is a test of the first
``HEAD`` bytes, what it is, and the remedy. Sources: the formats' published signatures; Git LFS's pointer specification, version 1.
"""

from __future__ import annotations

import re
from collections.abc import Callable

HEAD = 512  # bytes that are looked at

Kind = tuple[Callable[[bytes], object], str, str]


def _starts(*marks: bytes) -> Callable[[bytes], object]:
    return lambda head: head.startswith(marks)


def _matches(pattern: bytes) -> Callable[[bytes], object]:
    """The pattern at the start of a text, past its mark of UTF-8 and blanks."""
    compiled = re.compile(rb"(?:\xef\xbb\xbf)?\s*" + pattern, re.IGNORECASE | re.DOTALL)
    return compiled.match


_UNPACK = "unpack it and bring the file inside"

UNREAD: tuple[Kind, ...] = (
    (_starts(b"version https://git-lfs.github.com/spec/"), "a Git LFS pointer, three lines in place of the file", "run git lfs pull"),
    (_matches(rb"[./\\]*(?:\.git[/\\])?annex[/\\]objects[/\\]"), "a git-annex pointer in place of the file", "run git annex get"),
    (
        _matches(rb"(?:<!--.{0,300}?-->\s*)?<(?:!doctype\s+html|html|head|body)\b"),
        "a web page, often one of an error or a log-in saved in place of the file",
        "download the file itself",
    ),
    (_matches(rb"(?:<\?xml.{0,300}?\?>\s*)?(?:<!doctype\s+svg.{0,300}?>\s*)?<svg\b"), "an SVG drawing", "export it as .png"),
    (_matches(rb"<\?xml\b"), "XML, often a server's error saved in place of the file", "download the file itself"),
    (_starts(b"%PDF-"), "a PDF document", "export what it shows as .csv or .png"),
    (_starts(b"\x1f\x8b"), "compressed by gzip", _UNPACK),
    (_starts(b"BZh"), "compressed by bzip2", _UNPACK),
    (_starts(b"\xfd7zXZ\x00"), "compressed by xz", _UNPACK),
    (_starts(b"\x28\xb5\x2f\xfd"), "compressed by Zstandard", _UNPACK),
    (_starts(b"7z\xbc\xaf\x27\x1c", b"Rar!\x1a\x07"), "an archive that is no .zip", _UNPACK),
    (lambda head: head[257:262] == b"ustar", "a tar archive", _UNPACK),
    (_starts(b"\x89HDF\r\n\x1a\n"), "HDF5, as Keras saves models", "save its arrays with np.savez"),
    (_starts(b"MATLAB 5.0 MAT-file"), "a MATLAB file", "read it with scipy.io.loadmat and save its arrays with np.savez"),
    (_starts(b"PAR1", b"ARROW1\x00\x00", b"Obj\x01"), "a table in columns (Parquet, Arrow or Avro)", "save it as .csv or .npy"),
    (_starts(b"SQLite format 3\x00"), "a database", "export a table of it as .csv"),
    (lambda head: head[4:8] == b"TFL3", "a TensorFlow Lite model", "convert it to .onnx, or save its weights with np.savez"),
    (_starts(b"\x7fELF", b"\xca\xfe\xba\xbe", b"\xcf\xfa\xed\xfe"), "a program", "bring the file that it made"),
    (_starts(b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"), "an old Office document (.xls or .doc)", "save the sheet as .csv"),
)

ELSEWHERE: tuple[Kind, ...] = (
    (
        lambda head: (
            head.startswith((b"\x89PNG\r\n\x1a\n", b"\xff\xd8\xff", b"GIF8", b"BM", b"II*\x00", b"MM\x00*"))
            or (head[:4] == b"RIFF" and head[8:12] == b"WEBP")
        ),
        "a picture",
        "bring it to the image lab",
    ),
    (
        lambda head: head.startswith((b"fLaC", b"OggS", b"ID3")) or (head[:4] in (b"RIFF", b"RF64") and head[8:12] == b"WAVE"),
        "a sound",
        "bring it to the sound lab",
    ),
    (_starts(b"GGUF"), "a GGUF model", "bring it to the tensor lab, or look at it with quantlab model FILE"),
    (_starts(b"\x93NUMPY"), "a NumPy array", "bring it to the tensor lab"),
)


def unread(head: bytes) -> tuple[str, str] | None:
    """What the file is, and the remedy, where nothing here reads such files.

    >>> unread(b"version https://git-lfs.github.com/spec/v1\\noid sha256:4d7a\\nsize 12345\\n")
    ('a Git LFS pointer, three lines in place of the file', 'run git lfs pull')
    >>> unread(b"1,2,3\\n")
    """
    return _first(UNREAD, head)


def elsewhere(head: bytes) -> tuple[str, str] | None:
    """What the file is, and the remedy, where another lab reads such files.

    >>> elsewhere(b"GIF89a")
    ('a picture', 'bring it to the image lab')
    """
    return _first(ELSEWHERE, head)


def described_by_json(text: bytes) -> tuple[str, str] | None:
    """The same where the file is a JSON object: an index of shards, a configuration, an error; no tensor.

    >>> described_by_json(b'{"metadata": {}, "weight_map": {"w": "model-00001-of-00002.safetensors"}}')
    ('an index that names the files with the tensors', 'bring one of those files, such as model-00001-of-00002.safetensors')
    """
    if not re.match(rb"(?:\xef\xbb\xbf)?\s*\{\s*(?:\"|\})", text[:HEAD]):
        return None
    if b'"weight_map"' in text[: 1 << 20]:
        shard = re.search(rb'"([\w.-]{1,80}\.safetensors)"', text[: 1 << 20])
        one = f", such as {shard[1].decode()}" if shard else ""
        return "an index that names the files with the tensors", f"bring one of those files{one}"
    return "JSON, a description or an error message and no tensor", "bring the file with the weights"


def _first(kinds: tuple[Kind, ...], head: bytes) -> tuple[str, str] | None:
    return next(((what, remedy) for test, what, remedy in kinds if test(head[:HEAD])), None)
