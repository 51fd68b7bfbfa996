"""Which levels does each scheme choose, and what do its bits say?"""

import streamlit as st

from quantlab.labs.reference import bits as words_of_bits
from quantlab.labs.reference import words as reference_words
from quantlab.ui import cached, live
from quantlab.ui.page import opening, report
from quantlab.ui.state import State

ROOMS = {"schemes": "Schemes", "formats": "Formats", "bits-of": "Bits of a number", "ranges": "Ranges", "roundings": "Roundings"}


def schemes(state: State) -> None:
    with st.bottom:
        state.level("bits", "Bits", tuple(map(str, range(1, 9))), "4")
    left, right = st.columns([3, 2], gap="medium")
    with left:
        live.plot(cached.picture("scheme_lines"), key="scheme-lines")
    with right:
        slug = state.choice("scheme", "Scheme", {s: s for s in cached.scheme_slugs()}, "int-symmetric")
        formula, blurb, source = reference_words.scheme_facts(slug)
        st.latex(formula)
        st.markdown(blurb)
        st.caption(source)
    st.dataframe(reference_words.schemes(), hide_index=True)


def formats(state: State) -> None:
    entry = named_format(state)
    live.plot(cached.format_lines(entry), key="format-lines")
    st.dataframe(reference_words.formats(entry), hide_index=True)


def named_format(state: State) -> words_of_bits.Single | None:
    name = state.text("format", "Format: a name from the table, or any such as e3m4, e5m2fn, int8", "e4m3fn")
    try:
        return words_of_bits.single_format(name.strip().lower())
    except ValueError as problem:
        state.problems.append(str(problem))
        return None


def bits_of(state: State) -> None:
    if (entry := named_format(state)) is None:
        return
    word = int(state.hidden("word", "0", words_of_bits.is_word), 16)
    reading = words_of_bits.read(entry, word % (1 << entry.bits))
    flipped = live.bits([vars(field) for field in reading.fields], reading.formula, f"{reading.value:.9g}", key="bits")
    st.markdown(f"{entry.title}: **{reading.kind}**, the word is {word % (1 << entry.bits):#x}. {reference_words.neighbours(reading)}")
    if entry.bits <= 8:
        live.plot(cached.value_line(entry, reading.value), key="value-line")
    if flipped is not None:
        state.set("word", f"{words_of_bits.flip(word % (1 << entry.bits), entry.bits, flipped):x}")
        st.rerun()


def ranges(state: State) -> None:
    with st.bottom:
        state.level("bits", "Bits", tuple(map(str, range(2, 9))), "4")
    live.plot(cached.picture("range_film"), key="ranges")
    st.caption("Weights with outliers, int-symmetric, one scale: at the best range one error falls as fast as the other rises.")
    st.dataframe(reference_words.calibrators(), hide_index=True)


def roundings(state: State) -> None:
    live.plot(cached.picture("rounding_lines"), key="roundings")
    st.dataframe(reference_words.roundings(), hide_index=True)


state = State("reference")
opening("Which levels does each scheme choose, and what do bits say?", state)
room = state.rooms("room", "Room", ROOMS, "schemes")
{"schemes": schemes, "formats": formats, "bits-of": bits_of, "ranges": ranges, "roundings": roundings}[room](state)
report(state)
state.commit()
