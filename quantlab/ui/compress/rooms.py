"""The rooms of the lab of small files: one file made small, a student and its teacher, all ways at once."""

from __future__ import annotations

import streamlit as st

from quantlab.labs.address import Address
from quantlab.labs.compress.distil.result import DistilResult
from quantlab.labs.compress.front.points import nearest
from quantlab.labs.compress.front.result import FrontResult
from quantlab.labs.compress.shrink.result import ShrinkResult
from quantlab.labs.text import kilobytes, rounded_percent
from quantlab.ui import live
from quantlab.ui.page import Page, titled

_MINDS = (
    "Each layer is pruned alone while the others stay whole. The divergence of the answers is measured on calibration images, so that no "
    "share is chosen by looking at the test."
)
_FILE = "The bytes of the download are the number shown. The file holds no code: quantlab.networks.compressed reads it, and docs/compression.md says how."
_SEARCHES = (
    "A plan by layer spends the bytes of equal bits. Greedy and knapsack see the measured divergence of each layer alone, the Hessian "
    "trace foretells it; all on calibration images. Press a point to open its way."
)


def shrink(page: Page, result: ShrinkResult, address: Address) -> None:
    """One file: its bytes part by part, right answers against bytes, one layer's codebook, how much each layer minds."""
    films, label = result.films, address["bits"]
    for column, name in zip(st.columns([2, 3], gap="medium"), ("parts", "tradeoff"), strict=True):
        with column:
            live.plot(films[name], key=name)
    page.words(result, label)
    page.try_this(result, label)
    live.numbers(films["numbers"], key="numbers")
    download(page, result, address)
    titles = f"Weights of {result.frames.layer}, before and after", "How much each layer minds being pruned"
    left, right = titled(*titles)
    with left:
        live.plot(films["codebook"], key="codebook")
    with right:
        if "minds" in films:
            live.plot(films["minds"], key="minds")
            st.caption(_MINDS)


def download(page: Page, result: ShrinkResult, address: Address) -> None:
    """The file of this level to take away, and a button that fine-tunes it where nothing is fine-tuned yet."""
    if data := result.file(address["bits"]):
        with page.of_rest("file"), st.container(horizontal=True, vertical_alignment="center"):
            name = f"{address['source']}-{address['bits']}.qlc"
            words = f"The file of this level, {kilobytes(len(data), 1)}"
            st.download_button(words, data, name, "application/octet-stream", icon=":material/download:", on_click="ignore", help=_FILE)
            if not result.request.base.epochs:
                query = address.changed({"tune": "1"})
                st.button(
                    "Fine-tune it: some seconds a level", on_click=page.go, args=(query,), icon=":material/tune:", key="compress-fine-tune"
                )


def distil(page: Page, result: DistilResult, address: Address) -> None:
    """The teacher's softened answer, and the students of every seed."""
    films, label = result.films, address["bits"]
    left, right = st.columns([7, 3], gap="medium")
    with left:
        live.plot(films["softened"], key="softened")
    with right:
        f = result.frames
        enlarged = f.pixels.repeat(6, axis=0).repeat(6, axis=1)
        st.image(enlarged, caption=f"A test image: {f.classes[f.label]}. The teacher hesitates at it.")
    page.words(result, label)
    page.try_this(result, label)
    live.numbers(films["numbers"], key="numbers")
    if "students" in films:
        st.header("What the students know", anchor=False)
        live.plot(films["students"], key="students")
        st.caption("Both students of a seed begin with the same weights and see the same images in the same order.")
    else:
        query = address.changed({"train": "yes"})
        st.button(
            "Train students: about a minute", on_click=page.go, args=(query,), icon=":material/school:", key="compress-train-students"
        )


def front(page: Page, result: FrontResult, address: Address) -> None:
    """All ways at once; a point that is pressed opens its way."""

    def pressed(x: float) -> None:
        page.go(_query(page, dict(nearest(result.front.points, float(x)).query)))

    live.plot(result.films["front"], key="front", on_pick=pressed)
    page.words(result, address["bits"])
    page.try_this(result, address["bits"])
    st.header("The front, the smallest file first", anchor=False)
    with st.container(horizontal=True, gap="small"):
        for i, point in enumerate(result.front.best):
            words = f"{kilobytes(point.bytes, 1)} · {rounded_percent(point.top1.value, 1)}"
            query = _query(page, dict(point.query))
            st.button(words, on_click=page.go, args=(query,), key=f"compress-front-{i}", help=point.title)
    st.caption(_SEARCHES)


def _query(page: Page, query: dict[str, str]) -> dict[str, str]:
    """The query without what is the default there."""
    return page.lab.read(query).query
