"""Does every page say its state through Python too, keep its defaults out of the address, and survive a bad one?"""

import json
from html.parser import HTMLParser
from pathlib import Path

import pytest
from streamlit.testing.v1 import AppTest

import quantlab as ql
from quantlab.labs.tensor.scrubs import scrubs_for
from quantlab.sources import TENSOR_SOURCES

PAGES = Path(__file__).parents[2] / "pages"
NAMES = sorted(path.name for path in PAGES.glob("[!_]*.py"))
SHARED = {
    "source": "weights",
    "scheme": "int-symmetric",
    "bits": "4",
    "granularity": "tensor",
    "calibrator": "absmax",
    "rounding": "nearest-even",
}
OWN = {"scrub": "bits", "size": "65536", "seed": "0", "value": "", "arithmetic": "onnx"}


def opened(page: str, **query: str) -> AppTest:
    """The page as the frame shows it, opened at this query; fails where Python raised."""
    app = AppTest.from_file(str(PAGES / "_frame.py"), default_timeout=180)  # a machine that others use, too
    for name, value in query.items():
        app.query_params[name] = value
    app.switch_page(page).run()
    return alive(app)


def unfolded(app: AppTest, slug: str) -> AppTest:
    """The page with what stands under "More" drawn."""
    app.session_state[f"{slug}:more"] = True
    return alive(app.run())


def alive(app: AppTest) -> AppTest:
    assert [box.message for box in app.exception] == [], "Python raised; the log below says what"
    return app


def query(app: AppTest) -> dict[str, str]:
    return {name: value if isinstance(value, str) else value[-1] for name, value in dict(app.query_params).items()}


def text(app: AppTest) -> str:
    return " ".join(element.value for element in app.markdown)


def program(app: AppTest) -> str:
    """The program at the foot of the page, empty where there is none."""
    for element in app.get("bidi_component"):
        if element.proto.id.endswith("-code"):
            return "".join(text for _, text in json.loads(element.proto.json)["parts"])
    return ""


