"""A teacher's pages: one for the projector, which shows nothing of the distribution until the reveal, and one for the teacher alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from html import escape

import streamlit as st

from quantlab.classroom.problem import StoreProblem
from quantlab.classroom.questions import Grader, description_of, key_of, numbers_of, place_of, questions_of, step_of
from quantlab.classroom.rules import DAY, LONGEST_RETENTION, Mode, Phase, Refusal
from quantlab.classroom.state import State
from quantlab.classroom.teacher import Teacher
from quantlab.labs.address import Address
from quantlab.labs.learn.lab import OWN, SCREENS
from quantlab.labs.text import fixed, markdown_safe, percent
from quantlab.learn.inventory import AFTER, BEFORE
from quantlab.learn.lesson import Lesson, Step
from quantlab.ui import present
from quantlab.ui.classroom.results import results
from quantlab.ui.classroom.shared import MODES, STORED, tried
from quantlab.ui.learn.lessons import all_lessons, asked_in_class, pictures
from quantlab.ui.page import Page
from quantlab.ui.tables import table

_PROJECTED = """<style>
html { font-size: clamp(16px, 1.4vw, 60px); }
.st-key-head, .st-key-parts, [data-testid=stHeader] { display: none; }
[data-testid=stMainBlockContainer] { padding-top: 1rem; }
</style>"""
_EVERY = 1.0  # seconds between two looks at the class


def pages(page: Page, address: Address, teacher: Teacher, secret: str) -> None:
    """The class in its teacher's hands."""
    state = teacher.state()
    private = address["screen"] == "private"
    if not private:
        st.html(_PROJECTED)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.header(f"Class {teacher.code}", anchor=False, width="content")
        st.caption(f"Join at **{_short(teacher.code)}**", width="content")
        st.space("stretch")
        other = "projector" if private else "private"
        query = {"part": "class", "code": teacher.code} | ({"screen": other} if other == "private" else {})
        st.button(SCREENS[other], on_click=page.go, args=(query,), icon=":material/cast:", type="tertiary", key="class-screen")
    if state.mode is Mode.FOLLOW:
        _choice(teacher, state)
    step = step_of(state.question, asked_in_class()) if state.question else None
    if private:
        _private(page, teacher, state, step, secret)
    elif step:
        _question(teacher, state, step)
    else:
        _waiting(teacher, state)


def _base() -> str:
    """The address of the app, as this browser sees it."""
    return (st.context.url or "").rpartition("/")[0]


def _short(code: str) -> str:
    return f"{_base().partition('://')[2]}/c/{code}"


def _choice(teacher: Teacher, state: State) -> None:
    """Which question the class is at, and what comes next."""
    lessons = {slug: lesson for slug, lesson in all_lessons().items() if slug != OWN and numbers_of(lesson)}
    slug, number = place_of(state.question)
    with st.container(horizontal=True, vertical_alignment="bottom", key="class-choice"):
        chosen = st.selectbox(
            "Lesson",
            list(lessons),
            index=list(lessons).index(slug) if slug in lessons else 0,
            format_func=lambda name: lessons[name].title,
            key=f"class-lesson-{state.question}",
        )
        lesson = lessons[chosen]
        numbers = numbers_of(lesson)
        asked = st.selectbox(
            "Question",
            numbers,
            index=numbers.index(number) if chosen == slug and number in numbers else 0,
            format_func=lambda k: f"{k}. {lesson.steps[k - 1].title}",
            key=f"class-question-{state.question}-{chosen}",
        )
        if (chosen, asked) != (slug, number):
            _button("Pose this question", "pose", lambda: _pose(teacher, lesson, asked), primary=True)
        else:
            _moves(teacher, state, lesson)


def _moves(teacher: Teacher, state: State, lesson: Lesson) -> None:
    """What may follow: a close, the reveal, the second vote, the next question."""
    following = [k for k in numbers_of(lesson) if k > place_of(state.question)[1]]
    if state.phase is Phase.OPEN:
        _button("Close the vote", "freeze", teacher.freeze)
    if state.phase is not Phase.REVEALED:
        _button("Reveal", "reveal", teacher.reveal, primary=True)
    if state.phase is not Phase.OPEN and state.round == 1:
        _button("Vote again", "again", teacher.vote_again)
    if state.phase is Phase.REVEALED and following:
        _button("Next question", "next", lambda: _pose(teacher, lesson, following[0]), primary=True)


