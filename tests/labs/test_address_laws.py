"""Laws of every lab's address: what is written reads back as it was, what is bad is named once, what is a default is left out.

States are drawn by walking a lab's table: each parameter is answered with a value of its own form, and what is asked next
follows from the answers. Nothing here knows a lab's parameters by name, but for two that would make a test slow or leave this machine.
"""

from __future__ import annotations

import math
from typing import Any

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from quantlab.labs.address import Address, Question, Values
from quantlab.labs.catalog import LABS
from quantlab.labs.forms import LONGEST, Choice, Number, Several, Text
from quantlab.labs.lab import Lab
from quantlab.schemes import SCHEMES

FETCHED = {"mnist", "fashion-mnist", "cifar-10", "mobilenet-v2", "resnet-18"}
FEW = 5000  # values of a tensor, at most
WORDS = ["", "0.013", "1 2 3 -4", "a *lot*", "e3m4", "3f", "no, such", "feed", "ü=&%+ "]
WALKS = settings(max_examples=30)

each_lab = pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))


def values_of(question: Question, few: bool = True) -> st.SearchStrategy[Any]:
    """Every value that a person or a program can give a parameter; ``few`` leaves out those that take long."""
    form = question.form
    if isinstance(form, Several):
        return st.lists(st.sampled_from(list(form.options)), unique=True).map(tuple) if form.options else st.just(())
    if isinstance(form, Choice):
        return st.sampled_from([slug for slug in form.options if slug not in FETCHED])
    if isinstance(form, Number):
        high = min(form.high, FEW) if few and question.name == "size" else form.high
        if form.whole:
            return st.integers(int(form.low), int(high))
        return st.floats(form.low, high, allow_nan=False, allow_infinity=False, width=64)
    assert isinstance(form, Text), f"{question.name}: say here how to draw a value of {type(form).__name__}"
    return st.sampled_from(WORDS).filter(lambda text: text == question.default or form.allowed(text))


def bad_values(question: Question) -> list[str]:
    """Texts that no value of the parameter is written as."""
    form = question.form
    if isinstance(form, Number):
        beyond = [form.low - 1, form.high + 1]
        return ["no-such", "nan", "inf", "", *(f"{int(x)}" if form.whole else repr(float(x)) for x in beyond)]
    if isinstance(form, Text):
        return [text for text in ["\0", "no such", "k" * (LONGEST + 1), "-"] if not form.allowed(text)]
    return ["no-such", "no-such,no-such", " "] if "no-such" not in form.options else []


def walked(lab: Lab, data: st.DataObject) -> tuple[Address, list[Question]]:
    """A state that was drawn, and what was asked on the way."""
    asked: list[Question] = []

    def ask(question: Question) -> Any:
        asked.append(question)
        usual = data.draw(st.booleans(), label=f"{question.name} as usual")
        return question.default if usual else data.draw(values_of(question), label=question.name)

    return lab.table.walk(ask), asked


def same(address: Address, other: Address) -> None:
    """The same values and the same query; whether there were notices is another question."""
    assert dict(address.values) == dict(other.values)
    assert dict(address.query) == dict(other.query)


@each_lab
@WALKS
@given(data=st.data())
def test_what_a_state_writes_reads_back_as_that_state(lab, data):
    state, _ = walked(lab, data)
    again = lab.read(state.query)
    assert again.notices == ()
    same(again, state)
    assert again.problems == state.problems and again.described == state.described


@each_lab
@WALKS
@given(data=st.data())
def test_a_query_holds_text_that_is_no_default_and_only_names_of_the_table(lab, data):
    state, asked = walked(lab, data)
    defaults = {question.name: question.form.write(question.default) for question in asked}
    for name, text in state.query.items():
        assert isinstance(text, str) and text != defaults[name]
    assert state.query.keys() <= {parameter.name for parameter in lab.parameters}


@each_lab
@WALKS
@given(data=st.data())
def test_every_value_is_written_exactly(lab, data):
    _, asked = walked(lab, data)
    for question in asked:
        value = data.draw(values_of(question, few=False), label=question.name)
        read = question.form.parse(question.form.write(value))
        assert read == value and type(read) is type(value)


@each_lab
def test_a_lab_opens_at_an_empty_address_which_writes_nothing_and_says_nothing(lab):
    opened = lab.read({})
    assert dict(opened.query) == {} and opened.notices == () and opened.problems == () and opened.described == ()


@each_lab
@WALKS
@given(data=st.data())
def test_a_default_that_is_written_is_left_out(lab, data):
    state, asked = walked(lab, data)
    written = {question.name: question.form.write(question.default) for question in asked}
    again = lab.read(written | dict(state.query))
    assert again.notices == ()
    same(again, state)


