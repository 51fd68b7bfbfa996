"""A class in browsers: a code, votes, a reveal, a second vote; nothing of the distribution before; nobody is lost by a reload or a lost line."""

import json
import re
import urllib.request
from types import SimpleNamespace

import pytest

from quantlab.classroom.questions import description_of
from quantlab.learn.lesson import load

from .test_axe import violations_of

LESSONS, _ = load(check=False)
STEP = LESSONS["step-and-range"].steps[0]


@pytest.fixture
def teacher(new_lab):
    """A teacher's tab with a class that was just opened."""
    lab = new_lab()
    lab.page.goto(f"{lab.url}/learn?part=class")
    lab.page.get_by_role("button", name="Open a class").click()
    lab.page.get_by_text("0 joined").wait_for()
    code = re.search("code=([A-Z]{5})", lab.page.url)[1]
    return SimpleNamespace(lab=lab, page=lab.page, code=code)


def student(new_lab, teacher, name="", **options):
    lab = new_lab(390, 844, **options)
    lab.page.goto(f"{lab.url}/c/{teacher.code}")
    lab.page.get_by_label("Nickname").fill(name)
    lab.page.get_by_role("button", name="Join the class").click()
    lab.page.get_by_text("You are in the class").wait_for()
    return lab


def pose(teacher):
    teacher.page.get_by_role("button", name="Pose this question").click()
    teacher.page.get_by_role("button", name="Reveal").wait_for()


def answer(lab, text):
    lab.page.get_by_label("Your number").fill(text)
    lab.page.get_by_role("button", name="Send").click()


def test_a_vote_a_reveal_and_the_wrong_idea_by_its_name(new_lab, teacher):
    ada, bob = student(new_lab, teacher, "Ada"), student(new_lab, teacher, "<b>Bob</b>")
    pose(teacher)
    assert violations_of(ada) == violations_of(teacher.lab) == []
    answer(ada, "8")
    answer(bob, "15")
    teacher.page.get_by_text("2 of 2 have answered").wait_for(timeout=5000)
    shown = teacher.lab.main_text()
    assert "are right" not in shown and "Every bit doubles" not in shown and teacher.page.locator(".ql-bars").count() == 0
    teacher.page.get_by_role("button", name="Reveal").click()
    teacher.page.get_by_text("1 of 2 are right").wait_for()
    assert "does not add one level" in teacher.lab.main_text()
    ada.page.get_by_text("you said 8").wait_for()
    bob.page.get_by_text("Near enough").wait_for()
    assert teacher.page.locator("b:text('Bob')").count() == 0
    assert violations_of(ada) == violations_of(teacher.lab) == []
    assert not any(lab.crashed() for lab in (ada, bob, teacher.lab))


def test_the_private_page_shows_what_comes_and_names_and_the_link_opens_it_elsewhere(new_lab, teacher):
    ada = student(new_lab, teacher, "Ada <i>")
    pose(teacher)
    teacher.page.get_by_role("button", name="For the teacher alone").click()
    teacher.page.get_by_text("Without an answer: Ada <i>").wait_for()
    answer(ada, "8")
    teacher.page.get_by_text("Levels on a ruler: 1 of 1").wait_for()
    link = teacher.page.locator("code", has_text="#teacher=").inner_text()
    phone = new_lab(390, 844)
    phone.page.goto(link.replace("\n", ""))
    phone.page.get_by_role("button", name="For the teacher alone").wait_for()
    assert "teacher=" not in phone.page.url, "the secret leaves the address"
    phone.page.get_by_role("button", name="Reveal").click()
    ada.page.get_by_text("you said 8").wait_for()
    phone.page.reload()
    phone.page.get_by_role("button", name="For the teacher alone").wait_for()


def test_a_wrong_teachers_link_shows_what_students_see(new_lab, teacher):
    lab = new_lab()
    lab.page.goto(f"{lab.url}/learn?part=class&code={teacher.code}#teacher=guessed")
    lab.page.get_by_text("You see what students see").wait_for()
    lab.page.get_by_role("button", name="Join the class").wait_for()
    assert lab.page.get_by_role("button", name="Pose this question").count() == 0


def test_a_reload_keeps_the_student_and_a_lost_line_keeps_the_answer(new_lab, teacher):
    ada = student(new_lab, teacher, "Ada")
    pose(teacher)
    ada.page.get_by_label("Your number").wait_for()
    ada.page.reload()
    ada.page.get_by_label("Your number").wait_for()
    ada.page.route("**/ql/class/**", lambda route: route.abort())
    answer(ada, "15")
    ada.page.get_by_text("The server cannot be reached").wait_for()
    queue = json.loads(ada.page.evaluate(f"localStorage.getItem('quantlab:class:{teacher.code}')"))["queue"]
    assert [vote["answer"] for vote in queue] == ["15"]
    ada.page.unroute_all()
    teacher.page.get_by_text("1 of 1 have answered").wait_for()
    ada.page.get_by_text("The class has your answer").wait_for()
    ada.errors.clear()  # the browser logs requests that fail


def test_an_answer_after_the_close_is_refused_with_its_reason(new_lab, teacher):
    ada = student(new_lab, teacher, "Ada")
    pose(teacher)
    ada.page.get_by_label("Your number").wait_for()
    ada.page.route("**/ql/class/*/answer", lambda route: route.abort())
    answer(ada, "15")
    ada.page.get_by_text("on its way").wait_for()
    teacher.page.get_by_role("button", name="Close the vote").click()
    teacher.page.get_by_text("The vote is closed").wait_for()
    ada.page.unroute_all()
    ada.page.get_by_text("The vote was closed before this answer came").wait_for()
    assert "0 of 1 have answered" in teacher.lab.main_text()
    ada.errors.clear()  # the browser logs requests that fail