def _button(label: str, key: str, do: Callable[[], object], primary: bool = False) -> None:
    def press() -> None:
        tried(do)

    st.button(label, on_click=press, type="primary" if primary else "secondary", key=f"class-{key}")


def _pose(teacher: Teacher, lesson: Lesson, number: int) -> None:
    teacher.pose(key_of(lesson.slug, number), description_of(lesson.steps[number - 1]))


def _question(teacher: Teacher, state: State, step: Step) -> None:
    """The question for the projector: how many answered, and the distribution after the reveal alone."""
    revealed = state.phase is Phase.REVEALED
    text, beside = st.columns([2, 3], gap="medium")
    with text:
        st.subheader(markdown_safe(step.title), anchor=False)
        st.markdown(step.filled(step.story))
        assert step.question is not None, "what is posed asks something"
        st.markdown(f"**What do you expect?** {step.filled(step.question.text)}")
        if not revealed:
            for option in step.question.options:
                st.markdown(f"- {step.filled(option.label)}")
        _count(teacher, state.stand)
        if revealed:
            if teacher.grade(Grader(asked_in_class())):
                state = teacher.state()
            if state.results:
                results(state.results, step, "class-results")
            st.markdown(step.filled(step.why))
    with beside:
        lesson, number = place_of(state.question)
        pictures(step, f"class-{lesson}-{number}", locked=not revealed)


@st.fragment(run_every=_EVERY)
def _count(teacher: Teacher, stand: str) -> None:
    """How many joined and answered, looked up every second; the page is drawn anew where the class has moved elsewhere."""
    state = _looked_up(teacher, stand)
    if state is None:
        return
    if not state.question:
        st.subheader(f"{state.joined} joined", anchor=False)
        return
    vote = "" if state.round == 1 else "Second vote: "
    end = {Phase.OPEN: "", Phase.FROZEN: " The vote is closed.", Phase.REVEALED: ""}[state.phase]
    st.subheader(f"{vote}{state.answered} of {state.joined} have answered.{end}", anchor=False)


def _looked_up(teacher: Teacher, stand: str) -> State | None:
    """The class now; None, and a sentence, where the database does not answer."""
    try:
        state = teacher.state()
    except (StoreProblem, Refusal) as problem:
        st.warning(markdown_safe(str(problem)))
        return None
    if state.stand != stand:
        st.rerun(scope="app")
    return state


def _waiting(teacher: Teacher, state: State) -> None:
    """The way in, large: before a question is posed, or where each goes on alone."""
    link = f"{_base()}/c/{teacher.code}"
    code, text = st.columns([1, 2], gap="large")
    code.html(present.qr(link).replace("<img ", '<img style="width: 100%; max-width: 20rem" '))
    with text:
        st.html(f'<p style="font-size: 1.4rem; margin: 0">{escape(_short(teacher.code))}</p>')
        st.html(f'<p style="font-size: 5rem; font-weight: 650; letter-spacing: .15em; margin: 0; line-height: 1.2">{teacher.code}</p>')
        _count(teacher, state.stand)
        if state.mode is Mode.OWN:
            titles = [asked_in_class()[slug].title for slug in state.offered if slug in asked_in_class()]
            st.markdown(
                "\n".join(f"- {markdown_safe(title)}" for title in titles) or "No lesson is offered yet: the page for you alone does."
            )


def _private(page: Page, teacher: Teacher, state: State, step: Step | None, secret: str) -> None:
    """What the teacher alone sees: the distribution as it comes, who is stuck, item statistics; and what is set."""
    if state.mode is Mode.OWN:
        _offer(teacher)
    live_part, settings = st.columns([3, 2], gap="large")
    with live_part:
        _watch(teacher, state.stand, step)
    with settings:
        _settings(page, teacher, state, secret)


