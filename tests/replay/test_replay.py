"""Addresses that people have kept: every one opens on the same state, says the same, and gives the same numbers to take away."""

from __future__ import annotations

import csv
import io
import re
from urllib.parse import parse_qsl

import pytest

import quantlab as ql
from quantlab.audio.dithers import DITHERS as NOISES
from quantlab.audio.shaping import SHAPERS
from quantlab.images import DITHERS, PALETTES, SPACES
from quantlab.labs.catalog import LABS
from tests.replay.addresses import ADDRESSES
from tests.replay.kept import kept
from tests.replay.page import replay
from tests.replay.public import public
from tests.ui.conftest import one_look_at_the_packages  # noqa: F401

CASES = [pytest.param(page, address, id=f"{page}-{i}") for page, addresses in ADDRESSES.items() for i, address in enumerate(addresses)]


@pytest.fixture(autouse=True)
def own_cache(monkeypatch, cache_of_all):
    monkeypatch.setenv("QUANTLAB_CACHE", str(cache_of_all))


@pytest.mark.slow
@pytest.mark.parametrize("page, address", CASES)
def test_an_address_gives_what_it_gave(page, address):
    before, now = kept()[page][address], replay(page, address)
    for what in ("query", "problems"):
        assert now[what] == before[what], what
    compare_sliders(now["slider"], before["slider"])
    compare_words(now["words"], before["words"])
    assert len(now["tables"]) == len(before["tables"])
    for new, old in zip(now["tables"], before["tables"], strict=True):
        rows = iter(new)  # a scheme that came since is a row more
        assert all(row in rows for row in old) and (page == "reference" or new == old), new
    assert set(before["films"]) <= set(now["films"])  # more may have come
    compare_notices(now["notices"], before["notices"])
    compare_programs(now["program"], before["program"])
    assert now["csv"].keys() == before["csv"].keys()
    for name, table in before["csv"].items():
        compare_tables(now["csv"][name], table, PRECISE if page != "cnn" else OF_NETWORKS)


def compare_sliders(now: dict[str, object], before: dict[str, object]) -> None:
    """The same slider at the same level; a format that came since is a level more."""
    if before and "labels" in before:
        rows = iter(now["labels"])
        assert all(label in rows for label in before["labels"]), now["labels"]
        now, before = ({name: value for name, value in slider.items() if name != "labels"} for slider in (now, before))
    assert now == before


CHEAPEST = re.compile(r"Cheapest that reaches (\d+) dB: .*, ([\d.]+) bits per value, ([\d.]+) dB\.")


def compare_words(now: list[str], before: list[str]) -> None:
    """The same words; but a scheme or format that came since may be the cheapest now, for no more bits than the one before."""
    assert len(now) == len(before), now
    for new, old in zip(now, before, strict=True):
        cheaper, dearer = CHEAPEST.fullmatch(new), CHEAPEST.fullmatch(old)
        if cheaper and dearer and new != old:
            assert cheaper[1] == dearer[1] and float(cheaper[2]) <= float(dearer[2]) and float(cheaper[3]) >= float(cheaper[1])
        else:
            assert new == old


def compare_notices(now: list[str], before: list[str]) -> None:
    """The same parameters and values are named in the same order; how the sentence goes on may be put otherwise."""
    assert len(now) == len(before), now
    for new, old in zip(now, before, strict=True):
        assert new.startswith(old.split("=")[0] + "=") and "instead" in new
        assert old.split(" in the address")[0].partition("=")[2] in new


RENAMED = {"table_steps": "layer_cost_steps", "table": "costs"}  # names in programs of the budget, by what they are called now


REPLACED = {  # lines of the audio lab's programs, since its tile says how much of the error the sound fixes
    "heard = chain.convert(x, sound.rate).heard": "converted = chain.convert(x, sound.rate)\nheard, step = converted.heard, converted.step_near_zero",
    "heard = coded.heard": "heard, step = coded.heard, None",
    'print(f"peak {abs(heard).max():.3f}, correlation {measure.correlation(x, heard - x):.2f}")': (
        "fixed = dependence(x, heard - x, step or even_step(heard - x)).fixed\n"
        'print(f"peak {abs(heard).max():.3f}, fixed by the sound {100 * fixed:.1f} %")'
    ),
}


def compare_programs(now: str, before: str) -> None:
    """The same lines, but for the modules that names are imported from; a line of pasted data may be cut."""
    if "layer_cost_steps" in now:
        before = re.sub(rf"\b({'|'.join(RENAMED)})\b", lambda found: RENAMED[found[0]], before)
    for old, new in REPLACED.items():
        before = before.replace(old, new)
    if all(len(line) < 1000 for line in before.splitlines()):
        assert without_imports(now) == without_imports(before)


