"""Every term has one plain line, neighbours that exist, and a state that a lab reads without a word."""

from urllib.parse import parse_qsl

import pytest

from quantlab.glossary import TERMS, find, link, term_of
from quantlab.labs.catalog import LABS
from quantlab.schemes import SCHEMES

each = pytest.mark.parametrize("term", TERMS, ids=[term.name for term in TERMS])
HOUSE = """scale; zero_point; qmin; qmax; qparams; codes; codebook; levels; borders; quantize; dequantize; fake_quantize; symmetric; asymmetric;
affine; granularity; per tensor; per channel; per group; per block; group_size; calibrator; range rule; observer; static; dynamic;
weight-only; PTQ; QAT; STE; SQNR; granular error; overload error; dither; noise shaping; bits per value"""
ASKED = """clipping; calibration; D(R); entropy; Huffman coding; PSNR; SSIM; Top-1; Top-5; macro F1; McNemar; agreement; FP8; E4M3; MX; NF4;
k-means; Lloyd-Max; companding; 6 dB rule; MSE; rounding half to even; stochastic rounding; mid-tread; mid-rise; MDCT; dead zone; palette;
outlier; feature map; batch-norm folding; layer cost; budget; knapsack"""


@pytest.mark.parametrize("name", [word.strip() for word in f"{HOUSE};{ASKED}".replace("\n", " ").split(";")])
def test_the_terms_of_the_house_and_of_students_are_there(name):
    assert term_of(name) is not None


@each
def test_a_line_is_plain_and_ends_in_a_full_stop(term):
    assert term.line.endswith(".") and "  " not in term.line
    assert 30 < len(term.line) <= 150, len(term.line)


@each
def test_a_state_that_shows_it_is_read_without_notices(term):
    slug, _, query = term.address.partition("?")
    asked = dict(parse_qsl(query, keep_blank_values=True))
    address = LABS[slug].read(asked)
    assert not address.notices and not address.problems
    assert {name: value for name, value in asked.items() if address.texts.get(name) != value} == {}, "no parameter of that state"
    assert term.shown and not term.shown.endswith(".")


@each
def test_related_terms_exist_and_are_others(term):
    assert term.related
    for name in term.related:
        other = term_of(name)
        assert other is not None and other.name == name and other is not term


def test_names_are_told_apart_and_in_order():
    names = [name.casefold() for term in TERMS for name in (term.name, *term.also)]
    assert len(set(names)) == len(names)
    assert [term.name.casefold() for term in TERMS] == sorted(term.name.casefold() for term in TERMS)


@pytest.mark.parametrize(
    ("words", "first"),
    [("zero point", "zero point"), ("Huffman", "Huffman coding"), ("affine", "asymmetric"), ("training", "PTQ"), ("ZERO", "zero point")],
)
def test_a_search_finds_what_is_named_so_first(words, first):
    assert find(words)[0].name == first


def test_every_term_is_found_by_its_name_and_all_by_nothing():
    assert all(find(name)[0] is term for term in TERMS for name in (term.name, *term.also))
    assert list(find("")) == list(TERMS) and not find("no such word")


def test_a_link_to_no_term_is_refused():
    with pytest.raises(ValueError, match=r"no 'nonsense'"):
        link("nonsense")


def test_lines_speak_of_schemes_that_exist():
    addresses = [dict(parse_qsl(term.address.partition("?")[2])) for term in TERMS]
    assert {query["scheme"] for query in addresses if "scheme" in query} <= {*SCHEMES, "mdct"}
