"""GGUF files, as llama.cpp reads them: the header is walked in the map, blocks are decoded piece by piece.

``GGUF``, version, number of tensors and of key-value pairs; the pairs; then each tensor's name, axes (the fastest first), type and
offset; then, aligned, the values. A split model names its parts ``-00001-of-00003``; all are read.
Source: github.com/ggml-org/ggml/blob/master/docs/gguf.md. Blocks but the simplest are decoded by the gguf package (extra ``export``).
"""

from __future__ import annotations

import re
import struct
from collections.abc import Collection
from dataclasses import dataclass
from math import prod
from pathlib import Path

import numpy as np

from quantlab.model_file.readers.gguf_decoding import DECODERS, decoded
from quantlab.model_file.readers.gguf_types import PLAIN, TYPES, BlockType
from quantlab.model_file.tensors import MAX_TENSORS, FileTensor, ModelFile, Values, claimed, mapped, plain_values, unread
from quantlab.sources.tensors import DTYPES
from quantlab.sources.upload import Refused, Upload, show

MAX_PAIRS = 100_000
MAX_ITEMS = 4_000_000  # of one list: a vocabulary has some 250 000
_FORMS = {0: "B", 1: "b", 2: "H", 3: "h", 4: "I", 5: "i", 6: "f", 7: "?", 10: "Q", 11: "q", 12: "d"}  # numbers by their type's code
_STRING, _LIST = 8, 9
_PART = re.compile(r"^(.*)-(\d{5})-of-(\d{5})\.gguf$")
Fact = str | int | float | bool


@dataclass
class _Cursor:
    """A place in the header. Whatever it is asked to read beyond the end is refused."""

    upload: Upload
    at: int = 0

    def number(self, code: str) -> int | float | bool:
        (value,) = struct.unpack("<" + code, self.bytes(struct.calcsize("<" + code)))
        return value

    def whole(self, code: str = "Q") -> int:
        return int(self.number(code))

    def bytes(self, count: int) -> bytes:
        if not 0 <= count <= len(self.upload.view) - self.at:
            raise Refused(f"{show(self.upload.name)} is cut off or no sound GGUF file: download or convert it again.")
        self.at += count
        return bytes(self.upload.view[self.at - count : self.at])

    def string(self, most: int = 1 << 24) -> str:
        length = self.whole()
        if length > most:
            raise Refused(f"{show(self.upload.name)} has a text of {length} bytes where {most} are the most: convert it again.")
        return self.bytes(length).decode("utf-8", "replace")

    def fact(self, kind: int) -> Fact:
        """A value: a number, a text, or how long a list is. Lists are stepped over."""
        if kind == _STRING:
            return self.string()
        if kind != _LIST:
            return self.number(self._form(kind))
        item, count = self.whole("I"), self.whole()
        if count > MAX_ITEMS:
            raise Refused(f"{show(self.upload.name)} has a list of {count} entries where {MAX_ITEMS} are the most: convert it again.")
        if item == _STRING:
            self._strings(count)
        else:
            self.bytes_over(count * struct.calcsize("<" + self._form(item)))
        return f"{count} entries"

    def items(self) -> list[Fact]:
        """A list's values, where ``fact`` says how many there are."""
        item, count = self.whole("I"), self.whole()
        if count > MAX_ITEMS or item == _LIST:
            raise Refused(f"{show(self.upload.name)} has a list that is too long or of lists: convert it again.")
        return [self.fact(item) for _ in range(count)]

    def _strings(self, count: int) -> None:
        view, at, end = self.upload.view, self.at, len(self.upload.view)
        unpack = struct.Struct("<Q").unpack_from
        for _ in range(count):
            at = at + 8 + unpack(view, at)[0] if at + 8 <= end else end + 1
            if at > end:
                raise Refused(f"{show(self.upload.name)} is cut off or no sound GGUF file: download or convert it again.")
        self.at = at

    def bytes_over(self, count: int) -> None:
        if count > len(self.upload.view) - self.at:
            raise Refused(f"{show(self.upload.name)} is cut off or no sound GGUF file: download or convert it again.")
        self.at += count

    def _form(self, kind: int) -> str:
        if kind not in _FORMS:
            raise Refused(f"{show(self.upload.name)} has a value of the unknown kind {kind}: convert it again.")
        return _FORMS[kind]


def read_gguf(path: Path, name: str = "") -> ModelFile:
    """The tensors of a GGUF file, of all its parts where it is split. name : to show, the file's own if left out."""
    paths, name = _parts(path), name or path.name
    uploads = [mapped(part, name if len(paths) == 1 else "") for part in paths]
    facts: dict[str, Fact] = {}
    tensors: list[FileTensor] = []
    for upload in uploads:
        found, some = tensors_of(upload)
        facts = some | facts
        tensors += found
    words = {name: str(value)[:200] for name, value in facts.items()}
    kind = "GGUF" if len(paths) == 1 else f"GGUF, {len(paths)} parts"
    if not tensors:
        raise Refused(f"{show(name)} holds no tensor: give a model, not a vocabulary.")
    return ModelFile(name, kind, tuple(tensors), words, (), tuple(uploads))