def without_imports(program: str) -> list[str]:
    return [line for line in program.splitlines() if line and not re.match(r"(from \S+ )?import ", line)]


PRECISE, OF_NETWORKS = 1e-6, 1e-4  # PyTorch adds float32 in another order on another processor


def compare_tables(now: str, before: str, rel: float) -> None:
    """The same columns, rows and words; numbers to a part ``rel``, or to what rounding leaves of a column's largest."""
    new, old = (list(csv.reader(io.StringIO(text))) for text in (now, before))
    if old[0][0] == "format" or (old[0][0] == "level" and number(old[1][0]) is None):  # one that came since is a row more
        new = [row for row in new if row[0] in {row[0] for row in old}]
    assert new[0] == old[0] and len(new) == len(old)
    for column, *values in zip(*old, strict=True):
        largest = max((abs(x) for x in map(number, values) if x is not None and abs(x) < float("inf")), default=0.0)
        for row, value in enumerate(values, start=1):
            found = new[row][old[0].index(column)]
            if (x := number(value)) is None:
                assert found == value, (column, row)
            else:
                assert number(found) == pytest.approx(x, rel=rel, abs=1e-13 * largest, nan_ok=True), (column, row)


def number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def test_every_address_is_kept_and_every_one_kept_is_replayed():
    assert {page: list(pages) for page, pages in kept().items() if page != "public"} == {
        page: list(addresses) for page, addresses in ADDRESSES.items()
    }


def replayed(page: str, name: str) -> set[str]:
    """What stays in the addresses of this page under this name, of all its replayed addresses."""
    stays = {now["query"][name] for now in kept()[page].values() if name in now["query"]}
    return {one for value in stays for one in value.split(",")}


@pytest.mark.parametrize(
    "page, name, choices",
    [
        ("tensor", "scheme", ql.SCHEMES),
        ("tensor", "calibrator", ql.CALIBRATORS),
        ("tensor", "rounding", ql.ROUNDINGS),
        ("tensor", "scrub", ["bits", "clip", "group", "outlier", "percentile"]),
        ("image", "dither", DITHERS),
        ("image", "palette", PALETTES),
        ("image", "what", [*SPACES, "palette", "dct"]),
        ("audio", "dither", NOISES),
        ("audio", "shaping", SHAPERS),
        ("cnn", "scrub", ["both", "weights", "activations"]),
        ("cnn", "measure", ["top", "top5", "f1", "agreement"]),
        ("cnn", "room", ["answers", "layers", "budget"]),
        ("reference", "room", ["schemes", "formats", "bits-of", "ranges", "roundings"]),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_choice_is_replayed(page, name, choices):
    default = {slug for slug in choices if slug not in replayed(page, name)}
    assert len(default) <= 1, f"replay {name}={', '.join(default)} in {page}, too"


KNOBS = {"own"}.union(*(scheme.knobs for scheme in ql.SCHEMES.values()))


SINCE = {"scales", "axis", "target", "q", "clamp"}  # parameters that came after the recording
SINCE_THERE = {("tensor", "kept"), ("image", "kept"), ("audio", "kept")}  # to these labs
LABS_SINCE = {
    "learn",
    "repair",
    "train",
    "integer",
    "compress",
    "language",
    "bench",
    "model",
}  # labs that came after it: their addresses have tests of their own
OF_EACH = [(lab.slug, p.name) for lab in LABS.values() if lab.slug not in LABS_SINCE for p in lab.parameters if p.name not in SINCE]


@pytest.mark.parametrize("slug, name", [each for each in OF_EACH if each not in SINCE_THERE])
def test_every_parameter_of_every_lab_is_replayed(slug, name):
    """On its own page; a scheme's own knob, which is the same for all labs, on one of them."""
    pages = ADDRESSES if name in KNOBS else [slug]
    assert any(name in dict(parse_qsl(address)) for page in pages for address in ADDRESSES[page]), f"replay {name} in {slug}, too"


@pytest.mark.parametrize("name", kept()["public"])
def test_a_public_name_is_called_as_it_was(name):
    compare_public(public()[name], kept()["public"][name], name)


def compare_public(now: object, before: object, name: str) -> None:
    """What was there is there, with the same parameters; a registry or a module may have more by now."""
    if isinstance(before, dict):
        assert isinstance(now, dict)
        for member, described in before.items():
            compare_public(now[member], described, f"{name}.{member}")
    elif isinstance(before, list):
        assert isinstance(now, list) and [slug for slug in now if slug in before] == before, name
    else:
        assert now == before, name
