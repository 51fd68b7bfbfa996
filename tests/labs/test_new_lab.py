"""A lab is one folder and one page: a toy one is added as quantlab/labs/README.md says, and found by everything that lists labs."""

import json
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]

LAB = '''
"""How many levels does a die have?"""

from dataclasses import dataclass

from quantlab.film import Strip, numbers_film, words_film
from quantlab.labs.address import Parameter, Table
from quantlab.labs.forms import Choice, levels
from quantlab.labs.lab import Lab, Try
from quantlab.tasks import Task

SIDES = ("4", "6", "20")


@dataclass(frozen=True)
class DieResult:
    films: dict
    labels: tuple = SIDES
    stage: int = 0

    def words(self, label):
        return f"A die of **{label} sides** falls on each once in {label} throws."

    def program(self, label):
        return f"print(1 / {label})"

    def csv(self):
        return "sides,chance\\n" + "".join(f"{n},{1 / int(n)}\\n" for n in SIDES)


def tasks(address, views):
    def steps():
        yield 0, 1
        tiles = [(address["what"], "Of one side", [f"{1 / int(n):.3f}" for n in SIDES])]
        words = words_film(Strip(SIDES), [f"A die of **{n} sides**" for n in SIDES])
        films = {"numbers": numbers_film(Strip(SIDES), tiles), "words": words}
        return DieResult({view: films[view] for view in views})

    return (Task(("die", address["what"], tuple(views)), steps, "Throwing"),)


LAB = Lab(
    slug="die",
    title="Die",
    icon=":material/casino:",
    question="How many levels does a die have?",
    blurb="A lab of one file.",
    table=Table(
        (
            Parameter("what", "what is shown of a die", Choice({"chance": "chance", "odds": "odds"}), "chance", "What"),
            Parameter("bits", "the sides on the slider", levels(SIDES), "6", "Sides", "bottom"),
        )
    ),
    views={"numbers": "the chance of one side", "words": "what to notice"},
    tasks=tasks,
    tries=(Try("Twenty sides", {"bits": "20"}),),
)
'''

PAGE = """
import streamlit as st

from quantlab.ui import live
from quantlab.ui.page import Page

page = Page("die")
address = page.address()
result = page.result(address)
live.numbers(result.films["numbers"], key="numbers")
page.try_this(result, address["bits"])
page.words(result, address["bits"])
page.take_away(result.program(address["bits"]), result.csv, "die.csv")
page.complete(result)
"""

LOOK = """
import json, sys
import quantlab.labs

quantlab.labs.__path__.append(sys.argv[1] + "/labs")
from streamlit.testing.v1 import AppTest

from quantlab.labs.catalog import LABS
from quantlab.labs.documentation import address_page
from quantlab.progress import finish
from tests.ui.test_pages import program

lab = LABS["die"]
lab.compute_ahead()
app = AppTest.from_file(sys.argv[1] + "/pages/_frame.py", default_timeout=120)
app.query_params["bits"] = "20"
app.query_params["what"] = "nonsense"
app.switch_page("die.py").run()
home = AppTest.from_file(sys.argv[1] + "/pages/_frame.py", default_timeout=120).run()
print(json.dumps({
    "labs": list(LABS),
    "title": [title.value for title in app.title],
    "words": [text.value for text in app.markdown],
    "warnings": [warning.value for warning in app.warning],
    "exceptions": [error.message for error in [*app.exception, *home.exception]],
    "query": {name: value if isinstance(value, str) else value[-1] for name, value in dict(app.query_params).items()},
    "program": program(app),
    "buttons": [button.label for button in app.button],
    "cards": [caption.value for caption in home.caption],
    "documented": "| `what` | `chance` | `chance`, `odds` | what is shown of a die |" in address_page(),
    "shown": sorted(finish(lab.show(lab.read({}), ["numbers"])).films),
}))
"""


@pytest.fixture(scope="module")
def found(tmp_path_factory) -> dict:
    folder = tmp_path_factory.mktemp("toy")
    (folder / "labs" / "die").mkdir(parents=True)
    (folder / "labs" / "die" / "__init__.py").write_text('"""A toy."""\n')
    (folder / "labs" / "die" / "lab.py").write_text(LAB)
    shutil.copytree(ROOT / "pages", folder / "pages")
    (folder / "pages" / "die.py").write_text(PAGE)
    done = subprocess.run([sys.executable, "-c", LOOK, str(folder)], cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.slow
def test_the_registry_finds_a_lab_by_its_folder(found):
    assert found["labs"][0] == "home" and found["labs"][-1] == "die"


def test_its_page_opens_at_an_address(found):
    assert found["exceptions"] == [] and found["title"] == ["How many levels does a die have?"]
    assert "A die of **20 sides** falls on each once in 20 throws." in found["words"]
    assert found["program"] == "print(1 / 20)" and "Twenty sides" in found["buttons"]


def test_what_its_address_cannot_say_is_named_and_left_out(found):
    (warning,) = found["warnings"]
    assert warning.replace("\\", "").startswith("what=nonsense in the address is not supported here")
    assert found["query"] == {"bits": "20"}


def test_home_and_documentation_know_it(found):
    assert "A lab of one file." in found["cards"] and found["documented"] is True


def test_it_shows_one_view_without_a_page(found):
    assert found["shown"] == ["numbers"]