@st.fragment(run_every=_EVERY)
def _watch(teacher: Teacher, stand: str, step: Step | None) -> None:
    if _looked_up(teacher, stand) is None:
        return
    teacher.grade(Grader(asked_in_class()))
    view = teacher.view()
    if step and view.live:
        st.subheader(f"{markdown_safe(step.title)}: {view.state.answered} of {view.state.joined}", anchor=False)
        results(view.live, step, "class-live")
        if view.waiting:
            st.caption(f"Without an answer: {markdown_safe(', '.join(view.waiting))}")
    else:
        st.subheader(f"{view.state.joined} joined", anchor=False)
    if view.stuck:
        st.markdown(f"**May be stuck** (their last two answers are wrong): {markdown_safe(', '.join(view.stuck))}")
    _items(teacher)


def _items(teacher: Teacher) -> None:
    """Every question's difficulty and discrimination, by the first vote."""
    if gain := teacher.gain(f"{BEFORE}:", f"{AFTER}:"):
        won = f"Hake's gain is **{fixed(gain.gain, 2)}**." if gain.gain is not None else "There was nothing left to gain."
        st.markdown(f"Inventory: {percent(gain.before)} right before, {percent(gain.after)} after, of {gain.students} who took both. {won}")
    items = teacher.items()
    if not items:
        return
    lessons = asked_in_class()
    steps = {item.name: step_of(item.name, lessons) for item in items}
    table(
        [
            {
                "Question": step.title if (step := steps[item.name]) else item.name,
                "Answers": item.answers,
                "Right": None if item.difficulty is None else percent(item.difficulty),
                "Discrimination": item.discrimination,
            }
            for item in items
        ],
        "items",
        columns={"Discrimination": st.column_config.NumberColumn(format="%.2f", help="Right here, and right elsewhere: correlation")},
    )


def _offer(teacher: Teacher) -> None:
    """Lessons that students may go through."""
    lessons = {slug: lesson for slug, lesson in asked_in_class().items() if slug != OWN and numbers_of(lesson)}
    with st.container(horizontal=True, vertical_alignment="bottom"):
        chosen = st.selectbox("Lesson", list(lessons), format_func=lambda name: lessons[name].title, key="class-offer-lesson")
        _button("Offer this lesson", "offer", lambda: teacher.offer(dict(questions_of(lessons[chosen]))), primary=True)


def _settings(page: Page, teacher: Teacher, state: State, secret: str) -> None:
    st.subheader("Your link", anchor=False)
    st.code(f"{_base()}/learn?part=class&code={teacher.code}#teacher={secret}", language=None, wrap_lines=True)
    st.caption("Who has it is the teacher. Keep it; this browser does.")
    mode = st.segmented_control(
        "Students go", MODES, format_func=MODES.__getitem__, default=state.mode, required=True, key="class-mode-now"
    )
    if mode != state.mode and tried(lambda: teacher.set_mode(mode)):
        st.rerun()
    kept = round((state.expires_at - teacher.opened_at()) / DAY)
    days = st.number_input("Days until everything is deleted", 1, LONGEST_RETENTION, kept, key="class-days-now")
    if days != kept and tried(lambda: teacher.set_days(int(days))):
        st.rerun()
    st.caption(f"{STORED} Everything is deleted on {datetime.fromtimestamp(state.expires_at, UTC):%d %B %Y}.")
    with st.container(horizontal=True):
        st.download_button(
            "Answers (CSV)", teacher.csv, f"class-{teacher.code}.csv", "text/csv", icon=":material/download:", on_click="ignore"
        )
        if state.closed:
            _button("Open again", "reopen", teacher.reopen)
        else:
            _button("Close the class", "close", teacher.close)
        with st.popover("Delete the class"):
            st.markdown("All answers of the class go at once and for good.")
            st.button("Delete it", on_click=_delete, args=(page, teacher), type="primary", key="class-delete")


def _delete(page: Page, teacher: Teacher) -> None:
    if tried(teacher.delete):
        page.go({"part": "class"})
