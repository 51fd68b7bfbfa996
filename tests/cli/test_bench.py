"""The command of the bench: its exit code, its reports, models that onnxruntime quantized, and what it refuses."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnxruntime.quantization import CalibrationDataReader, QuantFormat, QuantType, quantize_static

from quantlab.bench.insertion import Plan
from quantlab.bench.subject import Subject, of_network
from quantlab.cli import bench, main


@pytest.fixture(scope="module")
def subject() -> Subject:
    return of_network("small", Plan(), images=100)


@pytest.fixture(scope="module")
def files(subject: Subject, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a float model, and examples of which the first third calibrates."""
    folder = tmp_path_factory.mktemp("bench")
    (folder / "float.onnx").write_bytes(subject.exact.content)
    x, y = subject.test.x, subject.test.truth
    np.savez(folder / "test.npz", x=x, y=y)
    return folder


def static(folder: Path, subject: Subject, form: QuantFormat, per_channel: bool, activations: QuantType) -> Path:
    """The model as onnxruntime quantizes it."""

    class Reader(CalibrationDataReader):  # type: ignore[misc]  # onnxruntime states no types
        def __init__(self) -> None:
            self.batches = iter([{subject.exact.input.name: subject.calibration[i : i + 10]} for i in range(0, 100, 10)])

        def get_next(self) -> dict[str, np.ndarray] | None:
            return next(self.batches, None)

    path = folder / f"{form}-{per_channel}-{activations}.onnx"
    options = {"quant_format": form, "per_channel": per_channel, "activation_type": activations, "weight_type": QuantType.QInt8}
    quantize_static(str(folder / "float.onnx"), str(path), Reader(), **options)
    return path


def bench_of(folder: Path, *words: object) -> int:
    return main(["bench", str(folder / "float.onnx"), "--data", str(folder / "test.npz"), *map(str, words)])


def test_the_exit_code_is_1_where_a_target_is_missed_and_only_where_it_is_asked_for(
    files: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert bench_of(files, "--target", "size=1%") == 0
    assert "float.onnx: failed" in capsys.readouterr().out
    assert bench_of(files, "--target", "size=1%", "--exit-code") == 1
    assert bench_of(files, "--target", "size=50%", "--exit-code") == 0


def test_reports_are_written_and_compared(files: Path, capsys: pytest.CaptureFixture[str]) -> None:
    before, page = files / "before.json", files / "report.html"
    assert bench_of(files, "--json", before, "--html", page) == 0
    report = json.loads(before.read_text("utf-8"))
    assert report["passed"] and report["provenance"]["plan"]["weights"] == 8
    assert page.read_text("utf-8").startswith("<!doctype html>")
    capsys.readouterr()
    assert bench_of(files, "--weights", "3", "--compare", before) == 0
    said = capsys.readouterr().out
    assert "  top1: " in said and "→" in said and "  new: quality is kept" in said
    np.savez(files / "other.npz", **{name: np.load(files / "test.npz")[name][:60] for name in ("x", "y")})
    assert main(["bench", str(files / "float.onnx"), "--data", str(files / "other.npz"), "--compare", str(before)]) == 2
    assert "different examples" in capsys.readouterr().err


@pytest.mark.parametrize("form", [QuantFormat.QDQ, QuantFormat.QOperator], ids=["QDQ", "QOperator"])
@pytest.mark.parametrize("per_channel", [True, False], ids=["channel", "tensor"])
@pytest.mark.parametrize("activations", [QuantType.QUInt8, QuantType.QInt8], ids=["uint8", "int8"])
def test_a_model_that_onnxruntime_quantized_raises_no_alarm(
    form: QuantFormat, per_channel: bool, activations: QuantType, files: Path, subject: Subject
) -> None:
    path, report = static(files, subject, form, per_channel, activations), files / "static.json"
    assert bench_of(files, "--quantized", path, "--json", report) == 0
    found = json.loads(report.read_text("utf-8"))
    assert not found["findings"]
    assert found["integers"] == (form is QuantFormat.QOperator)
    assert len(found["layers"]) == (0 if found["integers"] else len(subject.layers))


def test_a_fault_in_such_a_model_is_found_at_its_layer(files: Path, subject: Subject) -> None:
    path, report = static(files, subject, QuantFormat.QDQ, True, QuantType.QUInt8), files / "broken.json"
    model = onnx.load(path)
    codes = next(t for t in model.graph.initializer if t.data_type == onnx.TensorProto.INT8 and len(t.dims) == 4 and t.dims[1] > 1)
    array = onnx.numpy_helper.to_array(codes)
    codes.CopyFrom(onnx.numpy_helper.from_array(np.ascontiguousarray(array[::-1]), codes.name))
    onnx.save(model, path)
    assert bench_of(files, "--quantized", path, "--json", report) == 0
    broken = {(f["law"], f["layer"]) for f in json.loads(report.read_text("utf-8"))["findings"]}
    assert ("weights lie within half a step", "conv2") in broken


def test_answers_that_are_no_numbers_are_a_finding_and_the_report_is_still_json(
    files: Path, subject: Subject, capsys: pytest.CaptureFixture[str]
) -> None:
    constants = dict(subject.model.constants)
    name = next(name for name in constants if name.endswith("answer/weight/scale"))
    constants[name] = np.full_like(constants[name], np.nan)
    path, report, page = files / "nan.onnx", files / "nan.json", files / "nan.html"
    path.write_bytes(subject.model.changed(subject.model.proto.graph.node, constants).content)
    words = ("--quantized", path, "--json", report, "--html", page, "--target", "top1=-1pp", "--exit-code")
    assert bench_of(files, *words) == 1
    assert "100.0 % of the quantized model's outputs are NaN or infinite" in capsys.readouterr().out
    found = json.loads(report.read_text("utf-8"), parse_constant=lambda name: pytest.fail(f"{name} is no JSON"))
    assert {"scales are positive", "answers are numbers"} <= {f["law"] for f in found["findings"]}
    assert "nan" not in page.read_text("utf-8").replace("nan.onnx", "")


def test_a_file_that_is_too_large_is_refused_before_it_is_read(
    files: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    large = files / "large.onnx"
    with large.open("wb") as file:
        file.truncate((256 << 20) + 1)
    monkeypatch.setattr(Path, "read_bytes", lambda path: pytest.fail(f"{path} was read"))
    with pytest.raises(ValueError, match="at most 268435456 are read"):
        bench._content(large)
    monkeypatch.undo()
    assert main(["bench", str(large), "--data", str(files / "test.npz")]) == 2
    assert "test a smaller model" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (["absent.onnx"], "needs examples"),
        (["small", "--target", "speed=2"], "is no target"),
        (["small", "--weights", "1"], "choose 2 to 8"),
    ],
)
def test_what_is_asked_wrongly_gets_one_sentence(words: list[str], said: str, capsys: pytest.CaptureFixture[str]) -> None:
    try:
        status = main(["bench", *words])
    except SystemExit as end:
        status = int(end.code or 0)
    assert status == 2
    err = capsys.readouterr().err
    assert said in err and len(err.strip().splitlines()) == 1
