"""Is one file enough for a new scheme or range rule? The laws and the tests of all rules run over entries made from strings.

Each entry is written into a folder that is added to its package's search path, in a process of its own: nothing of it is
left in this one. An entry that is wrong must fail there.
"""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import quantlab as ql
from quantlab.registry import Registry

ROOT = Path(__file__).parents[2]

WORDS = """
    title="A toy",
    formula="x",
    blurb="Only here.",
    source="this test",
    choose_qparams=choose_qparams,
    roundings=("nearest-even", "floor", "stochastic"),
"""
IMPORTS = """
import numpy as np

from quantlab.grouping import per_group
from quantlab.schemes import _affine, _codebook
from quantlab.schemes.base import Scheme, column
from quantlab.types import QParams
"""
AFFINE = f'''"""Integers whose scale is a power of two: s = 2^ceil(log2(max|x| / n))."""
{IMPORTS}

def choose_qparams(rows, low, high, spec):
    n = 2 ** (spec.bits - 1) - 1
    top = np.maximum(-low, high)
    exponent = np.ceil(np.log2(np.where(top == 0, n, top) / n))
    scale = np.exp2(np.clip(exponent, -126, 127)).astype(np.float32)  # the least where a group is silent under dither
    return QParams(scale, np.zeros(len(rows), np.int32), -n, n)


SCHEME = Scheme(
    slug="toy-affine",{WORDS.replace('"floor"', '"dither-tpdf"')}
    family="even",
    place=_affine.place,
    value=_affine.value,
    knobs={{"arithmetic": _affine.ARITHMETIC}},
    bits=lambda knobs: range(2, 9),
    affine=True,
    zero_exact=_affine.zero_exact,
    place_has_zero_point=_affine.place_has_zero_point,
)
'''
CURVED = f'''"""Equal steps of the square root: q = round(n sign(x) sqrt(|x| / max|x|))."""
{IMPORTS}

def choose_qparams(rows, low, high, spec):
    n = 2 ** (spec.bits - 1) - 1
    return QParams(_codebook.unit_scale(np.maximum(-low, high)), np.zeros(len(rows), np.int32), -n, n)


def place(x, qparams, spec):
    u = x / column(qparams.scale, np.float64)
    return np.copysign(np.sqrt(np.abs(u)), u) * qparams.qmax


def value(codes, qparams, spec):
    y = codes.astype(np.float64) / qparams.qmax
    return y * np.abs(y) * column(qparams.scale, np.float64)


SCHEME = Scheme(
    slug="toy-curved",{WORDS}
    family="curved",
    place=place,
    value=value,
    bits=lambda knobs: range(2, 13),
    borders_lie="curved",
    full_scale=True,
)
'''
CODEBOOK = f'''"""Seven levels, finer near zero."""
{IMPORTS}

LEVELS = np.array([-1, -0.4, -0.1, 0, 0.1, 0.4, 1], np.float32)


def choose_qparams(rows, low, high, spec):
    return QParams(_codebook.unit_scale(np.maximum(-low, high)), np.full(len(rows), 3, np.int32), 0, 6, LEVELS)


SCHEME = Scheme(
    slug="toy-codebook",{WORDS}
    family="learned",
    place=_codebook.place,
    value=_codebook.value,
    codes=_codebook.codes,
    bits=lambda knobs: (3,),
)
'''
BLOCK = (
    CODEBOOK.replace("toy-codebook", "toy-block")
    .replace('family="learned"', 'family="blocks"')
    .replace('"""Seven levels, finer near zero."""', '"""Blocks of eight values, three bits each."""')
    .replace(
        "bits=lambda knobs: (3,),",
        'bits=lambda knobs: (3,),\n    granularities=("group",),\n    block=lambda knobs: per_group(8),\n    block_only=True,\n    layers=False,',
    )
)
RULE = '''"""Half of the range."""

from quantlab.ranges.base import Calibrator


def choose(rows, spec):
    return rows.low / 2, rows.high / 2


CALIBRATOR = Calibrator("toy-half", "half", "Only here.", "this test", choose)
'''
ENTRY = "from types import SimpleNamespace\n\nSCHEME = SimpleNamespace(slug='log', rank=1)\n"
SCHEMES = {"affine": AFFINE, "curved": CURVED, "codebook": CODEBOOK, "block": BLOCK}


