"""The course as a static site: whole, safe from what a lesson's file holds, and with the answers that the core computes."""

import json
import re
import subprocess
from html import escape

import pytest

from quantlab.cli import main
from quantlab.export import site
from quantlab.learn.lesson import load

LESSONS, _ = load(check=False)
STEPS = [("step-and-range", number) for number in range(1, 5)] + [("zero-point", 1)]
HOSTILE = """# <script>alert(1)</script> & co
topic: <b>x</b>

A story with <img src=x onerror=alert(1)> and [a link](javascript:alert(1)) and ![a picture](http://x/y.png).

## </title><script>alert(2)</script>
lab: tensor?bits=3
views: words

<iframe src="http://x"></iframe>

### Predict: choice

What?

- <i onclick=alert(3)>one</i> :: sqnr_db > 0 !! </script><script>alert(4)</script>
- two

### Why

Because.

## Remember

- <b>one</b>
- two
- three
"""


def data_of(text: str) -> dict:
    return json.loads(re.search(r'<script type="application/json" id="data">(.*?)</script>', text, re.DOTALL)[1])


@pytest.mark.parametrize("slug, number", STEPS)
def test_a_step_holds_its_truth_and_what_wrong_ideas_give(slug, number):
    step = LESSONS[slug].steps[number - 1]
    data = data_of(site._step_page(LESSONS[slug], number))
    truth = step.question.truth(step.state)
    assert (
        data["question"]["truth"]
        == {"draw": lambda: list(truth.values()), "mark": lambda: list(truth)}.get(step.question.kind, lambda: truth)()
    )
    assert len(data["question"]["wrong"]) == len(step.question.wrong)
    for wrong, hint in data["question"]["wrong"]:
        grade = step.question.grade(step.state, wrong if step.question.kind == "mark" else repr(wrong))
        assert not grade.right and grade.hint is not None and hint
    assert len(data["scenes"]) == max(1, len(step.choices)) and all(scene["films"] for scene in data["scenes"])


def test_the_browser_grades_as_the_core_does(tmp_path):
    """The same answers, by the module under node and by the question itself."""
    asked = []
    for slug, number in STEPS:
        step = LESSONS[slug].steps[number - 1]
        question = site._question(step.question, step)
        answers = {
            "number": ["15", "8", "6,02", "−3", "1/3", "1e2"],
            "choice": [0, 1, 2],
            "order": [],
            "draw": [[20.0] * len(question["labels"])],
            "mark": [[4.0], [2.3], [1.2]],
        }
        fitting = [a for a in answers[step.question.kind] if step.question.kind != "choice" or a < len(step.question.options)]
        asked += [(question, answer, step.question.grade(step.state, answer)) for answer in fitting]
    script = tmp_path / "grade.mjs"
    module = (site.Path(site.__file__).parents[1] / "film/web/lesson/step.js").as_uri()
    pairs = json.dumps([(question, answer) for question, answer, _ in asked])
    script.write_text(
        f'globalThis.document = {{ createElement: () => ({{}}) }}; const {{ grade }} = await import("{module}");'
        f"console.log(JSON.stringify({pairs}.map(([question, answer]) => grade(question, answer))));"
    )
    done = subprocess.run(["node", str(script)], capture_output=True, text=True, check=True)
    for found, (_, _, grade) in zip(json.loads(done.stdout), asked, strict=True):
        assert (found["right"], bool(found["hint"])) == (grade.right, grade.hint is not None)


def test_a_hostile_lesson_is_text(tmp_path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "bad.md").write_text(HOSTILE.replace("![a picture](http://x/y.png)", "no picture"))
    assert main(["publish", "--lessons", str(tmp_path / "in"), "-o", str(tmp_path / "out")]) == 0
    for path in (tmp_path / "out").glob("*.html"):
        text = path.read_text("utf-8")
        body = re.sub(r"<(script)[ >].*?</script>", "", text, flags=re.DOTALL)
        assert "<script" not in body and not re.search(r"<(img|iframe|i|b)\b", body) and 'href="javascript' not in body
        assert text.count("<script") in (0, 3) and "default-src 'none'" in text
    shown = data_of((tmp_path / "out" / "bad-1.html").read_text("utf-8"))
    assert "<" not in "".join([*shown["question"]["options"], *shown["question"]["hints"]])
    assert escape("<script>alert(1)</script>") in (tmp_path / "out" / "index.html").read_text("utf-8")


def test_the_map_leads_to_every_lesson_and_every_link_to_a_file(monkeypatch):
    monkeypatch.setattr(site, "_scenes", lambda step: iter([{"title": "", "films": [], "knob": None}]))
    monkeypatch.setattr(site, "_question", lambda question, step: None)
    files = dict(site.pages({slug: LESSONS[slug] for slug in ("step-and-range", "zero-point")}))
    for text in files.values():
        assert set(re.findall(r'href="([^"]+)"', text)) <= files.keys()
    assert files["index.html"].count("-1.html") == 2


def test_what_cannot_be_published_is_said(tmp_path, capsys):
    assert main(["publish", "-o", str(tmp_path), "--only", "no-such"]) == 2 and "no lesson 'no-such'" in capsys.readouterr().err
    assert main(["publish", "-o", str(tmp_path), "--lessons", str(tmp_path / "none")]) == 2 and "no folder" in capsys.readouterr().err
    (tmp_path / "broken.md").write_text("no title")
    assert main(["publish", "-o", str(tmp_path / "out"), "--lessons", str(tmp_path)]) == 2
    assert "broken, line 1" in capsys.readouterr().err
