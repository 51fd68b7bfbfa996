"""The command line: its commands, the sentence that a wrong word gets, and the table of a sweep."""

import csv
import json
import subprocess
import sys

import numpy as np
import pytest

import quantlab as ql
from quantlab.cli import COMMANDS, main, sweep


@pytest.fixture
def weights(tmp_path):
    path = tmp_path / "w.npy"
    np.save(path, np.random.default_rng(0).standard_normal((4, 64)).astype(np.float32))
    return path


def status(*words) -> int:
    """The exit status, however the command ends."""
    try:
        return main([str(word) for word in words])
    except SystemExit as end:
        return int(end.code or 0)


def test_the_version_is_the_packages(capsys):
    assert status("--version") == 0
    assert capsys.readouterr().out == f"quantlab {ql.__version__}\n"


def test_help_names_every_command(capsys):
    assert status("--help") == 0
    shown = capsys.readouterr().out
    assert all(f"\n    {name} " in shown for name in COMMANDS)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_has_a_help_of_its_own(name, capsys):
    assert status(name, "--help") == 0
    assert capsys.readouterr().out.startswith(f"usage: quantlab {name} ")


def test_a_file_alone_is_swept(weights, capsys):
    assert status(weights, "--bits", "2-4") == 0
    short = capsys.readouterr().out
    assert status("sweep", weights, "--bits", "2-4") == 0
    assert capsys.readouterr().out == short
    assert [line.split()[0] for line in short.splitlines()] == ["bits", "2", "3", "4"]


def test_options_may_stand_before_the_file(weights, capsys):
    assert status("--bits", "4", weights) == 0
    assert capsys.readouterr().out.splitlines()[1].split()[0] == "4"


def test_the_csv_holds_the_numbers_of_the_core(weights, tmp_path, capsys):
    target = tmp_path / "out.csv"
    assert status("sweep", weights, "--granularity", "group-32", "--bits", "3", "--csv", target) == 0
    row = next(csv.DictReader(target.open(newline="", encoding="utf-8")))
    swept = ql.sweep(np.load(weights), ql.QuantSpec("int-symmetric", granularity=ql.per_group(32)), values=[3])
    assert {name: float(row[name]) for name in row if name != "bits"} == pytest.approx(swept.points[0].metrics, nan_ok=True)


@pytest.mark.parametrize(
    ("words", "sentence"),
    [
        ([], "no command is given"),
        (["doctr"], "'doctr' is neither a command nor a file"),
        (["absent.npy"], "absent.npy: "),
        (["w.npy", "--granularity", "grp"], "granularity 'grp' is unknown; write tensor, channel-0, token, group-64 or block-16x16"),
        (["w.npy", "--bits", "9x"], "'9x' is no bit width; write one such as 4, or a range such as 2-8"),
        (["w.npy", "--bits", "5-2"], "'5-2' is no bit width"),
        (["w.npy", "--knob", "mu"], "'mu' sets nothing; write NAME=VALUE such as mu=100"),
        (["w.npy", "--knob", "mu=1"], "mu"),
        (["w.npy", "--scheme", "int-sym"], "choose from"),
        (["w.npy", "--widths", "4"], "'--widths' is unknown"),
        (["app", "--port", "http"], "'http' is no port; write a number from 1 to 65535"),
        (["app", "--port", "70000"], "'70000' is no port"),
        (["app", "--prot", "80"], "'--prot' is unknown"),
        (["app", "lab"], "'lab' is unknown"),
        (["doctor", "now"], "'now' is unknown"),
    ],
    ids=lambda value: " ".join(value) or "nothing" if isinstance(value, list) else "",
)
def test_what_is_asked_wrongly_gets_one_sentence_and_status_2(words, sentence, weights, monkeypatch, capsys):
    monkeypatch.chdir(weights.parent)
    assert status(*words) == 2
    shown = capsys.readouterr()
    assert shown.out == "" and shown.err.startswith("quantlab") and shown.err.count("\n") == 1
    assert sentence in shown.err


def test_an_interrupt_ends_quietly(weights, monkeypatch, capsys):
    def interrupt(*_):
        raise KeyboardInterrupt

    monkeypatch.setattr(sweep, "sweep_steps", interrupt)
    assert status("sweep", weights) == 130
    assert "Traceback" not in capsys.readouterr().err


def test_the_module_is_the_same_command(weights):
    done = subprocess.run([sys.executable, "-m", "quantlab", str(weights), "--bits", "4"], capture_output=True, text=True)
    assert done.returncode == 0 and done.stdout.splitlines()[1].split()[0] == "4"
    assert subprocess.run([sys.executable, "-m", "quantlab", "doctr"], capture_output=True).returncode == 2


@pytest.fixture
def two(tmp_path):
    path = tmp_path / "two.npz"
    rng = np.random.default_rng(0)
    np.savez(path, first=rng.standard_normal((4, 64)).astype(np.float32), second=rng.standard_normal(50).astype(np.float32))
    return path


def test_the_tensors_of_a_file_are_listed(two, capsys):
    assert status("sweep", two, "--list", "--format", "json") == 0
    listed = json.loads(capsys.readouterr().out)
    assert [(row["tensor"], row["shape"], row["dtype"]) for row in listed] == [("first", "4x64", "float32"), ("second", "50", "float32")]


def test_all_tensors_are_swept_in_one_table(two, capsys):
    assert status("sweep", two, "--tensor", "all", "--bits", "3-4", "--format", "csv") == 0
    rows = list(csv.DictReader(capsys.readouterr().out.splitlines()))
    assert [(row["tensor"], row["bits"]) for row in rows] == [("first", "3"), ("first", "4"), ("second", "3"), ("second", "4")]


@pytest.mark.parametrize("form", ["text", "csv", "json", "markdown"])
def test_all_schemes_are_compared_in_every_form(form, weights, capsys):
    assert status("sweep", weights, "--scheme", "all", "--bits", "4", "--target", "18", "--format", form) == 0
    shown = capsys.readouterr().out
    assert all(slug in shown for slug, scheme in ql.SCHEMES.items() if 4 in scheme.bits_allowed({}))
    if form == "json":
        rows = json.loads(shown)
        best = next(row for row in rows if row["cheapest"])
        assert best["sqnr_db"] >= 18 and not [
            row for row in rows if row["sqnr_db"] >= 18 and row["bits_per_value"] < best["bits_per_value"]
        ]
    if form == "text":
        assert shown.rstrip().splitlines()[-1].startswith("Cheapest that reaches 18 dB: ")


def test_what_is_for_one_scheme_is_refused_beside_all(weights, capsys):
    assert status("sweep", weights, "--scheme", "all", "--calibrator", "mse") == 2
    assert "calibrator is for one scheme" in capsys.readouterr().err


def test_a_scalar_is_said_sensibly(tmp_path, capsys):
    np.save(tmp_path / "s.npy", np.float32(0.3))
    assert status("sweep", tmp_path / "s.npy", "--bits", "4") == 0
    shown = capsys.readouterr().out
    assert "inf" not in shown and "At 4 bits: no error; 4 bits of code and 32 for the scale, for each of 1 value." in shown
