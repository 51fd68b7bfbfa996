"""Each reader of what people bring, fed with changed files: a value, or a refusal in one sentence, at once and without a warning."""

import io
import time
import warnings
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property

import numpy as np

from quantlab.labs.network.own import UPLOADS  # noqa: F401  (labs first: engines load lazily)
from quantlab.learn import diary
from quantlab.progress import finish
from quantlab.sources import list_tensors, load_tensor, parse_floats
from quantlab.sources.files import notes_of
from quantlab.sources.image_folders import from_zip
from quantlab.sources.picture_files import load_fitted
from quantlab.sources.sounds import load_sound
from quantlab.storage import packing
from tests.fuzz import seeds

MOST_SECONDS = 5.0  # of the processor, for a file of a few kB
MOST_CHARACTERS = 500
_WORDS = (
    b"\0",
    b"\xff" * 4,
    b"\x7f\xff\xff\xff",
    b"\x80\0\0\0",
    b"-1",
    b"1e999",
    b"NaN",
    b'"',
    b"{",
    b"[" * 40,
    b"(",
    b",,",
    b"True",
    b"\n",
)


class Found(AssertionError):
    """What a fuzzer found."""


@dataclass(frozen=True)
class Reader:
    """A reader. make : gives its valid files. read : reads one of them. sentences : whether its errors are sentences for people."""

    make: Callable[[], list[tuple[str, bytes]]]
    read: Callable[[str, bytes], object]
    sentences: bool = True

    @cached_property
    def seeds(self) -> list[tuple[str, bytes]]:
        return self.make()


def _tensor(name: str, data: bytes) -> None:
    for info in list_tensors(name, data):
        load_tensor(name, data, info.name)
    notes_of(name, data)


def _zip(name: str, data: bytes) -> None:
    finish(from_zip(name, data, 8))


def _state(name: str, data: bytes) -> None:
    from quantlab.networks.engine.state_files import read_state

    read_state(name, data)


def _onnx(name: str, data: bytes) -> None:
    from quantlab.networks import engine

    network = engine.read_onnx(name, data)
    engine.pictures_for(network)


def _text(name: str, data: bytes) -> None:
    text = data.decode("utf-8", "replace")
    if name.startswith("diary"):
        diary.read(text).csv()
    else:
        parse_floats(text)


READERS = {
    "tensors": Reader(seeds.tensors, _tensor),
    "pictures": Reader(seeds.pictures, load_fitted),
    "sounds": Reader(seeds.sounds, load_sound),
    "archives": Reader(seeds.archives, _zip),
    "states": Reader(seeds.states, _state),
    "onnx": Reader(seeds.onnx, _onnx),
    "packed": Reader(seeds.packed, lambda name, data: packing.load(io.BytesIO(data)), sentences=False),
    "texts": Reader(seeds.texts, _text, sentences=False),
}


def changed(data: bytes, other: bytes, rng: np.random.Generator) -> bytes:
    """The file with a few things changed: bits, bytes, numbers and words in it, parts doubled, lost, or of another file."""
    out = bytearray(data)
    for _ in range(int(rng.integers(1, 5))):
        reach = min(len(out), int(rng.choice([64, 400, 1 << 30])))  # headers are short, and stand at either end
        at = int(rng.integers(reach + 1)) if rng.random() < 0.6 else len(out) - int(rng.integers(reach + 1))
        size = int(rng.choice([1, 2, 4, 8, 60]))
        match int(rng.integers(7)):
            case 0 if at < len(out):
                out[at] ^= 1 << int(rng.integers(8))
            case 1:
                out[at : at + size] = rng.bytes(size)
            case 2:
                out[at : at + int(rng.choice([0, 1, 4]))] = _WORDS[int(rng.integers(len(_WORDS)))]
            case 3:
                out[at:at] = out[at : at + size] * int(rng.choice([1, 2, 50]))
            case 4:
                del out[at : at + size]
            case 5:
                start = int(rng.integers(len(other) + 1))
                out[at : at + size] = other[start : start + size]
            case 6:
                out[at : at + 4] = int(rng.integers(1 << 32)).to_bytes(4, rng.choice(["little", "big"]))
    if rng.random() < 0.05:
        del out[int(rng.integers(len(out) + 1)) :]
    return bytes(out)


def inputs(reader: Reader, rng: np.random.Generator) -> Iterator[tuple[str, bytes]]:
    """Changed files without end."""
    while True:
        (name, data), (_, other) = (reader.seeds[int(k)] for k in rng.integers(len(reader.seeds), size=2))
        yield name, changed(data, other, rng)


def check(reader: Reader, name: str, data: bytes) -> bool:
    """Whether the file was read; Found where the reader neither reads nor refuses it as it should."""
    start = time.thread_time()
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")  # as picture_files says for the whole server
        try:
            reader.read(name, data)
        except ValueError as refusal:
            text, good = str(refusal), False
            if not text or "\n" in text or len(text) > MOST_CHARACTERS or (reader.sentences and not text.endswith(".")):
                raise Found(f"no sentence: {type(refusal).__name__}: {text[:200]!r}") from refusal
            if type(refusal) is UnicodeDecodeError or "Traceback" in text:
                raise Found(f"an error that is not for people: {refusal!r}") from refusal
        except (Exception, Warning) as fault:
            raise Found(f"{type(fault).__name__}: {fault}") from fault
        else:
            good = True
    if (spent := time.thread_time() - start) > MOST_SECONDS:
        raise Found(f"it took {spent:.1f} s of the processor")
    return good
