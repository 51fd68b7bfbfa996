"""The shipped models' texts: topics of Python's documentation, cut into training, calibration and test.

Every CPython carries them (``pydoc_data.topics``); another version of Python has somewhat other words. So the held-out texts are
files in ``assets/language``, the same everywhere, and training leaves out their topics and every paragraph that stands in them.
Paragraphs are compared without their spaces and line ends, for the same one stands at other indents in several topics.
``python -m quantlab.language.texts`` writes the files anew.
"""

from __future__ import annotations

from quantlab.caching import lru_cache
from quantlab.paths import ASSETS

FOLDER = ASSETS / "language"
EVERY, TEST, CALIBRATION = 7, 2, 5  # of the topics in alphabetical order, every seventh from these on
LONGEST = 14_000  # bytes of one topic: a longer one would make most of a held-out text
HELD_OUT = ("calibration", "test")


@lru_cache(maxsize=4)
def held_out(name: str) -> bytes:
    """A text that no shipped model was trained on: ``calibration`` or ``test``; ValueError for another name."""
    if name not in HELD_OUT:
        raise ValueError(f"there is no held-out text {name!r}; choose one of {', '.join(HELD_OUT)}")
    return (FOLDER / f"{name}.txt").read_bytes()


def paragraphs(text: bytes) -> list[bytes]:
    """The parts between empty lines, that are not empty.

    >>> paragraphs(b"one\\n\\n\\ntwo\\nlines\\n")
    [b'one', b'two\\nlines']
    """
    return [part.strip(b"\n") for part in text.split(b"\n\n") if part.strip()]


def words_of(paragraph: bytes) -> bytes:
    """A paragraph without its layout: what two are compared by.

    >>> words_of(b"  two\\n  lines")
    b'two lines'
    """
    return b" ".join(paragraph.split())


def without(text: bytes, known: set[bytes]) -> bytes:
    """The paragraphs whose words are not known yet.

    >>> without(b"a b\\n\\nc", {b"a b"})
    b'c\\n'
    """
    return b"\n\n".join(part for part in paragraphs(text) if words_of(part) not in known) + b"\n"


def _topics() -> dict[str, bytes]:
    from pydoc_data.topics import topics

    return {name: text.encode() for name, text in sorted(topics.items())}


def _chosen(place: int) -> list[str]:
    """The names of the topics of one held-out text."""
    names = [name for name, text in _topics().items() if len(text) <= LONGEST]
    return names[place::EVERY]


@lru_cache(maxsize=1)
def training() -> bytes:
    """What the shipped models learn from: this Python's topics without the held-out ones and their paragraphs."""
    known = {words_of(part) for name in HELD_OUT for part in paragraphs(held_out(name))}
    left_out = {*_chosen(TEST), *_chosen(CALIBRATION)}
    return b"\n".join(without(text, known) for name, text in _topics().items() if name not in left_out)


def main() -> None:
    """Write the held-out texts; the test keeps no paragraph that calibration has."""
    topics = _topics()
    calibration = b"\n".join(topics[name] for name in _chosen(CALIBRATION))
    known = {words_of(part) for part in paragraphs(calibration)}
    test = b"\n".join(without(topics[name], known) for name in _chosen(TEST))
    for name, text in (("calibration", calibration), ("test", test)):
        (FOLDER / f"{name}.txt").write_bytes(text)
        print(f"{name}: {len(text)} bytes")
    training.cache_clear()
    print(f"training: {len(training())} bytes")


if __name__ == "__main__":
    main()
