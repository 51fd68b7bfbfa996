"""Each lab's addresses, drawn at random: every one is read, what cannot be used is named, and what is written reads back as itself."""

import time
from collections.abc import Iterator, Mapping
from urllib.parse import parse_qsl, urlencode

import numpy as np

from quantlab.labs.catalog import LABS
from quantlab.labs.forms import Choice, Number, Several
from quantlab.labs.lab import Lab
from tests.fuzz.readers import Found

MOST_SECONDS = 20.0  # of the processor: a lab's subject is made, which the first time takes a while
_TEXTS = (
    "", " ", "0", "-1", "1", "4", "65536", "1e9", "1e-320", "nan", "inf", "-0", "0x10", "1_0", "٣", "\0", "\ud7ff", "ü=&%+ ", "<b>x</b>", "a" * 999,
    "group-1", "group-64", "channel-0", "channel-9", "block-8x8", "tensor", "upload", "paste", "feed", "none", "float", "1,2,3", "1 2 3; nan", ",", ";",
    "all", "best", "../../etc/passwd", "{}", "[]", "${x}", "'", '"', "top1=-1pp", "e4m3fn", "bits=3&scheme=nf4", "%00", "2-4", "9" * 40,
)  # fmt: skip
_FETCHED = {"mnist", "fashion-mnist", "cifar-10", "mobilenet-v2", "resnet-18"}  # would leave this machine
_LONG = {"size": "4096"}  # values of a tensor: more only takes longer


def _known(lab: Lab) -> Mapping[str, list[str]]:
    """Texts that each parameter has somewhere: of its choices, and of the lab's own tries."""
    known: dict[str, list[str]] = {parameter.name: [] for parameter in lab.parameters}
    for parameter in lab.parameters:
        form = parameter.form
        if isinstance(form, Choice | Several):
            known[parameter.name] += list(form.options)
        elif isinstance(form, Number):
            known[parameter.name] += [f"{form.low:g}", f"{form.high:g}", f"{form.low - 1:g}"]
    for query in ({}, *(entry.query for entry in lab.tries)):
        for name, text in lab.read(query).texts.items():
            known.setdefault(name, []).append(text)
    return known


def queries(lab: Lab, rng: np.random.Generator) -> Iterator[dict[str, str]]:
    """Queries without end."""
    known, names = _known(lab), [parameter.name for parameter in lab.parameters] + ["no-such", "embed", "kept"]
    every = [text for texts in known.values() for text in texts]

    def text(name: str) -> str:
        kind = rng.random()
        pool = known.get(name, []) if kind < 0.6 else _TEXTS if kind < 0.85 else every
        chosen = str(pool[int(rng.integers(len(pool)))]) if len(pool) else ""
        if rng.random() < 0.1:
            chosen += str(_TEXTS[int(rng.integers(len(_TEXTS)))])
        return chosen if chosen not in _FETCHED else "plain"

    while True:
        count = int(rng.integers(1, 1 + min(8, len(names))))
        query = {str(name): text(str(name)) for name in rng.choice(names, count, replace=False)}
        if "size" in names:
            query |= _LONG if rng.random() < 0.9 and "size" not in query else {}
            if query.get("size", "").isdecimal() and int(query["size"]) > 100_000:
                query |= _LONG
        if rng.random() < 0.1:
            query["kept"] = urlencode({str(name): text(str(name)) for name in rng.choice(names, 2)})
        yield query


def check(lab: Lab, query: dict[str, str]) -> bool:
    """Whether all of the query was used; Found where reading it fails, or writing does not give it back."""
    start = time.thread_time()
    try:
        address = lab.read(query)
        again = lab.read(address.query)
    except Exception as fault:
        raise Found(f"{type(fault).__name__}: {fault}") from fault
    for sentence in (*address.notices, *address.problems):
        if not sentence.endswith((".", "?")) or "\n" in sentence or len(sentence) > 1200:
            raise Found(f"no sentence: {sentence[:300]!r}")
    if again.query != address.query or again.notices:
        raise Found(f"written as {address.query}, read back as {again.query}, notices {again.notices}")
    if (spent := time.thread_time() - start) > MOST_SECONDS:
        raise Found(f"it took {spent:.1f} s of the processor")
    return not address.notices and not address.problems


def of_text(text: str) -> tuple[Lab, dict[str, str]]:
    """A lab and a query as a fuzzer prints them: ``tensor?bits=3``."""
    slug, _, query = text.partition("?")
    return LABS[slug], dict(parse_qsl(query, keep_blank_values=True))