LAWS_IN_ANOTHER_PROCESS = """
import sys, quantlab.ranges, quantlab.schemes, pytest
quantlab.schemes.__path__.append(sys.argv[1])
quantlab.ranges.__path__.append(sys.argv[2])
sys.exit(pytest.main(sys.argv[3:]))
"""


def run(folder: Path, schemes: dict[str, str], rule: str, *arguments: str) -> tuple[str, dict[str, int]]:
    """What pytest says with these entries added, and how many tests had each outcome."""
    places = [folder / "schemes", folder / "ranges"]
    for place in places:
        place.mkdir()
    for name, text in schemes.items():
        (places[0] / f"{name}_of_test.py").write_text(text, "utf-8")
    (places[1] / "toy_half.py").write_text(rule, "utf-8")
    command = [sys.executable, "-c", LAWS_IN_ANOTHER_PROCESS, *map(str, places), "-q", "-p", "no:xdist", "--no-header", *arguments]
    # where CI is set, pytest writes every message whole, and the summary would not be in the end that is kept
    environment = {name: value for name, value in os.environ.items() if name != "CI"} | {"HYPOTHESIS_PROFILE": "ci"}
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, env=environment, check=False)
    counts = {word: int(n) for n, word in re.findall(r"(\d+) (passed|failed|error|skipped)", done.stdout.strip().splitlines()[-1])}
    return done.stdout[-6000:] + done.stderr[-2000:], counts


@pytest.mark.slow
def test_a_scheme_of_each_kind_and_a_range_rule_are_one_file_each_and_keep_every_law(tmp_path):
    said, counts = run(tmp_path, SCHEMES, RULE, "tests/laws", "tests/test_calibrators.py", "-k", "toy", "--ignore", __file__)
    assert counts.get("passed", 0) >= 150 and not counts.keys() & {"failed", "error"}, said
    assert not [slug for registry in (ql.SCHEMES, ql.CALIBRATORS) for slug in registry if "toy" in slug]


WRONG = {  # kind, what is right, what is said instead, and the law that finds it
    "toy-bent": ("curved", 'borders_lie="curved"', 'borders_lie="half-way"', "test_random_roundings_are_unbiased_inside_the_range"),
    "toy-cube": ("curved", "np.sqrt(np.abs(u))", "np.cbrt(np.abs(u))", "test_a_value_becomes_one_of_the_two_levels_around_it"),
    "toy-coarse": ("affine", "-126, 127", "2, 127", "test_a_power_of_two_passes_through_unchanged"),
    "toy-loud": (
        "affine",
        "np.where(top == 0, n, top)",
        "np.where(top < 1e-30, n, top)",
        "test_a_tensor_of_zeros_comes_back_without_error",
    ),
}


@pytest.mark.slow
def test_a_scheme_that_is_wrong_about_itself_breaks_the_law_of_what_is_wrong(tmp_path):
    texts = {}
    for slug, (kind, right, wrong, _) in WRONG.items():
        assert right in SCHEMES[kind]
        texts[slug.replace("-", "_")] = SCHEMES[kind].replace(right, wrong).replace(f'slug="toy-{kind}"', f'slug="{slug}"')
    laws = " or ".join(law for *_, law in WRONG.values())
    said, counts = run(tmp_path, texts, RULE, "tests/laws", "-k", f"toy and ({laws})", "--ignore", __file__)
    assert "error" not in counts, said
    for slug, (*_, law) in WRONG.items():
        assert re.search(rf"^FAILED .*::{law}\[{slug}\b", said, re.MULTILINE), f"{slug} passes {law}: {said}"


@pytest.mark.parametrize(
    ("files", "complaint"),
    [
        ({"one": "SQUARE_ROOT = 1"}, r"toy_entries\.one binds no SCHEME"),
        ({"one": ENTRY, "two": ENTRY}, r"toy_entries\.two has the slug 'log'"),
    ],
    ids=["without its constant", "with another's slug"],
)
def test_a_file_that_is_no_entry_is_named(tmp_path, monkeypatch, files, complaint):
    for module in [name for name in sys.modules if name.startswith("toy_entries")]:
        monkeypatch.delitem(sys.modules, module)
    (tmp_path / "toy_entries").mkdir()
    for name, text in {"__init__": "", "_shared": "raise AssertionError", "base": "", **files}.items():
        (tmp_path / "toy_entries" / f"{name}.py").write_text(text, "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    with pytest.raises(ValueError, match=complaint):
        list(Registry("toy_entries", "SCHEME"))
