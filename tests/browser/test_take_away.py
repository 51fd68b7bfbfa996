"""Does what a person takes away, the program and the table, say what the screen said?"""

import csv
import os
import re
import subprocess
import sys

import numpy as np
import pytest

from ..sources.hostile import npy
from .lab import REPO

STATES = {
    "default": "",
    "groups of 64": "granularity=group-64",
    "each row": "granularity=channel-0&scheme=int-asymmetric&bits=3",
    "nf4": "scheme=nf4&scrub=group&bits=64",
    "E2M1": "scheme=float&bits=E2M1",
    "k-means by Lloyd": "scheme=kmeans&method=lloyd",
    "stochastic": "rounding=stochastic&dice=3",
    "least error": "calibrator=mse&bits=5",
    "percentile": "calibrator=percentile&percentile=99",
    "clip on the slider": "scrub=clip",
    "an outlier on the slider": "source=normal&scrub=outlier",
    "group size on the slider": "scrub=group&width=3",
    "pasted": "source=paste&values=1+2+3.5+-7+0.25+9",
    "a photograph": "source=photo&scheme=mu-law&bits=3",
}


def ran(program: str, folder=REPO) -> str:
    """What the program prints, in a process of its own that knows no more than where quantlab is."""
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=folder, env=os.environ | {"PYTHONPATH": str(REPO)}, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


def plain(text: str) -> str:
    """A tile's number as Python writes it: people read a true minus sign."""
    return text.replace("−", "-")


def check_prints_the_tiles(printed: str, tiles: dict[str, str]) -> None:
    sqnr, mse = re.search(r"SQNR (\S+) dB, MSE (\S+)", printed).groups()
    bits, entropy = re.search(r"(\S+) bits per value, code entropy (\S+) bit", printed).groups()
    assert f"{sqnr} dB" == plain(tiles["SQNR"])
    assert float(mse) == pytest.approx(float(plain(tiles["MSE"])), rel=0.01)
    assert (bits, f"{entropy} bit") == (tiles["Bits per value"], tiles["Code entropy"])


@pytest.mark.parametrize("name", STATES)
def test_the_copied_program_prints_the_numbers_on_the_screen(reader, name):
    lab = reader().show(f"tensor?{STATES[name]}")
    assert lab.says() == []
    check_prints_the_tiles(ran(lab.code()), lab.texts())


def test_the_copy_button_copies_the_program_of_the_level_under_the_thumb(new_lab):
    lab = new_lab(permissions=["clipboard-read", "clipboard-write"]).open()
    lab.slider.press("End")
    lab.settle()
    lab.key("code").get_by_role("button", name="Copy").click()
    lab.key("code").get_by_role("button", name="Copied").wait_for()
    assert lab.page.evaluate("navigator.clipboard.readText()").strip() == lab.code().strip()
    assert "bits=16" in lab.code()


def test_the_program_for_a_file_reads_that_file_where_it_lies(lab, tmp_path):
    x = np.random.default_rng(1).laplace(size=(30, 50)).astype(np.float32)
    x[0, 0] = np.nan
    (tmp_path / "my file's.npy").write_bytes(npy(x))
    lab.open("tensor?source=upload").upload(tmp_path / "my file's.npy")
    lab.choose("1 NaN or infinite values", "Clip them")
    check_prints_the_tiles(ran(lab.code(), tmp_path), lab.texts())


@pytest.mark.parametrize("query", ["", "scheme=float", "scrub=clip"])
def test_the_table_has_a_line_for_every_level_and_the_numbers_of_the_tiles(reader, query):
    lab = reader().show(f"tensor?{query}")
    with lab.page.expect_download() as download:
        lab.page.get_by_role("button", name="Numbers of all levels (CSV)").click()
    with open(download.value.path(), newline="") as file:
        header, *lines = list(csv.reader(file))
    assert download.value.suggested_filename.endswith(".csv")
    assert len(lines) == int(lab.slider.get_attribute("max")) + 1
    assert {len(line) for line in lines} == {len(header)}
    slider = lab.slider
    slider.press("Home")
    for line in lines:
        row = dict(zip(header, line, strict=True))
        lab.painted()
        tiles = lab.texts()
        assert line[0] == lab.level
        assert plain(tiles["SQNR"]) == f"{float(row['sqnr_db']):.1f} dB"
        assert tiles["Bits per value"] == f"{float(row['bits_per_value']):.2f}"
        assert tiles["Code entropy"] == f"{float(row['entropy_bits']):.2f} bit"
        assert float(plain(tiles["MSE"])) == pytest.approx(float(row["mse"]), rel=0.006)
        assert float(plain(tiles["Largest error"])) == pytest.approx(float(row["max_error"]), rel=0.006)
        slider.press("ArrowRight")
