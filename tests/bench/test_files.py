"""What is brought: pictures and their labels, slices, image-to-image models, and runs that are limited."""

from __future__ import annotations

import io
import zipfile
from functools import partial

import numpy as np
import onnx
import pytest
from PIL import Image
from skimage.metrics import peak_signal_noise_ratio, structural_similarity

from quantlab.bench.blackbox import Answers, pictures
from quantlab.bench.files import of_files
from quantlab.bench.limited import limited
from quantlab.bench.model import Model, read_model
from quantlab.bench.pictures import picture_examples
from quantlab.bench.report import report_steps
from quantlab.bench.subject import examples_of
from quantlab.bench.targets import target
from quantlab.progress import Steps, finish
from quantlab.workers.slot import WorkerLost


def convolution(channels: int = 3, out: int = 3, free: bool = False) -> bytes:
    """A convolution of 3 x 3 over pictures of 8 x 12."""
    helper, kind = onnx.helper, onnx.TensorProto.FLOAT
    weight = np.random.default_rng(0).normal(0, 0.1, (out, channels, 3, 3)).astype(np.float32)
    weight[range(out), np.arange(out) % channels, 1, 1] += 1
    graph = helper.make_graph(
        [helper.make_node("Conv", ["x", "w"], ["y"], pads=[1] * 4, name="conv")],
        "g",
        [helper.make_tensor_value_info("x", kind, ["N", channels, *(("H", "W") if free else (8, 12))])],
        [helper.make_tensor_value_info("y", kind, ["N", out, *(("H", "W") if free else (8, 12))])],
        [onnx.numpy_helper.from_array(weight, "w")],
    )
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9).SerializeToString()


