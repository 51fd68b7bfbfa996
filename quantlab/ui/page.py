"""The page of a lab: its title, its controls, its result as it fills up, the links that set a state, what to take away."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from typing import Any, Literal, NamedTuple

import streamlit as st
from packaging.requirements import Requirement
from streamlit.delta_generator import DeltaGenerator

from quantlab.film import with_header
from quantlab.labs.address import Address, shown_instead
from quantlab.labs.catalog import LABS
from quantlab.labs.expectations import expectation
from quantlab.labs.forms import Value
from quantlab.labs.kept import Kept, kept_query, pin, title_of
from quantlab.labs.lab import Lab, LabResult
from quantlab.labs.text import markdown_safe
from quantlab.packages import absent, install_command
from quantlab.sources.uploads import UPLOADS
from quantlab.tasks import ENGINE, Task
from quantlab.ui import jobs, live, paper, present, tab, tables, url
from quantlab.ui.controls import Controls, Drawer

Waiting = Callable[[], AbstractContextManager[None]]
Draw = Callable[[], None]
_AT_ONCE = 0.1  # seconds
_CARD = 226  # pixels: five beside each other at a width of 1280
# No rule for the screen says :has: the browser would look for it at every change of the page, a quarter of a second while a page loads.
_STYLE = """<style>
[data-testid=stMainBlockContainer] { padding: 3.6rem 2rem 1rem; }
[data-testid=stMain] h1 { font-size: 1.65rem; padding: 0 0 .5rem; }
[data-testid=stMain] h3 { font-size: 1.15rem; padding: .6rem 0 .2rem; }
[data-testid=stMain] h2 { font-size: 1.1rem; padding: .8rem 0 .35rem; }
[data-testid^=stBaseButton-primary] { background: #0072B2; border-color: #0072B2; color: #fff; }
.st-key-tab { position: absolute; }
[data-testid=stTopNavLink]:focus-visible, [data-testid=stSidebarNavLink]:focus-visible, [data-testid=stMain]:focus-visible {
  outline: 2px solid #0072B2; outline-offset: -2px;
}
[data-testid=stCaptionContainer] { color: inherit; opacity: .8; }
[data-testid=stBottomBlockContainer] { padding: .5rem 2rem .6rem; }
[data-filmed] > :first-child { display: none; }
[data-testid=stMain] td code { white-space: normal; overflow-wrap: anywhere; }
.stHorizontalBlock.st-key-tries { flex-wrap: nowrap; overflow-x: auto; scrollbar-width: thin; padding-bottom: .15rem; }
.st-key-tries > * { flex: none; }
[data-testid=stMain] [class*=st-key-try-] button { min-height: 0; padding: .08rem .65rem; border-radius: 1rem; white-space: nowrap; }
[data-testid=stMain] [class*=st-key-try-] button p { font-size: .82rem; }
[data-ql-away=true] [class*=st-key-at-rest-] { opacity: .4; }
[data-ql-away=true] [class*=st-key-try-] strong { visibility: hidden; }
[data-testid=stSidebarHeader] { height: 2.6rem; min-height: 0; padding-bottom: 0; margin-bottom: 0; }
[data-testid=stSidebarUserContent] { padding-bottom: 1rem; }
[data-testid=stSidebar] [data-testid=stVerticalBlock] { gap: .55rem; }
[data-testid=stMainBlockContainer] { position: relative; container-type: inline-size; }
.st-key-present { position: absolute; top: 3.2rem; right: 2rem; width: auto; }
[data-testid=stExpandSidebarButton] { width: auto; }
[data-testid=stExpandSidebarButton]::after { content: "Controls"; padding: 0 .4rem; font-size: .95rem; }
@container (max-width: 700px) {
  .stHorizontalBlock { flex-wrap: wrap; }
  .stColumn { min-width: 100%; }
}
@media (min-width: 901px) { .st-key-head { padding-right: 7rem; } }
@media (max-width: 900px) { .st-key-present { display: none; } }
@media (max-width: 768px) { [data-testid=stExpandSidebarButton]::after { content: "Labs and controls"; } }
@media (max-width: 640px) {
  [data-testid=stMainBlockContainer] { padding: 3.4rem .6rem 1rem; }
  [data-testid=stBottomBlockContainer] { padding: .3rem 1rem .4rem; }
  [data-testid=stMain] h1 { font-size: 1.45rem; }
}
@media (max-height: 480px) {
  [data-testid=stHeader] { height: 2.3rem; min-height: 0; }
  [data-testid=stMainBlockContainer] { padding-top: 2.4rem; }
  [data-testid=stMain] h1 { font-size: 1.05rem; padding: 0; }
  [data-testid=stBottomBlockContainer] { padding-top: 0; padding-bottom: 0; }
}
[data-tag] { background-color: #0072B2 !important; }
"""


class Keep(NamedTuple):
    """The button that keeps a setting, or forgets it."""

    words: str
    icon: str
    advice: str
    query: Mapping[str, str]


class Page:
    """One run of a lab's page."""

    def __init__(self, slug: str) -> None:
        self.lab: Lab = LABS[slug]
        st.html(f"{_STYLE}{paper.STYLE}{tables.STYLE}</style>{present.style()}")
        self._head = st.container(horizontal=True, vertical_alignment="center", key="head")
        if not present.embedded():
            self._head.title(self.lab.question, anchor=False, width="content")
        if any(parameter.name == "bits" for parameter in self.lab.parameters):
            present.offer()
        self._room, self._work = st.container(), st.container()
        if missing := absent(self.lab.extra) if self.lab.extra else ():
            _end_without(missing)
        self.controls: Controls | None = None
        self._tasks: Sequence[Task[Any]] = ()  # of the lab's own results
        self._level = ""  # of the slider, in words
        self._query: Mapping[str, str] = {}
        self._visitor = UPLOADS.visitor()
        self._keep: Keep | None = None

    def address(self, drawers: Mapping[str, Drawer] | None = None, **places: DeltaGenerator | None) -> Address:
        """The address that the controls say; they stand in the sidebar but for those of the ``places``, by their names."""
        bottom, beside = present.bar() if present.presenting() else (st.bottom, None)
        usual: dict[str, DeltaGenerator | None] = {"bottom": bottom}
        if "side" not in places:
            usual["side"] = st.sidebar.container()
        if "more" not in places:
            usual["more"] = self.more()
        self.controls = Controls(self.lab, usual | places, drawers)
        address = self.controls.address(st.session_state.get(self._controls.key("last")))
        self._query = address.query
        if "bits" in address.values:
            self._level = f"{self.lab.table.titled(address, 'bits')}: {address['bits']}"
        self.say([*self.controls.problems, *address.problems], self.controls.notices)
        with self._head:
            tab.tell(self.lab, address)
        if address.query and not present.embedded():
            self._head.button("Start afresh", on_click=self.go, args=({},), icon=":material/restart_alt:", type="tertiary", key="afresh")
        if beside:
            present.lead_on(self.lab, address.query, self.go, beside)
        return address

    def more(self) -> DeltaGenerator | None:
        """Room for controls that stand folded away in the sidebar; None while it is folded: a browser would draw them all unseen."""
        room = st.sidebar.expander("More", key=f"{self.lab.slug}:more", on_change="rerun")
        return room if room.open else None

    def say(self, problems: Sequence[str], notices: Sequence[str] = ()) -> None:
        """Tell what is wrong with the person's input, and which parts of the address cannot be used."""
        for problem in problems:
            self._room.error(markdown_safe(problem))
        for notice in notices:
            self._room.warning(markdown_safe(notice))

    def result(self, address: Address, views: Sequence[str] | None = None, waiting: Waiting = nullcontext) -> Any:  # each lab's own
        """The most that is known of this address; at least what its first task gives, for which it waits with progress.

        Where what the lab looks at cannot be had, the page says why, and shows what it showed last in its place.
        waiting : what stands on the page meanwhile, beside what was there before: that is dimmed as a whole.
        """
        views, last = self.lab.checked(views), self._controls.key("last")
        try:
            result = self._first(address, views, waiting)
        except ValueError as problem:
            instead = st.session_state.get(last) or self.lab.table.default_subject()
            if not address.problems:  # else it is said already
                self.say([shown_instead(problem, instead)])
            address = self.lab.read(address.query, instead=instead)
            result = self._first(address, views, nullcontext)
        self._controls.draw_late()
        st.session_state[last] = address.subject
        self._tasks = self.lab.tasks(address, views)
        return result

    def _first(self, address: Address, views: Sequence[str], waiting: Waiting) -> Any:  # each lab's own
        tasks = self.lab.tasks(address, views)
        for task in reversed(tasks):
            if (known := ENGINE.known(task)) is not None:
                return known
        with waiting(), self._work:
            return jobs.run_or_stop(tasks[0])

    def complete(self, result: LabResult, most: int | None = None) -> None:
        """Once the page stands: compute the next part, up to stage ``most``, and draw the page again with it.

        What others compute already, or what comes at once, is not drawn by itself: a class at once draws its pages fewer times.
        """
        stage, goes_on = result.stage, True
        while goes_on and stage + 1 < len(self._tasks[:most]):
            stage += 1
            start, goes_on = time.monotonic(), ENGINE.under_way(self._tasks[stage])
            jobs.run_or_stop(self._tasks[stage])
            goes_on = goes_on or time.monotonic() - start < _AT_ONCE
        if stage > result.stage:
            self.draw_again()

    def draw_again(self) -> None:
        """Run the page anew, with what it had to say about the address."""
        self._controls.carry_notices()
        st.rerun()

    def set(self, name: str, value: Value) -> None:
        """Set a parameter from a callback: a click on a chart, a picture chosen."""
        self._controls.store(name, value)

    def go(self, query: Mapping[str, str]) -> None:
        """Set the whole state, as an address would: for the callback of a link."""
        url.write(dict(query) | present.kept())

    def keep(self, address: Address, title: str, without: tuple[str, ...] = ()) -> None:
        """Offer to keep this setting to compare with, or to forget the kept one, beside what to try.

        title : of the kept one. without : parameters that are no part of a setting.
        """
        if address["kept"]:
            self._room.caption(f"**A**, kept: {markdown_safe(title)}. **B**: as you set it now.")
            query = {name: value for name, value in address.query.items() if name != "kept"}
            self._keep = Keep("Forget A", ":material/keep_off:", "The kept setting goes; what you set now stays.", query)
        elif text := pin(address, without):
            advice = "What you see stays as A, while you change anything as B; one slider moves both."
            self._keep = Keep("Keep as A", ":material/keep:", advice, address.changed({"kept": text}))

    def kept(self, address: Address, result: LabResult) -> Kept | None:
        """The kept setting's result on the slider of this one, waited for with progress; None where none is kept or it cannot be had."""
        if not address["kept"]:
            self.keep(address, "")
            return None
        there = self.lab.read(kept_query(address["kept"]))
        self.keep(address, title_of(there))
        self.say([f"The kept setting: {problem}" for problem in there.problems], there.notices)
        if there.problems:
            return None
        try:
            return Kept(self.lab, there, self._first(there, self.lab.checked(None), nullcontext), result.labels)
        except ValueError as problem:
            self.say([f"The kept setting cannot be shown. {problem}"])
            return None

    def pictures(self, now: Draw, beside: Draw, before: Draw | None, below: DeltaGenerator) -> None:
        """The lab's first picture, and what stands beside it; where a setting is kept, its picture does, as A, and the rest ``below``."""
        if before is None:
            for column, draw in zip(st.columns([3, 2], gap="medium"), (now, beside), strict=True):
                with column:
                    draw()
            return
        with st.container(key="a-and-b"):
            for column, title, draw in zip(st.columns(2, gap="medium"), ("**A**", "**B**"), (before, now), strict=True):
                with column:
                    st.caption(title)
                    draw()
        with below:
            beside()

    def tiles(self, result: LabResult, kept: Kept | None = None) -> None:
        """The lab's numbers, each above the kept setting's."""
        film = result.films["numbers"]
        live.numbers(kept.beside(film) if kept else film, key="numbers")

    def words(self, result: LabResult, label: str, kept: Kept | None = None) -> None:
        """What to notice, which follows the thumb; below it how the lab's number differs from the kept setting's."""
        self.sentence("notice", result.words(label), result.films["words"], label)
        if kept:
            texts, film = kept.words(result)
            self.sentence("kept", texts[label], film, label)

    def sentence(self, name: str, text: str, film: bytes, label: str) -> None:
        """A film of words; the text of this level stands in its place until the browser shows it.

        The film hears which level the page was drawn for, so that while the thumb is elsewhere what is older is dimmed.
        """
        with st.container(key=f"words-{name}"):
            st.markdown(text)
            live.words(with_header(film, own=label), key=name)

    def try_this(self, result: LabResult, label: str) -> None:
        """Links that set a state, and what each would change; the address follows."""
        if present.embedded():
            return
        with st.container(horizontal=True, gap="xxsmall", vertical_alignment="center", key="tries"):
            if keep := self._keep:
                st.button(keep.words, on_click=self.go, args=(keep.query,), icon=keep.icon, key="try-keep", help=keep.advice)
            st.caption("Try this", width="content")
            for entry in self.lab.tries:
                change = expectation(self.lab, entry, result, label)
                title = f"{entry.title} **{change}**" if change else entry.title
                st.button(title, on_click=self.go, args=(entry.query,), key=f"try-{entry.title}")

    def of_rest(self, name: str, width: Literal["stretch", "content"] = "stretch") -> DeltaGenerator:
        """Room for what Python draws for one level: dimmed while the thumb is at another one."""
        return st.container(key=f"at-rest-{name}", width=width)

    def take_away(self, program: str, csv: Callable[[], str], file_name: str) -> DeltaGenerator | None:
        """The program that reproduces the numbers, and the numbers themselves, which are made once they are asked for.

        Returns the row of its buttons, for more of them; an embedded page has none.
        """
        if present.embedded():
            return None
        st.header("Take it with you", anchor=False)
        with self.of_rest("program"):
            st.caption(f"Python for this level ({self._level})")
            live.program(program, key="code")
        row = st.container(horizontal=True, gap="small", key="take-away")
        row.download_button("Numbers of all levels (CSV)", csv, file_name, "text/csv", icon=":material/download:", on_click="ignore")
        row.download_button(
            "This page as one HTML file",
            self._as_file,
            f"{self.lab.slug}.html",
            "text/html",
            icon=":material/html:",
            on_click="ignore",
            help="Its first pictures, numbers and words with the slider, to play without a server or a network",
        )
        with paper.on_screen_alone("camera"):
            st.caption("Every chart has a camera in its corner that saves it as PNG.")
        return row

    def _as_file(self) -> str:
        from quantlab.export import html

        with UPLOADS.seen_by(self._visitor):  # the server makes it in a thread of its own
            return html(self.lab, self.lab.read(self._query))

    @property
    def _controls(self) -> Controls:
        assert self.controls is not None, "a page's controls come first"
        return self.controls


def _end_without(missing: Sequence[Requirement]) -> None:
    """End the page with the command that brings what it needs."""
    names = " and ".join(requirement.name for requirement in missing)
    st.error(f"This page needs {names}. This command brings what is missing; start the app anew after it.")
    st.code(install_command(missing), language=None)
    url.end_run()
    st.stop()


def titled(*titles: str) -> list[DeltaGenerator]:
    """Columns side by side, each under its own title."""
    columns = st.columns(len(titles), gap="medium")
    for column, title in zip(columns, titles, strict=True):
        column.header(title, anchor=False)
    return columns


def cards(labs: Sequence[Lab]) -> None:
    """A card for every lab, title, icon and what it is about, below the name of its section; as many beside each other as fit."""
    if present.embedded():
        return
    for section in dict.fromkeys(lab.section for lab in labs):
        st.header(section or "Where next?", anchor=False)
        row = st.container(horizontal=True, gap="small")
        for lab in (lab for lab in labs if lab.section == section):
            with row.container(border=True, width=_CARD, height="stretch"):
                st.page_link(f"{lab.slug}.py", label=f"**{lab.title}**", icon=lab.icon)
                st.caption(lab.blurb)
