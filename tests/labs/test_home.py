"""Does the home page's program print what its tiles say, and its table hold the same numbers?"""

import subprocess
import sys
from pathlib import Path

import pytest

from quantlab.labs.catalog import LABS
from tests.steps import finished

LAB = LABS["home"]
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def result():
    return finished(LAB.show(LAB.read({})))


def test_the_program_prints_the_numbers_of_the_table(result):
    done = subprocess.run([sys.executable, "-c", result.program("3")], env={"PYTHONPATH": str(ROOT)}, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    bits, sqnr, rule = result.csv().splitlines()[2].split(",")
    assert bits == "3" and done.stdout == f"SQNR {float(sqnr):.1f} dB, by the rule of thumb {float(rule):.1f} dB\n"


def test_it_comes_first_and_its_cards_are_the_other_labs():
    assert next(iter(LABS)) == "home"
    assert all(lab.blurb.endswith((".", "?")) for lab in LABS.values())


def test_every_label_has_its_words(result):
    assert all(f"At **{label} bits**" in result.words(label) for label in result.labels)
