"""The audio lab's controls: which sound, and what is done to it; each in the address."""

from __future__ import annotations

from collections.abc import Hashable
from dataclasses import dataclass
from typing import Any

import streamlit as st

from quantlab.audio import mdct, rates
from quantlab.audio.chain import Chain
from quantlab.audio.clips import CLIPS, load_clip
from quantlab.audio.dithers import DITHERS
from quantlab.audio.shaping import SHAPERS
from quantlab.labs.audio.recipe import ChainRecipe, MdctRecipe, Recipe
from quantlab.schemes import SCHEMES
from quantlab.sources.sounds import EXTENSIONS, MAX_BYTES, Sound
from quantlab.types import QuantSpec
from quantlab.ui import cached
from quantlab.ui.quantizer_controls import choose_knobs
from quantlab.ui.state import State

MDCT = "mdct"
_OWN = {"upload": "Open a file", "record": "Record with the microphone"}
_LONGEST = 30  # seconds shown at once
_ROUNDINGS = {"nearest-even": "to the nearest level", "floor": "cut off (truncation)"}


@dataclass(frozen=True)
class Picked:
    """A sound that was picked: ``key`` names it in caches, ``python`` are the lines that make ``sound`` and ``x``."""

    key: Hashable
    sound: Sound
    python: str


def choose_sound(state: State, side: Any) -> Picked:
    """The sound of the controls; where they name none that is sound, the last one that was, with the reason."""
    titles = {slug: clip.title for slug, clip in CLIPS.items()} | _OWN
    source = state.choice("source", "Sound", titles, "fade", side)
    try:
        picked = _brought(state, side, source) if source in _OWN else default_sound(source)
    except ValueError as problem:
        state.problems.append(str(problem))
        return st.session_state.get("audio:last") or default_sound()
    st.session_state["audio:last"] = picked
    return picked


def default_sound(slug: str = "fade") -> Picked:
    """A clip of the lab; without a name the one it opens on."""
    return Picked(slug, load_clip(slug), f'sound = load_clip("{slug}")')


def _brought(state: State, side: Any, source: str) -> Picked:
    store = cached.uploads()
    if source == "upload":
        megabytes = MAX_BYTES >> 20
        file = side.file_uploader(
            "File", EXTENSIONS, max_upload_size=megabytes, key="audio:upload", help="It stays in this server's memory only."
        )
    else:
        file = side.audio_input("Recording", sample_rate=48_000, key="audio:record", help="It stays in this server's memory only.")
    if file is not None and st.session_state.get("audio:file-id") != file.file_id:
        st.session_state["audio:file-id"] = file.file_id
        state.set("file", store.add(file.name, file.getvalue()))
    digest = state.hidden("file", "")
    if not digest:
        raise ValueError(_FIRST[source])
    if digest not in store:
        raise ValueError("That sound is no longer held by this server; bring it again.")
    sound, name = cached.uploaded_sound(digest), store.name(digest)
    for note in sound.notes:
        side.caption(note)
    return _part(state, side, Picked(("file", digest), sound, f"sound = load_sound({name!r}, Path({name!r}))"))


_FIRST = {
    "upload": f"Choose a file: {', '.join(EXTENSIONS)}.",
    "record": "Press the microphone and speak; if the browser refuses, allow it the microphone for this page, or open a file instead.",
}


def _part(state: State, side: Any, picked: Picked) -> Picked:
    """Of a long sound the half minute that is shown."""
    sound = picked.sound
    if sound.seconds <= _LONGEST:
        return picked
    start = state.number("start", "Show 30 s from second", 0, int(sound.seconds) - 1, 0, side)
    a, b = start * sound.rate, (start + _LONGEST) * sound.rate
    side.caption(f"{_LONGEST} of {sound.seconds:.0f} s are shown and heard.")
    python = f"{picked.python}\nx = sound.samples[{a}:{b}]"
    return Picked((picked.key, start), Sound(sound.samples[a:b], sound.rate, sound.notes), python)


def choose_recipe(state: State, rate: int, side: Any, more: Any) -> Recipe:
    """What is done to the sound."""
    titles = {slug: scheme.title for slug, scheme in SCHEMES.items()} | {MDCT: "MDCT and power law, as in MP3"}
    scheme = state.choice("scheme", "Scheme", titles, "int-symmetric", side)
    if scheme == MDCT:
        size = state.choice("window", "Window", {str(n): f"{n} samples" for n in mdct.SIZES}, "2048", more)
        shape = state.choice("shape", "Shape of the window", {"sine": "sine", "kbd": "Kaiser-Bessel"}, "sine", more)
        return MdctRecipe(int(size), shape)
    return ChainRecipe(_chain(state, scheme, rate, side, more))


def _chain(state: State, scheme: str, rate: int, side: Any, more: Any) -> Chain:
    own: dict[str, Any] = {}
    knobs: dict[str, Any] = {}
    if SCHEMES[scheme].affine:
        dither = own["dither"] = state.choice("dither", "Dither", {s: d.title for s, d in DITHERS.items()}, "none", side)
        shapers = {s: shaper.title for s, shaper in SHAPERS.items() if s == "none" or not DITHERS[dither].subtractive}
        own["shaping"] = state.choice("shaping", "Noise shaping", shapers, "none", side)
    else:
        knobs = choose_knobs(state, SCHEMES[scheme], more, without=("format",))
    steps = {str(k): f"{rate / k / 1000:.4g} kHz" for k in rates.FACTORS}
    own["factor"] = int(state.choice("factor", "Sample rate", steps, "1", side))
    if own["factor"] > 1:
        sharp = state.choice("antialias", "Before fewer samples", {"yes": "low-pass filter", "no": "no filter: aliases"}, "yes", more)
        own["antialias"] = sharp == "yes"
    if scheme == "int-symmetric":
        own["rise"] = (
            state.choice("levels", "Levels", {"tread": "mid-tread: one is zero", "rise": "mid-rise: none is zero"}, "tread", more) == "rise"
        )
    roundings = {r: title for r, title in _ROUNDINGS.items() if r in SCHEMES[scheme].roundings}
    rounding = state.choice("rounding", "Rounding", roundings, "nearest-even", more) if len(roundings) > 1 else ""
    seed = state.number("dice", "Seed of the dither", 0, 2**31 - 1, 0, more) if own.get("dither", "none") != "none" else 0
    spec = QuantSpec(scheme, seed=seed, **knobs)
    return _sound_chain(state, spec.replace(rounding=rounding) if rounding else spec, own, rate)


def _sound_chain(state: State, spec: QuantSpec, own: dict[str, Any], rate: int) -> Chain:
    """The chain; without its noise shaping where that filter is not made for the rate, with the reason."""
    try:
        SHAPERS[own.get("shaping", "none")].taps(rate / own["factor"])
    except ValueError as problem:
        state.problems.append(str(problem))
        own = own | {"shaping": "none"}
    return Chain(spec, **own)
