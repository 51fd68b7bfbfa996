"""The course as a static site: every lesson with its questions, its checks and its live pictures, to open from a folder with no server.

Each step is one HTML file that fetches nothing. Texts are the lessons' Markdown without HTML, filled with numbers that are computed
when the site is made; so are the truths and what wrong ideas give, which lie in the file: who looks for the answer there finds it.
"""

from __future__ import annotations

import base64
import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from html import escape
from pathlib import Path
from typing import Any

from markdown_it import MarkdownIt

from quantlab import __version__
from quantlab.export.page import MOST_BYTES, POLICY, STYLE, film_of, json_text, modules_of, web_text
from quantlab.film import kind_of, with_header
from quantlab.learn.lesson import Lesson, Step
from quantlab.learn.marks import picture
from quantlab.learn.measures import MEASURES, evaluate, terms_of
from quantlab.learn.questions import NEAR, Question, axis_of
from quantlab.progress import finish

_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table").disable("image")
_STYLE = """.columns { display: grid; grid-template-columns: minmax(0, 2fr) minmax(0, 3fr); gap: 1.5rem; }
@media (max-width: 50rem) { .columns { grid-template-columns: minmax(0, 1fr); } }
body { max-width: 76rem; }
nav { display: flex; gap: 1rem; flex-wrap: wrap; margin: 1rem 0; }
a { color: var(--st-primary-color); }
form, .choices { display: flex; flex-direction: column; gap: .5rem; align-items: flex-start; margin: .6rem 0; }
form > div { width: 100%; }
label { display: flex; gap: .6rem; align-items: baseline; flex-wrap: wrap; }
input:not([type]), button { font: inherit; color: inherit; background: var(--st-secondary-background-color); padding: .4rem .8rem;
  border: 1px solid var(--st-border-color); border-radius: .5rem; }
button { cursor: pointer; }
button[type=submit] { background: #0072B2; border-color: #0072B2; color: #fff; }
button[aria-pressed=true] { border-color: var(--st-primary-color); font-weight: 650; }
.right, .wrong, .hint { padding: .6rem .8rem; border-radius: .5rem; background: var(--st-secondary-background-color); border-left: 4px solid #D55E00; }
.right { border-left-color: #009E73; }
.hint { border-left-color: #0072B2; }
:is(#bar, .bar) { position: sticky; bottom: 0; background: var(--st-background-color); }
li { margin: .3rem 0; }"""
_SCRIPT = """import { run } from "ql/lesson/step.js";
const place = id => document.getElementById(id);
run({ ask: place("ask"), pictures: place("pictures"), bar: place("bar"), why: place("why") },
  JSON.parse(place("data").textContent), kind => import(`ql/films/${kind}.js`));"""


_WHOLE = """import { run } from "ql/lesson/step.js";
const steps = JSON.parse(document.getElementById("data").textContent), parts = [...document.querySelectorAll("[data-step]")], begun = new Set();
const show = () => {
  const at = Math.min(Math.max(Number(location.hash.slice(1)) || 1, 1), parts.length);
  for (const part of parts) part.hidden = part.dataset.step !== String(at);
  const part = parts[at - 1], data = steps[at - 1], place = name => part.querySelector(`.${name}`);
  if (data && !begun.has(at)) run({ ask: place("ask"), pictures: place("pictures"), bar: place("bar"), why: place("why") }, data, kind => import(`ql/films/${kind}.js`));
  begun.add(at);
  scrollTo(0, 0);
};
addEventListener("hashchange", show);
show();"""


