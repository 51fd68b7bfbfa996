"""The words cannot fall behind the code: what is registered is documented, what is promised is public."""

import doctest
import re
from pathlib import Path

import numpy as np
import pytest

import quantlab as ql
from quantlab.labs.catalog import LABS
from quantlab.labs.documentation import address_page
from quantlab.labs.tensor.scrubs import SCRUBS

ROOT = Path(__file__).parents[1]
DOCUMENTS = {path.relative_to(ROOT).as_posix(): path.read_text("utf-8") for path in [*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]}
README, ADDRESS = DOCUMENTS["README.md"], DOCUMENTS["docs/address.md"]


@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_the_docs_name_every_scheme(slug):
    assert f"| `{slug}` | {ql.SCHEMES[slug].blurb} |" in DOCUMENTS["docs/schemes.md"]


@pytest.mark.parametrize("slug", SCRUBS)
def test_the_docs_name_everything_the_slider_scrubs(slug):
    assert f"`{slug}`" in ADDRESS


def test_the_docs_of_addresses_are_what_the_tables_of_the_labs_say():
    assert address_page() == ADDRESS, "python -m quantlab.labs.documentation writes it anew"


@pytest.mark.parametrize(("slug", "name"), [(slug, name) for slug, lab in LABS.items() for name in sorted({p.name for p in lab.table})])
def test_the_docs_name_every_parameter_of_the_address(slug, name):
    assert f"`{name}`" in ADDRESS and LABS[slug].table[name].meaning


@pytest.mark.parametrize(
    "command",
    [
        "python -m pip install -r requirements.txt && python -m streamlit run app.py",
        "python -m pip install -r tests/requirements.txt && python -m pytest -n auto --dist worksteal",
    ],
    ids=["app", "tests"],
)
def test_the_readme_gives_the_two_commands(command):
    assert f"```\n{command}\n```" in README


def test_the_readmes_program_runs(capsys):
    (program,) = re.findall(r"```python\n(.*?)```", README, re.DOTALL)
    exec(program, {})
    assert 15 < float(capsys.readouterr().out) < 25  # groups of 64 normal values at 4 bits


@pytest.mark.parametrize("name", DOCUMENTS)
def test_links_lead_to_files_of_the_tree(name):
    for target in re.findall(r"\]\((?!https?://)([^)#]+)", DOCUMENTS[name]):
        assert (ROOT / name).parent.joinpath(target).exists(), target


@pytest.mark.parametrize("name", sorted(DOCUMENTS.keys() - {"CHANGELOG.md"}))  # which names what was
def test_paths_between_backquotes_are_of_the_tree(name):
    named = re.findall(r"`(?:python )?((?:quantlab|tests|pages|docs|assets|\.ci)/[\w./-]+)`", DOCUMENTS[name])
    built = "quantlab/_app/"  # of a wheel
    assert [path for path in named if path != built and not (ROOT / path).exists()] == []


def test_the_walk_of_one_value_names_files_that_exist():
    walk = DOCUMENTS["ARCHITECTURE.md"].split("## Four words")[0]
    for name in re.findall(r"`([\w/]+(?:\.py|/))`", walk):
        assert (ROOT / name).exists() or (ROOT / "quantlab" / name).exists(), name


def test_the_walk_of_one_value_is_what_the_core_does():
    group = np.full(64, 0.1, np.float32)
    group[:2] = 0.31, -0.92
    q = ql.quantize(group, ql.QuantSpec("int-symmetric", bits=4, granularity=ql.per_group(64)))
    scale = float(q.qparams.scale.reshape(-1)[0])
    code, value = int(q.codes[0]), float(ql.dequantize(q)[0])
    walk = DOCUMENTS["ARCHITECTURE.md"]
    assert f"0.92 / 7 = {scale:.4f}" in walk and f"0.31 / {scale:.4f} = {0.31 / scale:.2f}" in walk
    assert f"nearest code, {code};" in walk and f"{code} × {scale:.4f} = {value:.4f}" in walk


@pytest.mark.parametrize(
    "registry", [ql.SCHEMES, ql.FORMATS, ql.CALIBRATORS, ql.ROUNDINGS], ids=["schemes", "formats", "calibrators", "roundings"]
)
def test_every_entry_of_a_registry_says_what_it_is(registry):
    for slug, entry in registry.items():
        assert entry.slug == slug
        assert entry.title


@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_every_scheme_states_formula_purpose_and_source(slug):
    scheme = ql.SCHEMES[slug]
    assert scheme.formula and scheme.blurb.endswith(".") and scheme.source


def test_the_public_names_of_the_design_exist():
    verbs = {"QuantSpec", "quantize", "dequantize", "fake_quantize", "sweep", "Distribution", "metrics", "theory"}
    granularities = {"per_tensor", "per_channel", "per_group", "per_block"}
    assert verbs | granularities | {"SCHEMES", "FORMATS", "CALIBRATORS", "ROUNDINGS"} <= set(ql.__all__)
    for name in ql.__all__:
        assert getattr(ql, name) is not None


def test_public_functions_have_docstrings():
    for name in ql.__all__:
        thing = getattr(ql, name)
        if callable(thing):
            assert thing.__doc__, name


def test_the_examples_of_the_docs_give_what_they_say():
    found = doctest.testfile(str(ROOT / "docs" / "schemes.md"), module_relative=False, encoding="utf-8")
    assert found.failed == 0 and found.attempted > 8