def zipped(files: dict[str, bytes]) -> bytes:
    content = io.BytesIO()
    with zipfile.ZipFile(content, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return content.getvalue()


def picture(value: int, size: tuple[int, int] = (24, 16)) -> bytes:
    content = io.BytesIO()
    Image.new("RGB", size, (value, 0, 255 - value)).save(content, "PNG")
    return content.getvalue()


@pytest.fixture(scope="module")
def model() -> Model:
    return read_model("m.onnx", convolution())


def test_folders_are_classes_and_pixels_are_as_the_model_reads_them(model: Model) -> None:
    content = zipped({f"{'ab'[i % 2]}/{i}.png": picture(10 * i) for i in range(12)})
    for pixels, by, less in (("unit", 255, 0), ("symmetric", 127.5, 1), ("bytes", 1, 0)):
        examples = picture_examples("p.zip", content, model, pixels)
        assert examples.x.shape == (12, 3, 8, 12) and examples.x.dtype == np.float32
        reds = {float(x[0, 0, 0]): int(y) for x, y in zip(examples.x, examples.truth, strict=True)}
        for i in range(12):
            (near,) = [y for red, y in reds.items() if abs(red - (10 * i / by - less)) < 1e-4]
            assert near == i % 2
    assert len(set(examples.truth[:4].tolist())) == 2  # not in the order of the folders: the first third calibrates


def test_a_table_gives_labels_slices_and_targets(model: Model) -> None:
    files = {f"{i}.png": picture(10 * i) for i in range(12)}
    table = "file,label,slice\n" + "".join(f"{i}.png,{i},{'dark' if i < 6 else 'bright'}\n" for i in range(12))
    examples = picture_examples("p.zip", zipped(files | {"labels.csv": table.encode()}), model, "bytes")
    assert examples.slices is not None
    for x, y, part in zip(examples.x, examples.truth, examples.slices, strict=True):
        assert x[0, 0, 0] == 10 * y and part == ("dark" if y < 6 else "bright")
    table = "".join(f"{i}.png,{i}.5\n" for i in range(12))
    assert picture_examples("p.zip", zipped(files | {"labels.csv": table.encode()}), model, "unit").truth.shape == (12, 1)


@pytest.mark.parametrize(
    ("files", "said"),
    [
        ({"a.txt": b"nothing"}, "holds no picture"),
        ({"1.png": picture(1)}, "lies in no folder"),
        ({"1.png": picture(1), "labels.csv": b"2.png,1\n3.png,1"}, "names no picture"),
        ({"1.png": picture(1), "labels.csv": b"1.png,cat"}, "is no number"),
        ({"1.png": picture(1), "labels.csv": b"file,label\n"}, "has no line"),
        ({"1.png": picture(1), "labels.csv": b"\xff\xfe\x00"}, "no table in UTF-8"),
        ({"1.png": picture(1), "a.csv": b"", "b.csv": b""}, "holds 2 tables"),
        ({"a/1.png": picture(1), "b/2.png": picture(2)}, "too little"),
        ({"../1.png": picture(1)}, "leads out"),
        ({"a/1.png": b"\x89PNG\r\n\x1a\nbroken"}, "1.png"),
    ],
)
def test_pictures_that_cannot_be_used_are_refused_in_one_sentence(files: dict[str, bytes], said: str, model: Model) -> None:
    with pytest.raises(ValueError, match=said) as refused:
        picture_examples("p.zip", zipped(files), model, "unit")
    assert "\n" not in str(refused.value)


def test_a_model_of_no_pictures_is_told_from_one_of_a_free_size() -> None:
    content = zipped({f"{'ab'[i % 2]}/{i}.png": picture(10 * i) for i in range(12)})
    free = read_model("m.onnx", convolution(free=True))
    assert picture_examples("p.zip", content, free, "unit").x.shape == (12, 3, 16, 24)
    with pytest.raises(ValueError, match="reads no pictures"):
        picture_examples("p.zip", content, read_model("m.onnx", convolution(channels=2)), "unit")


def test_an_image_to_image_model_has_psnr_and_ssim_as_scikit_image_gives_them() -> None:
    rng = np.random.default_rng(0)
    x = rng.random((30, 3, 8, 12), dtype=np.float32)
    data = io.BytesIO()
    np.savez(data, x=x, y=x)
    subject = of_files(("m.onnx", convolution()), ("d.npz", data.getvalue()))
    report = finish(report_steps(subject, [target("psnr=5"), target("ssim=10%")]))
    assert [v["met"] for v in report["targets"]] == [True, True]
    measures = report["measures"]
    assert measures["psnr"] == pytest.approx(measures["psnr_float"], abs=1) and "top1" not in measures
    truth, outputs = x[:4], (x[:4] + rng.normal(0, 0.1, x[:4].shape)).astype(np.float32)
    found, span = pictures(Answers(truth, outputs, truth)), float(np.ptp(truth))
    pairs = list(zip(truth, outputs, strict=True))
    assert found["psnr"] == pytest.approx(np.mean([peak_signal_noise_ratio(t, o, data_range=span) for t, o in pairs]), rel=1e-5)
    wanted = np.mean([structural_similarity(t, o, data_range=span, channel_axis=0) for t, o in pairs])
    assert found["ssim"] == pytest.approx(wanted, rel=1e-4)


def test_damage_of_a_slice_is_that_of_its_examples() -> None:
    exact, truth = np.eye(4, dtype=np.float32)[[0, 1, 2, 3]], np.arange(4)
    quantized = np.eye(4, dtype=np.float32)[[0, 1, 0, 0]]
    rows = Answers(exact, quantized, truth, slices=np.array(["day", "day", "night", "night"])).by_slice()
    assert rows == [("night", 2, 1.0, 0.0), ("day", 2, 1.0, 1.0)]
    with pytest.raises(ValueError, match="one whole number an example"):
        examples_of({"x": np.zeros((20, 4), np.float32), "y": np.zeros(20, int), "slice": np.zeros(20)})


@pytest.mark.parametrize(
    ("problem", "said"),
    [
        (MemoryError("this needs more than the 4.0 GB that a worker may hold"), "does not fit into memory"),
        (WorkerLost("ended from outside"), "ended the process that ran it"),
        (TimeoutError("it takes more"), "took more than 9 seconds"),
    ],
)
def test_too_much_of_a_worker_is_refused_in_one_sentence(problem: Exception, said: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """That a worker raises these is tested with the workers."""

    def steps(*given: object) -> Steps[int]:
        yield 0, 1
        raise problem

    monkeypatch.setattr("quantlab.workers.steps", steps)
    with pytest.raises(ValueError, match=said) as refused:
        finish(limited(partial(steps), seconds=9))
    assert "\n" not in str(refused.value)
