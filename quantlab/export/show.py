"""A live film in a notebook: a lab at an address, or a tensor of one's own under a quantizer, with no server.

>>> import numpy as np, quantlab as ql
>>> shown = ql.show(np.linspace(-1, 1, 500), ql.QuantSpec("int-symmetric", bits=3), knob="bits")
>>> shown
<a live film of the tensor lab: save(path) writes it as one HTML file>
>>> shown._repr_html_()[:7]
'<iframe'
"""

from __future__ import annotations

import io
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from html import escape
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl

import numpy as np

from quantlab.export.page import html
from quantlab.labs.address import Address
from quantlab.labs.catalog import LABS
from quantlab.labs.lab import Lab
from quantlab.labs.tensor.request import request_of
from quantlab.labs.tensor.scrubs import scrubs_for
from quantlab.sources.uploads import UPLOADS
from quantlab.types import QuantSpec

HEIGHT = 700  # pixels in a notebook


@dataclass(frozen=True, eq=False)
class Shown:
    """A film that a notebook displays. document : the HTML file; it plays alone, and fetches nothing."""

    lab: str
    document: str = field(repr=False)
    height: int = HEIGHT

    def __repr__(self) -> str:
        return f"<a live film of the {self.lab} lab: save(path) writes it as one HTML file>"

    def _repr_html_(self) -> str:
        """A frame of its own, in which nothing reaches the notebook and nothing of the notebook reaches it."""
        style = f"width: 100%; height: {self.height}px; border: 0"
        return f'<iframe sandbox="allow-scripts" style="{style}" title="QuantLab" srcdoc="{escape(self.document)}"></iframe>'

    def save(self, path: str | Path) -> Path:
        """Write the film as one HTML file."""
        path = Path(path)
        path.write_text(self.document, "utf-8")
        return path


def show(
    what: Any, spec: QuantSpec | None = None, knob: str | None = None, views: Sequence[str] | None = None, height: int = HEIGHT
) -> Shown:
    """A lab's live film in a notebook, slider and all.

    Parameters
    ----------
    what : an address, ``"tensor?scheme=nf4"``, or a tensor of one's own: an array of NumPy, a tensor of PyTorch, numbers in lists.
    spec : the quantizer for a tensor of one's own; left out, symmetric integers of 4 bits.
    knob : what the slider moves: ``"bits"``, ``"clip"``, ``"percentile"``, ``"group"``, ``"outlier"``; left out, the first that it can.
    views : which pictures of the lab; left out, its first ones.
    height : of the frame in the notebook, in pixels.

    Raises
    ------
    ValueError : for an address or a view that there is none of, for a tensor that is not of finite numbers, for a spec that the lab
        cannot show.
    """
    lab, address = _at(what) if isinstance(what, str) else _of(np.asarray(_on_host(what)), spec or QuantSpec("int-symmetric", 4), knob)
    if told := [*address.problems, *address.notices]:
        raise ValueError(" ".join(told))
    return Shown(lab.title.lower(), html(lab, address, views), height)


def _at(text: str) -> tuple[Lab, Address]:
    page, _, query = text.lstrip("/").partition("?")
    if page not in LABS:
        raise ValueError(f"there is no lab {page!r}; name one of {', '.join(slug for slug, lab in LABS.items() if lab.views)}")
    return LABS[page], LABS[page].read(dict(parse_qsl(query)))


def _on_host(what: Any) -> Any:
    """A tensor of PyTorch as one that NumPy reads, wherever it lies."""
    return what.detach().cpu().float() if hasattr(what, "detach") else what


def _of(x: np.ndarray, spec: QuantSpec, knob: str | None) -> tuple[Lab, Address]:
    """The tensor lab's address for a tensor that is held under a token."""
    if not np.issubdtype(x.dtype, np.number) or np.iscomplexobj(x) or x.size < 1:
        raise ValueError(f"a tensor of numbers is shown, not one of {x.dtype} with {x.size} values")
    possible = list(scrubs_for(spec, x.shape))
    knob = knob or ("bits" if "bits" in possible else possible[0])
    if knob not in possible:
        raise ValueError(f"{knob!r} is nothing to slide for {spec.scheme}; there is {', '.join(possible)}")
    buffer = io.BytesIO()
    np.save(buffer, x.astype(np.float32), allow_pickle=False)
    query = {"source": "upload", "file": UPLOADS.add("tensor.npy", buffer.getvalue()), "scheme": spec.scheme, "scrub": knob}
    query |= {"granularity": spec.granularity.slug, "calibrator": spec.calibrator, "rounding": spec.rounding, "dice": str(spec.seed)}
    query |= {"width": str(spec.bits), **{name: _written(value) for name, value in spec.knobs.items()}}
    lab = LABS["tensor"]
    address = lab.read(query)
    if not address.problems:
        address = lab.read(query | {"bits": _level(address, spec)})
    described = (f"a tensor of {' × '.join(map(str, x.shape)) or '1'} values", *address.described[1:])  # for the source "a file"
    return lab, replace(address, described=described, notices=())  # knobs that mean nothing to this scheme: the quantizer was compared


def _level(address: Address, spec: QuantSpec) -> str:
    """The level at which the lab's quantizer is the one that was given; ValueError where there is none.

    A slider of groups stands at its default where the spec has none, one of outliers always.
    """
    request = request_of(address)
    shape, scrub = request.tensor.x.shape, request.scrub
    at = dict(zip(scrub.labels(request.spec, shape), scrub.values(request.spec, shape), strict=True))
    usual = scrub.default_label(request.spec, shape)
    fitting = [level for level, value in at.items() if scrub.spec_at(request.spec, value) == spec]
    if usual in fitting:
        return usual
    if fitting:
        return fitting[0]
    found = scrub.spec_at(request.spec, at[usual])
    if scrub.slug == "group" and found.replace(granularity=spec.granularity) == spec:
        return usual
    raise ValueError(f"the lab shows {found}, and not {spec}; choose a quantizer that it can set")


def _written(value: Any) -> str:
    return str(value).lower() if isinstance(value, bool | str) else f"{value:g}"