def read_lists(path: Path, names: Collection[str]) -> dict[str, list[Fact]]:
    """The values of these lists of the header, as far as it has them: tokens and merges, for example."""
    cursor = _Cursor(mapped(_parts(path)[0]))
    cursor.bytes_over(16)  # the name of the format, its version, the number of tensors
    found: dict[str, list[Fact]] = {}
    for _ in range(cursor.whole()):
        name, kind = cursor.string(1 << 16), cursor.whole("I")
        if name in names and kind == _LIST:
            found[name] = cursor.items()
        else:
            cursor.fact(kind)
    return found


def _parts(path: Path) -> list[Path]:
    if not (match := _PART.match(path.name)):
        return [path]
    count = int(match[3])
    paths = [path.with_name(f"{match[1]}-{i:05d}-of-{match[3]}.gguf") for i in range(1, min(count, 1000) + 1)]
    if missing := [p.name for p in paths if not p.is_file()]:
        raise Refused(f"The part {show(missing[0])} is missing beside {show(path.name)}: download all {count} parts into one folder.")
    return paths


def tensors_of(upload: Upload) -> tuple[list[FileTensor], dict[str, Fact]]:
    """The tensors of one file, and the facts of its header."""
    cursor = _Cursor(upload)
    if cursor.bytes(4) != b"GGUF":
        raise Refused(f"{show(upload.name)} does not begin with GGUF: it is another format, or damaged.")
    version = cursor.whole("I")
    if version not in (2, 3):
        raise Refused(f"{show(upload.name)} has version {version} of GGUF, and 2 and 3 are read: convert it again.")
    count, pairs = cursor.whole(), cursor.whole()
    if count > MAX_TENSORS or pairs > MAX_PAIRS:
        raise Refused(f"{show(upload.name)} claims {count} tensors and {pairs} facts, which no model has: download or convert it again.")
    facts: dict[str, Fact] = {}
    for _ in range(pairs):
        name = cursor.string(1 << 16)
        facts[name] = cursor.fact(cursor.whole("I"))
    claims = []
    for _ in range(count):
        name, axes = cursor.string(1 << 16), cursor.whole("I")
        if axes > 8:
            raise Refused(f"{show(upload.name)} claims {axes} axes for {show(name)}: download or convert it again.")
        shape = tuple(cursor.whole() for _ in range(axes))[::-1]
        claims.append((name, claimed(name, shape, upload), cursor.whole("I"), cursor.whole()))
    alignment = facts.get("general.alignment", 32)
    if not isinstance(alignment, int) or not 1 <= alignment <= 1 << 20:
        raise Refused(f"{show(upload.name)} aligns its tensors to {show(alignment)} bytes: convert it again.")
    start = -(-cursor.at // alignment) * alignment
    return [_tensor(upload, start, *claim) for claim in claims], facts


def _tensor(upload: Upload, start: int, name: str, shape: tuple[int, ...], code: int, offset: int) -> FileTensor:
    if code not in TYPES:
        why = f"{show(name)} has GGUF's type number {code}, which is not known here: convert it with a known type."
        return FileTensor(name, shape, f"ggml-{code}", 0, unread(why), weights=False, refused=why)
    kind, size = TYPES[code], prod(shape)
    nbytes = -(-size // kind.values) * kind.nbytes
    begin = start + offset
    why = ""
    if begin + nbytes > len(upload.view):
        why = f"{show(name)} should end at byte {begin + nbytes} and the file has {len(upload.view)}: it is cut off; download it again."
    elif shape and shape[-1] % kind.values:
        why = f"{show(name)} has rows of {shape[-1]} values, no multiple of the {kind.values} in a block of {kind.name}: convert it again."
    if why:
        return FileTensor(name, shape, kind.name, nbytes, unread(why), weights=False, refused=why)
    view = upload.view[begin : begin + nbytes]
    if kind.name in PLAIN:
        stored = PLAIN[kind.name]
        values = plain_values(view, DTYPES[stored].raw, DTYPES[stored].decode) if stored in DTYPES else plain_values(view, stored)
        dtype = {"<f4": "float32", "<f2": "float16", "BF16": "bfloat16", "<f8": "float64"}.get(
            stored, np.dtype(stored).name if stored != "BF16" else ""
        )
        return FileTensor(name, shape, dtype, nbytes, values, weights=not kind.name.startswith("i"))
    return FileTensor(name, shape, kind.name, nbytes, _blocks(view, kind), kind.values)


def _blocks(view: memoryview, kind: BlockType) -> Values:
    def values(first: int, stop: int) -> np.ndarray:
        begin, end = first // kind.values, -(-stop // kind.values)
        raw = np.frombuffer(view[begin * kind.nbytes : end * kind.nbytes], np.uint8).reshape(end - begin, kind.nbytes)
        if kind.name in DECODERS:
            return decoded(raw, kind.name)[first - begin * kind.values : stop - begin * kind.values]
        try:
            import gguf
        except ImportError as error:
            raise Refused(f'Blocks of {kind.name} are decoded by the package gguf: python -m pip install "gguf".') from error
        flat = gguf.quants.dequantize(raw, gguf.GGMLQuantizationType[kind.name.upper()]).reshape(-1)
        return flat[first - begin * kind.values : stop - begin * kind.values]

    return values
