"""The words cannot fall behind the code: what is registered is documented, what is promised is public."""

import ast
from pathlib import Path

import pytest

import quantlab as ql
from quantlab.labs.tensor.scrubs import SCRUBS

ROOT = Path(__file__).parents[1]
README = (ROOT / "README.md").read_text("utf-8")


@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_the_readme_names_every_scheme(slug):
    assert f"`{slug}`" in README


@pytest.mark.parametrize("slug", SCRUBS)
def test_the_readme_names_everything_the_slider_scrubs(slug):
    assert f"`{slug}`" in README


def url_parameters() -> set[str]:
    """The first argument of every call state.choice/number/text/level/hidden in the pages and their controls."""
    names = set()
    for path in [*(ROOT / "pages").glob("*.py"), *(ROOT / "quantlab" / "ui").glob("*.py")]:
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.args:
                of_state = isinstance(node.func.value, ast.Name) and node.func.value.id == "state"
                if (
                    of_state
                    and node.func.attr in {"choice", "number", "text", "level", "hidden"}
                    and isinstance(node.args[0], ast.Constant)
                ):
                    names.add(node.args[0].value)
    return names


@pytest.mark.parametrize("name", sorted(url_parameters()))
def test_the_readme_names_every_parameter_of_the_address(name):
    assert f"`{name}`" in README


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