@each_lab
@WALKS
@given(data=st.data())
def test_a_bad_value_is_named_once_and_the_default_stands_there(lab, data):
    state, asked = walked(lab, data)
    at = data.draw(st.integers(0, len(asked) - 1))
    question, before = asked[at], {q.name for q in asked[:at]}
    bad = bad_values(question)
    assume(bad)
    raw = data.draw(st.sampled_from(bad))
    query = {name: text for name, text in state.query.items() if name in before}
    found, usual = lab.read(query | {question.name: raw}), lab.read(query)
    (notice,) = found.notices
    assert question.name in notice and notice.endswith((".", "…")) and "\n" not in notice and len(notice) < 1000
    same(found, usual)
    assert found.get(question.name) == question.default


@each_lab
@WALKS
@given(data=st.data())
def test_names_that_the_table_lacks_are_ignored(lab, data):
    state, _ = walked(lab, data)
    known = {parameter.name for parameter in lab.parameters}
    names = st.text(min_size=1).filter(lambda name: name not in known)
    unknown = data.draw(st.dictionaries(names | st.just("embed"), st.text(), min_size=1, max_size=3))
    again = lab.read(dict(state.query) | unknown)
    assert again.notices == ()
    same(again, state)


@each_lab
@WALKS
@given(data=st.data())
def test_any_query_is_read_and_what_it_comes_to_is_a_state(lab, data):
    known = [parameter.name for parameter in lab.parameters]
    state, _ = walked(lab, data)
    raw = st.text(max_size=20) | st.sampled_from(
        ["nan", "-inf", "1e999", "1_0", " 5 ", "٣", "no-such", "tensor", "float", *state.query.values()]
    )
    changes = data.draw(st.dictionaries(st.sampled_from(known), raw, max_size=4))
    assume(not FETCHED & set(changes.values()))
    address = lab.read(dict(state.query) | changes)
    for notice in address.notices:
        assert sum(name in notice for name in known) >= 1
    assert len(address.notices) <= len(state.query | changes)
    for value in address.values.values():
        assert not isinstance(value, float) or math.isfinite(value)
    again = lab.read(address.query)
    assert again.notices == ()
    if "size" not in changes:
        same(again, address)


@each_lab
@WALKS
@given(data=st.data())
def test_a_text_that_an_address_cannot_hold_is_a_value_and_not_in_the_query(lab, data):
    long = {}

    def ask(question: Question) -> Any:
        text = ("0.5 " * LONGEST)[: LONGEST + 1]
        if isinstance(question.form, Text) and question.form.allowed(text):
            long[question.name] = text
            return text
        return data.draw(values_of(question), label=question.name)

    state = lab.table.walk(ask)
    for name, text in long.items():
        assert state.get(name) == text and name not in state.query
    assert all(len(text) <= LONGEST for text in state.query.values())


@each_lab
@WALKS
@given(data=st.data())
def test_a_change_of_a_state_is_the_state_with_that_change(lab, data):
    state, asked = walked(lab, data)
    question = data.draw(st.sampled_from(asked))
    text = question.form.write(data.draw(values_of(question), label=question.name))
    assume(len(text) <= LONGEST)
    changed = state.changed({question.name: text})
    same(lab.read(changed), lab.read(dict(state.query) | {question.name: text}))


@each_lab
@WALKS
@given(data=st.data())
def test_every_state_can_be_asked_for(lab, data):
    state, _ = walked(lab, data)
    tasks = list(lab.tasks(state, lab.checked(None)))
    assert len({hash(task.key) for task in tasks}) == len(tasks)


def test_a_number_is_written_with_all_the_digits_it_needs():
    query = {"calibrator": "percentile", "percentile": "99.99999"}
    assert dict(LABS["tensor"].read(query).query) == query
    assert LABS["tensor"].read(query | {"percentile": repr(math.nextafter(99.9, 100))}).get("percentile") == math.nextafter(99.9, 100)


@each_lab
def test_every_control_has_a_short_line_of_help(lab):
    """Of the parameters that have a control in the state that the lab opens on, and of the others where their line is fixed."""
    address = lab.read({})
    for parameter in lab.table:
        if parameter.place == "hidden" or (callable(parameter.advice) and parameter.name not in address.values):
            continue
        values = Values(address.subject)
        for name, value in address.values.items():
            values.put(name, value)
        advice = parameter.advice(values) if callable(parameter.advice) else parameter.advice
        assert advice.endswith(".") and advice[0].isupper() and 10 < len(advice) <= 110, (parameter.name, advice)


def test_every_knob_of_a_scheme_has_a_line_of_help():
    for scheme in SCHEMES.values():
        for knob in scheme.knobs.values():
            assert len(knob.doc) <= 110 and not knob.doc.endswith(".")


@pytest.mark.parametrize("slug", list(SCHEMES))
@each_lab
def test_every_scheme_opens_with_what_its_knobs_hang_on_read_before(lab, slug):
    address = lab.read({"scheme": slug})
    order = [name for name in address.values if name in SCHEMES[slug].knobs]
    assert order == [name for name in SCHEMES[slug].knobs if name in address.values]