def test_two_votes_with_who_changed(new_lab, teacher):
    ada = student(new_lab, teacher, "Ada")
    teacher.page.get_by_role("combobox", name="Question").click()
    teacher.page.get_by_role("option", name="3. A few large values").click()
    pose(teacher)
    ada.page.locator(".ql-student [type=radio]").nth(0).check()
    ada.page.get_by_role("button", name="Send").click()
    teacher.page.get_by_text("1 of 1 have answered").wait_for()
    teacher.page.get_by_role("button", name="Close the vote").click()
    teacher.page.get_by_role("button", name="Vote again").click()
    ada.page.get_by_text("Second vote").wait_for()
    ada.page.locator(".ql-student [type=radio]").nth(2).check()
    ada.page.get_by_role("button", name="Send").click()
    teacher.page.get_by_text("Second vote: 1 of 1").wait_for()
    teacher.page.get_by_role("button", name="Reveal").click()
    teacher.page.locator(".ql-changes").wait_for()
    assert teacher.page.locator(".ql-changes td").all_inner_texts() == ["0", "0", "1", "0", "0", "0", "0", "0", "0"]


def test_a_drawn_prediction_is_one_of_the_cloud(new_lab, teacher):
    ada = student(new_lab, teacher, "Ada")
    teacher.page.get_by_role("combobox", name="Question").click()
    teacher.page.get_by_role("option", name="4. Does the rule hold at all?").click()
    pose(teacher)
    ada.page.locator(".ql-draw svg").scroll_into_view_if_needed()
    box = ada.page.locator(".ql-draw svg").bounding_box()
    ada.page.mouse.move(box["x"] + 0.2 * box["width"], box["y"] + 0.5 * box["height"])
    ada.page.mouse.down()
    ada.page.mouse.move(box["x"] + 0.9 * box["width"], box["y"] + 0.2 * box["height"])
    ada.page.mouse.up()
    ada.page.get_by_role("button", name="Send").click()
    teacher.page.get_by_text("1 of 1 have answered").wait_for()
    teacher.page.get_by_role("button", name="Reveal").click()
    teacher.page.locator(".ql-draw path.cloud").wait_for()
    assert teacher.page.locator(".ql-draw path.truth").count() == 1
    ada.page.locator(".ql-draw path.truth").wait_for()


def test_marks_of_many_stand_over_their_place(new_lab, teacher):
    ada = student(new_lab, teacher, "Ada")
    lesson = teacher.page.get_by_role("combobox", name="Lesson")
    lesson.click()
    lesson.press_sequentially("Rounding and")  # a long list is searched
    teacher.page.get_by_role("option", name="Rounding and clipping").click()
    teacher.page.wait_for_function("[...document.querySelectorAll('input')].some(e => e.value.startsWith('1. What a smaller range'))")
    teacher.page.get_by_role("combobox", name="Question").click()
    teacher.page.get_by_role("option", name="2. Where the two parts balance").click()
    pose(teacher)
    ada.page.get_by_role("slider", name="end of the range").press("PageDown")
    ada.page.get_by_role("button", name="Send").click()
    teacher.page.get_by_text("1 of 1 have answered").wait_for()
    teacher.page.get_by_role("button", name="Reveal").click()
    teacher.page.locator(".ql-mark path.cloud").wait_for()
    assert teacher.page.locator(".ql-mark path.truth").count() == 1


def test_students_on_their_own_answer_in_the_lessons(new_lab, teacher):
    teacher.page.get_by_role("button", name="For the teacher alone").click()
    teacher.page.get_by_text("Each on their own").click()
    teacher.page.get_by_role("button", name="Offer this lesson").click()
    ada = student_on_own(new_lab, teacher)
    ada.page.get_by_role("button", name="The step, the range").click()
    ada.page.get_by_label("Your number").fill("8")
    ada.page.get_by_role("button", name="That is what I expect").click()
    ada.page.get_by_text("you said 8").wait_for()
    teacher.page.get_by_test_id("stDataFrame").wait_for()  # of the questions that were answered
    state = json.load(urllib.request.urlopen(f"{ada.url}/ql/class/{teacher.code}/state"))
    assert state["offered"] == ["step-and-range"] and not ada.crashed()


def student_on_own(new_lab, teacher):
    lab = new_lab(390, 844)
    lab.page.goto(f"{lab.url}/c/{teacher.code}")
    lab.page.get_by_role("button", name="Join the class").click()
    lab.page.get_by_role("button", name="The step, the range").wait_for()
    lab.page.wait_for_function("localStorage.getItem('quantlab:class') !== null")
    return lab


def test_a_wrong_code_is_said_and_another_can_be_typed(lab):
    lab.page.goto(f"{lab.url}/learn?part=class&code=BBBBB")
    lab.page.get_by_text("There is no class BBBBB").wait_for()
    lab.page.get_by_role("button", name="Another class").click()
    lab.page.get_by_label("Code of the class").fill("nonsense")
    lab.page.get_by_role("button", name="To the class").click()
    lab.page.get_by_text("A class has a code of 5 letters").wait_for()


def test_no_truth_is_in_what_a_browser_gets():
    for lesson in LESSONS.values():
        for step in lesson.steps:
            if step.question:
                assert description_of(step).keys() <= {
                    "kind",
                    "title",
                    "options",
                    "name",
                    "unit",
                    "labels",
                    "axis",
                    "counts",
                    "count",
                    "mirrored",
                }
    assert "15" not in json.dumps(description_of(STEP))
