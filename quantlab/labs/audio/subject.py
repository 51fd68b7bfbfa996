"""The audio lab's subject: a clip of the lab, a file or a recording; of a long one half a minute."""

from __future__ import annotations

from collections.abc import Hashable, Mapping
from dataclasses import dataclass
from functools import partial

from quantlab.audio.clips import CLIPS, load_clip
from quantlab.caching import lru_cache
from quantlab.labs.address import Parameter, Values
from quantlab.labs.forms import Choice, File, Number, Value
from quantlab.sources.sounds import EXTENSIONS, MAX_BYTES, Sound, load_sound
from quantlab.sources.upload import show
from quantlab.sources.uploads import UPLOADS
from quantlab.workers.reading import read

LONGEST = 30  # seconds shown at once
SMALL = 1 << 20  # bytes of a file that is decoded at once: with the limits on its length a second at most
_BROUGHT = {"upload": "Open a file", "record": "Record with the microphone"}
_FIRST = {
    "upload": f"Choose a file: {', '.join(EXTENSIONS)}.",
    "record": "Press the microphone and speak; if the browser refuses, allow it the microphone for this page, or open a file instead.",
}


@dataclass(frozen=True, eq=False)
class AudioSubject:
    """A sound that was picked. key : names it in caches. python : the lines that make ``sound``, and ``x`` where it is a part.

    title : what a person calls it. notes : sentences on what was changed or left out.
    """

    key: Hashable
    sound: Sound
    python: str
    title: str
    notes: tuple[str, ...] = ()


def sound_of(values: Values) -> AudioSubject:
    """The sound that the values name; ValueError in one sentence where they name none that is sound."""
    if values["source"] in CLIPS:
        return _clip(values["source"])
    return _part(_file(values), values["start"]) if "start" in values else _file(values)


@lru_cache()
def _clip(slug: str) -> AudioSubject:
    return AudioSubject(slug, load_clip(slug), f'sound = load_clip("{slug}")', CLIPS[slug].title)


def _file(values: Mapping[str, Value]) -> AudioSubject:
    """The whole sound of the file; ValueError where none was brought, it is held no longer, or it is not sound."""
    token = values["file"]
    if not token:
        raise ValueError(_FIRST[values["source"]])
    return _uploaded(UPLOADS.key(UPLOADS.check(token, "That sound is no longer held by this server; bring it again.")))


@lru_cache(maxsize=6)
def _uploaded(key: str) -> AudioSubject:
    name, data = UPLOADS.content(key)
    sound = read(name, partial(load_sound, name, data), cheap=len(data) <= SMALL)
    sound.samples.flags.writeable = False  # which does not come along from another process
    return AudioSubject(("file", key), sound, f"sound = load_sound({name!r}, Path({name!r}))", show(name), sound.notes)


@lru_cache(maxsize=6)
def _part(whole: AudioSubject, start: int) -> AudioSubject:
    """The half minute of a long sound from second ``start`` on."""
    sound = whole.sound
    a, b = start * sound.rate, (start + LONGEST) * sound.rate
    return AudioSubject(
        (whole.key, start),
        Sound(sound.samples[a:b], sound.rate, sound.notes),
        f"{whole.python}\nx = sound.samples[{a}:{b}]",
        whole.title,
        (*whole.notes, f"{LONGEST} of {sound.seconds:.0f} s are shown and heard."),
    )


def _is_brought(values: Values) -> bool:
    return values["source"] in _BROUGHT


SUBJECT = (
    Parameter(
        "source",
        "the sound: a built-in clip, `upload`, `record`",
        Choice({slug: clip.title for slug, clip in CLIPS.items()} | _BROUGHT),
        "fade",
        "Sound",
        advice="The sound that is quantized: built-in, from a file, or recorded.",
    ),
    Parameter(
        "file",
        "an opened file or a recording, by the token that the server gave it",
        File(kind="sound", endings=EXTENSIONS, most=MAX_BYTES),
        title=lambda values: "Recording" if values["source"] == "record" else "File",
        when=_is_brought,
        advice="A sound of yours.",
    ),
    Parameter(
        "start",
        f"the second from which {LONGEST} s of a longer sound are shown",
        lambda values: Number(0, int(_file(values).sound.seconds) - 1),
        0,
        f"Show {LONGEST} s from second",
        when=lambda values: _is_brought(values) and _file(values).sound.seconds > LONGEST,
        advice="Of a long sound half a minute is shown and heard, from this second on.",
    ),
)