class _Cells(HTMLParser):
    """The texts of a table's cells, row by row."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[list[str]] = []
        self.inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        if tag == "tr":
            self.rows.append([])
        self.inside = tag in ("td", "th")
        if self.inside:
            self.rows[-1].append("")

    def handle_endtag(self, tag: str) -> None:
        self.inside = False

    def handle_data(self, data: str) -> None:
        if self.inside:
            self.rows[-1][-1] += data


def tables(app: AppTest) -> list[list[dict[str, str]]]:
    """The rows of every table to read, each by its columns."""
    found = []
    for element in app.get("html"):
        if '<table class="ql-table">' in element.proto.body:
            cells = _Cells()
            cells.feed(element.proto.body)
            head, *rows = cells.rows
            found.append([dict(zip(head, row, strict=True)) for row in rows])
    return found


@pytest.mark.parametrize("page", NAMES)
def test_a_page_opens_with_one_question_as_its_title_and_nothing_in_the_address(page):
    app = opened(page)
    (title,) = app.title
    assert title.value.endswith("?")
    assert query(app) == {} and not app.warning and not app.error
    assert query(alive(app.run())) == {}


@pytest.mark.parametrize("bits", ["1", "3", "8", "16"])
def test_the_tensor_lab_says_level_and_sqnr_in_words(bits):
    app = opened("tensor.py", bits=bits)
    spec = ql.QuantSpec("int-symmetric", bits=int(bits))
    x = TENSOR_SOURCES["weights"].make(65536, seed=0)
    sqnr = ql.metrics.sqnr_db(x, ql.fake_quantize(x, spec))
    assert f"**{sqnr:.1f} dB** at {bits} bit{'s' * (bits != '1')}" in text(app)
    assert f"bits={bits}" in program(app)


def test_the_home_page_says_the_level_in_words():
    assert "At **5 bits**" in text(opened("home.py", bits="5"))


@pytest.mark.parametrize("name", SHARED | OWN)
def test_a_default_in_the_address_is_left_out(name):
    app = opened("tensor.py", **{name: (SHARED | OWN)[name]})
    assert query(app) == {} and not app.warning


@pytest.mark.parametrize("name", [name for name in SHARED | OWN if name != "value"])
def test_a_bad_value_falls_back_to_the_default_and_says_so(name):
    app = opened("tensor.py", **{name: "no-such"})
    (warning,) = app.warning
    assert warning.value.startswith(name) and "instead" in warning.value
    assert query(app) == {} and text(app) == text(opened("tensor.py"))
    assert not alive(app.run()).warning  # said once, not for ever


def test_what_the_address_does_not_say_is_the_default_again():
    app = opened("tensor.py", source="laplace", bits="6")
    app.query_params.clear()
    alive(app.run())
    assert query(app) == {} and text(app) == text(opened("tensor.py"))


def test_a_control_and_the_address_agree_after_every_change():
    app = opened("tensor.py", bits="5")
    alive(app.selectbox(key="tensor:scheme").set_value("mu-law").run())
    assert query(app) == {"scheme": "mu-law", "bits": "5"} and "'mu-law'" in program(app)
    alive(app.selectbox(key="tensor:granularity").set_value("group-64").run())
    assert query(app)["granularity"] == "group-64"
    alive(app.selectbox(key="tensor:granularity").set_value("tensor").run())
    alive(app.selectbox(key="tensor:scheme").set_value("int-symmetric").run())
    assert query(app) == {"bits": "5"}


def test_a_control_that_is_moved_as_the_address_changes_is_heard():
    app = opened("tensor.py", bits="5")
    app.query_params["bits"] = "7"
    alive(app.selectbox(key="tensor:scheme").set_value("mu-law").run())
    assert query(app) == {"scheme": "mu-law", "bits": "5"}


@pytest.mark.parametrize("size", ["0", "1000000000000"])
def test_a_number_out_of_its_range_falls_back_and_says_so(size):
    app = opened("tensor.py", size=size)
    (warning,) = app.warning
    assert size in warning.value and "choose a number from" in warning.value and query(app) == {}


def test_a_text_too_long_for_an_address_is_shown_and_left_out_of_it():
    app = opened("tensor.py", source="paste", values="1 2 3")
    alive(app.text_area(key="tensor:values").set_value("1 2 3 4 " * 250).run())
    assert query(app) == {"source": "paste"} and not app.error and "1 2 3 4" in program(app)


def test_a_page_inside_another_stays_there():
    assert query(opened("tensor.py", bits="5", embed="true")) == {"bits": "5", "embed": "true"}


def test_a_default_that_nobody_touched_follows_the_scheme():
    app = opened("tensor.py")
    alive(app.selectbox(key="tensor:scheme").set_value("int-asymmetric").run())
    assert query(app) == {"scheme": "int-asymmetric"}
    assert program(app) == program(opened("tensor.py", scheme="int-asymmetric"))


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ql.SCHEMES)
def test_every_scheme_can_be_chosen_by_address_and_by_control(scheme):
    by_address = opened("tensor.py", scheme=scheme, size="4096")
    assert not by_address.warning and f"QuantSpec('{scheme}'" in program(by_address)
    by_control = opened("tensor.py", size="4096")
    alive(by_control.selectbox(key="tensor:scheme").set_value(scheme).run())
    assert program(by_control) == program(by_address) and query(by_control) == query(by_address)


def choices(slug: str) -> list[dict[str, str]]:
    """Queries in which every choice that a scheme declares stands once, one of each kind in a query."""
    scheme = ql.SCHEMES[slug]
    grains = [g for g in ("tensor", "channel-0", "channel-1", "group-16", "group-64") if g.split("-")[0] in scheme.granularities]
    each = {"granularity": grains, "calibrator": scheme.calibrators, "rounding": scheme.roundings}
    if not scheme.block_only:
        each["scrub"] = tuple(scrubs_for(ql.QuantSpec(slug), (32, 32)))
    defaults = {name: some[0] for name, some in each.items()} | {"granularity": ql.QuantSpec(slug).granularity.slug}
    others = {name: [choice for choice in some if choice != defaults[name]] for name, some in each.items()}
    longest = max(map(len, others.values()))
    return [{name: some[k] for name, some in others.items() if k < len(some)} for k in range(longest)]


@pytest.mark.slow
@pytest.mark.parametrize("slug", ql.SCHEMES)
def test_every_choice_that_a_scheme_declares_gives_a_page(slug):
    for choice in choices(slug):
        app = opened("tensor.py", scheme=slug, size="1024", **choice)
        if not ql.SCHEMES[slug].block_only:  # its format fixes the groups
            assert not app.warning and choice.items() <= query(app).items(), choice
        assert "dB**" in text(app) or "no error" in text(app), choice


@pytest.mark.parametrize("source, size", [*((source, "1") for source in TENSOR_SOURCES), ("normal", "2"), ("relu", "3"), ("photo", "4096")])
def test_every_source_makes_a_page_at_any_size(source, size):
    app = opened("tensor.py", source=source, size=size)
    assert not app.warning and not app.error and "bits" in text(app)


@pytest.mark.parametrize("size", ["1", "2", "7"])
@pytest.mark.parametrize("granularity", ["tensor", "group-16", "group-1"])
def test_a_group_larger_than_the_tensor_leaves_the_page_alive(size, granularity):
    opened("tensor.py", size=size, granularity=granularity)


def test_pasted_nonsense_is_a_problem_in_one_sentence_and_what_was_there_stays():
    app = opened("tensor.py", source="paste", values="1 2 3 4 -5", bits="5")
    before = text(app)
    for words in ("1 2 x", "", "1 nan", "also no numbers"):
        alive(app.text_area(key="tensor:values").set_value(words).run())
        if words:
            assert len(app.error) == 1 and app.error[0].value.endswith(".")
            assert text(app) == before
    alive(app.text_area(key="tensor:values").set_value("7 8 9").run())
    assert not app.error and "parse_floats('7 8 9')" in program(app)


def test_a_file_that_this_server_does_not_hold_is_a_problem_and_not_a_crash():
    app = opened("tensor.py", source="upload", file="feed")
    for _ in range(3):
        assert "no longer held" in app.error[0].value
        alive(app.run())


def test_what_is_no_number_to_follow_is_a_problem_and_not_a_crash():
    app = opened("tensor.py", value="a *lot*")
    assert len(app.error) == 1
    alive(app.text_input(key="tensor:value").set_value("0.1").run())
    assert not app.error and query(app) == {"value": "0.1"}


def test_a_float_format_of_one_s_own_joins_the_slider_and_a_wrong_one_leaves_the_page_alive():
    app = opened("tensor.py", scheme="float", own="E3M4", size="4096")
    assert "format='e3m4'" in program(app) and not app.error and query(app)["own"] == "E3M4"
    alive(unfolded(app, "tensor").text_input(key="tensor:own").set_value("e9m9").run())
    assert len(app.error) == 1 and "dB" in text(app)
    other = opened("tensor.py", scheme="float", own="e4m3", bits="E4M3", size="4096")  # OCP's has no infinity
    assert "format=" not in program(other) and not other.warning


@pytest.mark.parametrize("room", ["formats", "bits-of"])
def test_the_reference_page_reads_a_format_of_one_s_own(room):
    app = opened("reference.py", room=room, format="e3m4fn-nosub")
    assert not app.error and not app.warning
    if room == "formats":
        assert tables(app)[0][0]["Format"] == "e3m4fn-nosub"
    assert opened("reference.py", room=room, format="e3m99").error


def test_a_word_that_is_none_falls_back_to_zero():
    assert opened("reference.py", room="bits-of", word="xyz").warning
