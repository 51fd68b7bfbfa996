"""A kept setting beside another: the address within the address, one slider for both, the texts of A below those of B."""

import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.labs.kept import LONGEST, Kept, kept_query, pin, title_of
from quantlab.progress import finish

COMPARED = {slug: lab for slug, lab in LABS.items() if lab.compared}
OTHERS = {  # a setting with the same stops, and one with others
    "tensor": ({"granularity": "group-64"}, {"scheme": "nf4", "scrub": "clip"}),
    "image": ({"dither": "bayer-8"}, {"what": "palette"}),
    "audio": ({"dither": "tpdf"}, {"scheme": "mu-law"}),
}
each_lab = pytest.mark.parametrize("slug", COMPARED)


def result_of(slug, query):
    lab = LABS[slug]
    address = lab.read(query)
    assert not address.notices
    return address, finish(lab.show(address, (lab.compared, "numbers", "words")))


def kept_beside(slug, kept, now):
    there, result = result_of(slug, kept)
    return Kept(LABS[slug], there, result, result_of(slug, now)[1].labels)


def test_every_lab_that_compares_is_tried_here_and_has_tiles_and_a_number():
    assert set(OTHERS) == set(COMPARED)
    for lab in COMPARED.values():
        assert lab.number is not None and "numbers" in lab.views and lab.compared in lab.views


@each_lab
def test_a_setting_that_is_kept_reads_back_as_itself_and_keeps_none(slug):
    lab, query = LABS[slug], OTHERS[slug][0]
    text = pin(lab.read(query))
    again = lab.read(kept_query(pin(lab.read(query | {"kept": text}))))
    assert (again.query, again["kept"]) == (lab.read(query).query, "")
    assert lab.read(kept_query(text + "&kept=source%3Dnormal"))["kept"] == ""


def test_what_is_too_long_is_not_kept():
    assert pin(LABS["tensor"].read({"source": "paste", "values": "1 " * LONGEST})) == ""


@each_lab
def test_a_stands_at_the_sliders_level_where_it_has_one_and_else_at_its_own(slug):
    for query in OTHERS[slug]:
        kept = kept_beside(slug, query, {})
        at = unpack(kept.film(LABS[slug].compared))[0]["at"]
        own = kept.result.labels.index(kept.address["bits"])
        assert at == [kept.result.labels.index(label) if label in kept.result.labels else own for label in kept.labels]


@each_lab
def test_every_tile_says_both(slug):
    there, a = result_of(slug, OTHERS[slug][0])
    _, b = result_of(slug, {})
    kept = Kept(LABS[slug], there, a, b.labels)
    before, now, both = (
        {entry["name"]: entry["texts"] for entry in unpack(film)[0]["entries"]}
        for film in (a.films["numbers"], b.films["numbers"], kept.beside(b.films["numbers"]))
    )
    for name in now.keys() & before.keys():
        at = [a.labels.index(kept.level_at(label)) for label in b.labels]
        assert both[name] == [f"{text}\nA: {before[name][k]}" for text, k in zip(now[name], at, strict=True)]


@each_lab
def test_the_sentence_says_which_is_more_and_by_how_much(slug):
    lab, (there, a), (_, b) = LABS[slug], result_of(slug, OTHERS[slug][0]), result_of(slug, {})
    kept = Kept(lab, there, a, b.labels)
    texts, film = kept.words(b)
    assert unpack(film)[0]["texts"] == list(texts.values())
    for label, text in texts.items():
        before, now = lab.number.of(a, kept.level_at(label)), lab.number.of(b, label)
        if abs(now - before) >= 0.1:
            assert f"{abs(now - before):.1f} {lab.number.unit} {'more' if now > before else 'less'}" in text
        else:
            assert "the same" in text or "0.1" in text


def test_the_same_setting_is_the_same():
    kept = kept_beside("tensor", {}, {})
    texts, _ = kept.words(kept.result)
    assert all(text.endswith("the same.") for text in texts.values()) and kept.title == title_of(kept.address) == "as the lab opens"