def whole(lesson: Lesson) -> str:
    """A lesson as one file that plays anywhere: its steps one after another, the number of the step behind the address's #.

    ValueError for one whose pictures take more than ``MOST_BYTES``.
    """
    count, parts, data = len(lesson.steps), [], []
    for number, step in enumerate(lesson.steps, start=1):
        data.append(_data(lesson, number))
        before = f'<a href="#{number - 1}">Back</a>' if number > 1 else ""
        after = f'<a href="#{number + 1}">{"Next" if number < count else "To the end"}</a>'
        parts.append(
            f'<div data-step="{number}" hidden><p>Step {number} of {count}</p>{_columns(lesson, number, step, f"<nav>{before} {after}</nav>", "class")}</div>'
        )
    lines = "".join(f"<li>{_inline(line)}</li>" for line in lesson.remember)
    end = f'<div data-step="{count + 1}" hidden><h2>What to remember</h2><ul>{lines}</ul><nav><a href="#{count}">Back</a> <a href="#1">Once more</a></nav></div>'
    text = _page(lesson.title, f"<h1>{escape(lesson.title)}</h1>{''.join(parts)}{end}", data, _modules(data), _WHOLE)
    if len(text) > MOST_BYTES:
        raise ValueError(
            f"the file would have {len(text) / 1e6:.0f} MB, more than {MOST_BYTES / 1e6:.0f}; quantlab publish writes a file for each step"
        )
    return text


def pages(lessons: Mapping[str, Lesson]) -> Iterator[tuple[str, str]]:
    """Every file of the site: its name and its text, the map first."""
    yield "index.html", _index(lessons)
    order = list(lessons.values())
    for place, lesson in enumerate(order):
        following = order[place + 1] if place + 1 < len(order) else None
        for number in range(1, len(lesson.steps) + 1):
            yield _name(lesson, number), _step_page(lesson, number)
        yield _name(lesson, len(lesson.steps) + 1), _end(lesson, following)


def write(lessons: Mapping[str, Lesson], folder: Path) -> Iterator[tuple[Path, int]]:
    """Write the site into a folder; gives each file with its bytes as it is written."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, text in pages(lessons):
        path = folder / name
        path.write_text(text, "utf-8")
        yield path, path.stat().st_size


def _name(lesson: Lesson, number: int) -> str:
    return f"{lesson.slug}-{number}.html"


def _index(lessons: Mapping[str, Lesson]) -> str:
    parts, topic = [], ""
    for lesson in lessons.values():
        if lesson.topic != topic:
            topic = lesson.topic
            parts.append(f"<h2>{escape(topic)}</h2>")
        parts.append(f'<p><a href="{_name(lesson, 1)}">{escape(lesson.title)}</a><br>{escape(lesson.about)}</p>')
    lead = "Each lesson takes about ten minutes. It tells a story, asks what you expect, and shows what happens."
    return _page("Learn to quantize", f"<h1>What do you expect, and why?</h1><p>{lead}</p>{''.join(parts)}")


def _end(lesson: Lesson, following: Lesson | None) -> str:
    onward = f'<a href="{_name(following, 1)}">Next lesson: {escape(following.title)}</a>' if following else ""
    lines = "".join(f"<li>{_inline(line)}</li>" for line in lesson.remember)
    body = (
        f'<h1>{escape(lesson.title)}</h1><h2>What to remember</h2><ul>{lines}</ul><nav>{onward} <a href="index.html">All lessons</a></nav>'
    )
    return _page(lesson.title, body)


def _step_page(lesson: Lesson, number: int) -> str:
    step, count, data = lesson.steps[number - 1], len(lesson.steps), _data(lesson, number)
    before = f'<a href="{_name(lesson, number - 1)}">Back</a>' if number > 1 else ""
    nav = f'<nav>{before} <a href="{_name(lesson, number + 1)}">{"Next" if number < count else "To the end"}</a> <a href="index.html">All lessons</a></nav>'
    body = f"<h1>{escape(lesson.title)}</h1><p>Step {number} of {count}</p>{_columns(lesson, number, step, nav, 'id')}"
    return _page(f"{lesson.title}: {step.title}", body, data, _modules([data]), _SCRIPT)


def _columns(lesson: Lesson, number: int, step: Step, nav: str, named: str) -> str:
    """A step's words beside the place for its pictures. named : the attribute by which the script finds the places."""
    intro = _block(lesson.intro) if number == 1 and lesson.intro else ""
    asked = f"<p><strong>What do you expect?</strong></p>{_block(step.filled(step.question.text))}" if step.question else ""
    return f"""<div class="columns"><div>{intro}<h2>{escape(step.title)}</h2>
{_block(step.filled(step.story))}{asked}<div {named}="ask"></div><div {named}="why" hidden>{_block(step.filled(step.why))}</div>
{nav}
<p>In the app: <code>{escape(step.state.text)}</code></p></div>
<div><div {named}="pictures"></div><div {named}="bar"></div></div></div>"""


