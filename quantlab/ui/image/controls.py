"""The image lab's controls: which picture, what of it is quantized, how it is dithered; each in the address."""

from __future__ import annotations

from collections.abc import Callable, Hashable
from dataclasses import dataclass
from typing import Any

import numpy as np
import streamlit as st

from quantlab.grouping import PerChannel, PerTensor
from quantlab.images import DITHERS, PALETTES, SPACES, Recipe
from quantlab.images.tables import is_table
from quantlab.schemes import SCHEMES
from quantlab.sources.picture_files import ENDINGS, MAX_BYTES, MAX_PIXELS
from quantlab.sources.pictures import PICTURES, load_picture
from quantlab.types import QuantSpec
from quantlab.ui import cached, live
from quantlab.ui.page import plain_text
from quantlab.ui.quantizer_controls import choose_knobs, choose_range_and_rounding, choose_scheme
from quantlab.ui.served import SPRITE
from quantlab.ui.state import State

_OWN = {"upload": "Open a file", "webcam": "Take a photo"}
_WHAT = {slug: space.title for slug, space in SPACES.items()} | {"palette": "A palette of few colours", "dct": "JPEG: waves of 8×8 blocks"}
DITHER = "floyd-steinberg"
COMPARED = ("none",)
_FOLLOWS = "follow"


@dataclass(frozen=True, eq=False)
class Picked:
    """A picture that was picked: ``key`` names it in caches, ``python`` makes it, ``full`` is it at its own size."""

    key: Hashable
    picture: np.ndarray
    python: str
    title: str
    full: Callable[[], np.ndarray]
    notes: tuple[str, ...] = ()


def choose_picture(state: State, side: Any) -> Picked:
    """The picture of the controls; where they name none that is sound, the last one that was, with the reason."""
    titles = {slug: source.title for slug, source in PICTURES.items()} | _OWN
    source = state.choice("source", "Picture", titles, "astronaut", side)
    items = [(slug, entry.title) for slug, entry in PICTURES.items()]
    with side:
        live.thumbnails("Pictures", items, source, SPRITE, "thumbnails", lambda slug: state.set("source", slug))
    try:
        picked = _brought(state, source, side) if source in _OWN else built_in(source)
    except ValueError as problem:
        state.problems.append(str(problem))
        return st.session_state.get("image:last") or built_in("astronaut")
    for note in picked.notes:
        side.caption(plain_text(note))
    st.session_state["image:last"] = picked
    return picked


def built_in(slug: str) -> Picked:
    """A picture that needs no file."""
    entry = PICTURES[slug]
    python = f'picture = PICTURES["{slug}"].make()'
    return Picked(
        slug, cached.picture_source(slug), python, entry.title, lambda: entry.make(1 << 16 if "formula" not in entry.origin else 512)
    )


def _brought(state: State, source: str, side: Any) -> Picked:
    store = cached.uploads()
    if source == "webcam":
        file = side.camera_input("Take a photo", key="image:camera")
    else:
        limits = f"PNG, JPEG or WebP, up to {MAX_PIXELS // 10**6} megapixels. It stays in this server's memory only."
        file = side.file_uploader("File", ENDINGS, max_upload_size=MAX_BYTES >> 20, help=limits, key="image:upload")
    if file is not None and st.session_state.get("image:file-id") != file.file_id:
        st.session_state["image:file-id"] = file.file_id
        state.set("file", store.add(file.name, file.getvalue()))
    digest = state.hidden("file", "")
    if not digest:
        raise ValueError(
            "Choose a file: PNG, JPEG or WebP." if source == "upload" else "Press the button below the camera to take a photo."
        )
    if digest not in store:
        raise ValueError("That picture is no longer held by this server; bring it again.")
    picture, notes = cached.uploaded_picture(digest)
    name, data = store.content(digest)
    if source == "webcam":  # the program below reads it from a file
        side.download_button("Save this photo", data, name, on_click="ignore", icon=":material/download:")
    python = f"picture = fit(load_picture({name!r}, Path({name!r})).array)"
    return Picked(("upload", digest), picture, python, name, lambda: load_picture(name, data).array, notes)


