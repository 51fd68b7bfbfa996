"""Every cache of the app. Tensors are kept once for all sessions, read-only, and named by what made them."""

from __future__ import annotations

import hashlib
from functools import lru_cache
from typing import Any

import numpy as np
import streamlit as st

from quantlab.images.numbers import jpeg
from quantlab.labs.network import curves as network_curves
from quantlab.labs.network.frames import Frames as NetworkFrames
from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.pictures import PICTURES, fit, load_picture, square


class Uploads:
    """Files that were brought, by the hash of their content: held once, whoever brought them, the last ones only."""

    most, room = 64, 1 << 30  # files, bytes in all; the last one stays in any case

    def __init__(self) -> None:
        self._files: dict[str, tuple[str, bytes]] = {}

    def add(self, name: str, data: bytes) -> str:
        """Keep a file; returns its name in addresses."""
        digest = hashlib.sha256(data).hexdigest()[:20]
        self._files.pop(digest, None)
        self._files[digest] = (name, data)
        for old in list(self._files)[:-1]:
            if len(self._files) > self.most or sum(len(content) for _, content in self._files.values()) > self.room:
                del self._files[old]
        return digest

    def __contains__(self, digest: str) -> bool:
        return digest in self._files

    def name(self, digest: str) -> str:
        """The file's own name, to show."""
        return self._files[digest][0]

    def content(self, digest: str) -> tuple[str, bytes]:
        """The file's own name and what is in it."""
        return self._files[digest]

    def tensors(self, digest: str) -> list[str]:
        """The names of the tensors in a file; ValueError in one sentence."""
        return [info.name for info in list_tensors(*self._files[digest])]

    def load(self, digest: str, tensor: str | None) -> np.ndarray:
        """One tensor, read-only, sharing the file's memory where the format allows."""
        return load_tensor(*self._files[digest], tensor)


@st.cache_resource(show_spinner=False)
def uploads() -> Uploads:
    return Uploads()


@st.cache_resource(max_entries=32, show_spinner=False)
def picture_source(slug: str) -> np.ndarray:
    """A picture of the image lab as it is shown, uint8 (H, W, 3), read-only."""
    return _frozen(np.array(PICTURES[slug].make()))


@st.cache_resource(max_entries=64, show_spinner="Reading the picture")
def uploaded_picture(digest: str) -> tuple[np.ndarray, tuple[str, ...]]:
    """A picture that was brought, as it is shown, and what was changed on the way; ValueError in one sentence."""
    brought = load_picture(*uploads().content(digest))
    return _frozen(np.array(fit(brought.array))), brought.notes


@lru_cache(maxsize=1)
def thumbnails() -> bytes:
    """The image lab's pictures side by side, squares of 96 pixels, as JPEG."""
    return jpeg(np.concatenate([square(picture_source(slug), 96) for slug in PICTURES], axis=1), 80)


@lru_cache(maxsize=64)
def network_curve(frames: NetworkFrames, measure: str) -> bytes:
    """One measure of a network's answers against bits, for these very frames."""
    return network_curves.curve_film(frames, network_curves.measures(frames.truth)[measure])


@st.cache_resource(show_spinner=False)
def evaluator(source: str, images: int) -> Any:
    """A shipped network on its first test images; an ``Evaluator`` of ``quantlab.networks``, and with it torch."""
    from quantlab.networks.engine import Evaluator, Runner, shipped

    return Evaluator(Runner(*shipped(source), images=images))


def _frozen(x: np.ndarray) -> np.ndarray:
    x.flags.writeable = False
    return x