def _data(lesson: Lesson, number: int) -> dict[str, Any]:
    """What a step's script reads."""
    step = lesson.steps[number - 1]
    return {
        "key": f"quantlab:site:{lesson.slug}:{number}",
        "question": _question(step.question, step) if step.question else None,
        "scenes": list(_scenes(step)),
        "unlocked": step.unlock == "bits",
    }


def _modules(steps: Sequence[Mapping[str, Any]]) -> list[str]:
    kinds = {kind for data in steps for scene in data["scenes"] for kind, _, _ in scene["films"]}
    return ["lesson/step.js", *sorted(f"films/{kind}.js" for kind in kinds)]


def _scenes(step: Step) -> Iterator[dict[str, Any]]:
    """What stands in the step: one state with its slider, or one for each value to choose."""
    group = "step"
    for value in step.choices or ("",):
        state = step.state.changed(f"{step.unlock}={value}") if value else step.state
        address = state.address()
        result = finish(state.lab.show(address, step.views))
        label, labels = str(address.get("bits", "")), list(result.labels)
        films = [(view, film_of(result, view)) for view in step.views if view in result.films]
        knob = None
        if label in labels:
            knob = {
                "group": group,
                "name": state.lab.table.titled(address, "bits"),
                "labels": labels,
                "index": labels.index(label),
                "help": "",
            }
        title = next((part for part in address.described if part not in step.state.address().described), value)
        yield {
            "title": title,
            "films": [
                [kind_of(film), base64.b64encode(with_header(film, group=group, level=label)).decode(), view in step.hidden]
                for view, film in films
            ],
            "knob": knob,
        }


def _question(question: Question, step: Step) -> dict[str, Any]:
    """What the browser asks, checks and says."""
    truth = question.truth(step.state)
    found: dict[str, Any] = {"kind": question.kind, "options": [], "hints": [], "wrong": [], "truth": truth, "written": "", "within": 0.0}
    found |= {"share": False, "unit": question.unit, "name": question.written_name, "labels": [], "axis": (0.0, 1.0, 1.0), "near": NEAR}
    if question.kind in ("choice", "order"):
        found["options"] = [_inline(step.filled(option.label)) for option in question.options]
        found["hints"] = [_inline(step.filled(option.hint.text)) if option.hint else "" for option in question.options]
    elif question.kind == "number":
        first = terms_of(question.measure)[0][0].partition(" @ ")[0]
        found |= {"written": question.written(truth), "within": question.within, "share": first in MEASURES and MEASURES[first].share}
        found["wrong"] = [(evaluate(expression, step.state), _inline(step.filled(hint.text))) for expression, hint in question.wrong]
    elif question.kind == "mark":
        found |= asdict(picture(question.measure, step.state)) | {"count": len(truth), "within": question.within}
        found["wrong"] = [(wrong, _inline(step.filled(hint.text))) for wrong, hint in question.wrong_places(step.state)]
    else:
        found |= {"labels": list(truth), "axis": axis_of(truth)}
        found["truth"] = [value if math.isfinite(value) else None for value in truth.values()]
    return found


def _block(text: str) -> str:
    return str(_MARKDOWN.render(text))


def _inline(text: str) -> str:
    return str(_MARKDOWN.renderInline(text))


def _page(title: str, body: str, data: object = None, modules: Sequence[str] = (), run: str = "") -> str:
    script = ""
    if data is not None:
        script = (
            f'<script type="importmap">{json_text({"imports": modules_of(tuple(modules))})}</script>'
            f'<script type="application/json" id="data">{json_text(data)}</script><script type="module">{run}</script>'
        )
    return f"""<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta http-equiv="Content-Security-Policy" content="{POLICY}">
<title>{escape(title)}</title>
<style>{STYLE}
{web_text("style.css") if data is not None else ""}
{_STYLE}</style></head>
<body><main>{body}
<footer>QuantLab {escape(__version__)}. Every number was computed when this file was made.</footer></main>
{script}</body></html>
"""