def choose_recipe(state: State, side: Any, more: Any) -> Recipe:
    """What is done with the picture."""
    what = state.choice("what", "What is quantized", _WHAT, "rgb", side)
    options: dict[str, Any] = {}
    if what in SPACES:
        options["spec"] = _spec(state, what, side, more)
        options |= _of_space(state, what, options["spec"], more)
    elif what == "palette":
        options["method"] = state.choice("palette", "Palette by", {s: m.title for s, m in PALETTES.items()}, "median-cut", side)
    else:
        options["dead_zone"] = state.number("dead_zone", "Bin at zero, times as wide", 1.0, 2.0, 1.0, more, step=0.1)
    if what != "dct" and is_table(options.get("spec", QuantSpec("int-asymmetric"))):
        options |= _dither(state, what, side, more)
    return Recipe(what, **options)


def _spec(state: State, what: str, side: Any, more: Any) -> QuantSpec:
    scheme = choose_scheme(state, list(SCHEMES), "int-asymmetric", side)
    shared = {"tensor": "All channels", "channel-2": "Each channel"}
    entries = {"tensor": PerTensor(), "channel-2": PerChannel(2)}
    fits = {s: title for s, title in shared.items() if {"tensor", entries[s].kind} <= set(scheme.granularities)}
    granularity: Any = QuantSpec(scheme.slug).granularity
    if fits and not SPACES[what].apart and len(SPACES[what].channels) > 1:
        granularity = entries[state.choice("granularity", "One scale for", fits, next(iter(fits)), more)]
    elif "tensor" in fits:
        granularity = PerTensor()
    knobs = choose_range_and_rounding(state, scheme, more, more)
    knobs |= choose_knobs(state, scheme, side if "format" in scheme.knobs else more)
    return QuantSpec(scheme.slug, granularity=granularity, **knobs)


def _of_space(state: State, what: str, spec: QuantSpec, more: Any) -> dict[str, Any]:
    """Bits that stay for luma or chroma, and the range of all bytes instead of the picture's own."""
    ranges = {"picture": "This picture's values", "full": "All values there are"}
    options: dict[str, Any] = {}
    if is_table(spec):
        options["full_range"] = state.choice("range", "Range chosen on", ranges, "picture", more) == "full"
    if SPACES[what].apart:
        for name in ("luma", "chroma"):
            allowed = {_FOLLOWS: "as the slider says"} | {str(b): f"{b} bits" for b in Recipe(what, spec).levels}
            chosen = state.choice(name, f"Bits of {name}", allowed, _FOLLOWS, more)
            options[name] = None if chosen == _FOLLOWS else int(chosen)
    return options


def _dither(state: State, what: str, side: Any, more: Any) -> dict[str, Any]:
    slug = state.choice("dither", "Dither", {s: d.title for s, d in DITHERS.items()}, DITHER, side)
    options: dict[str, Any] = {"dither": slug}
    if slug == "none":
        return options
    options["strength"] = state.number("strength", "Strength of the dither", 0.0, 1.0, 1.0, more, step=0.1)
    if DITHERS[slug].kernel is not None and what != "palette":
        ways = {"straight": "every row from left to right", "serpentine": "there and back (serpentine)"}
        options["serpentine"] = state.choice("order", "Order of the pixels", ways, "straight", more) == "serpentine"
    if slug == "white-noise":
        options["seed"] = state.number("dice", "Seed of the noise", 0, 2**31 - 1, 0, more)
    return options


def choose_compared(state: State, recipe: Recipe, more: Any) -> tuple[str, ...]:
    """The dithers whose curves stand beside the recipe's own."""
    if recipe.what == "dct" or (recipe.what in SPACES and not is_table(recipe.spec)):
        return ()
    return state.several("compare", "Dithers compared", {s: d.title for s, d in DITHERS.items()}, COMPARED, more)


def slider_of(recipe: Recipe) -> tuple[str, str]:
    """What the slider is called, and where it begins."""
    if recipe.what == "palette":
        return "Colours", "16"
    if recipe.what == "dct":
        return "JPEG quality", "10"
    return "Bits a channel", "2" if "2" in recipe.labels else recipe.labels[0]
