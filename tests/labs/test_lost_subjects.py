"""Where what a person chose cannot be looked at, is it said what is shown in its place? And is a single number a tensor?"""

import numpy as np
import pytest
from safetensors.numpy import save_file

import quantlab as ql
from quantlab.labs.catalog import LABS
from quantlab.schemes import SCHEMES
from quantlab.sources.uploads import UPLOADS
from tests.steps import drained

WITH_A_FILE = {"tensor": "upload", "image": "upload", "audio": "upload", "cnn": "zip", "integer": "onnx", "model": "upload"}


@pytest.mark.parametrize("slug, source", WITH_A_FILE.items())
@pytest.mark.parametrize("file", ["", "feed"])
def test_a_missing_file_is_told_with_what_is_shown_instead(slug, source, file):
    lab = LABS[slug]
    (problem,) = lab.read({"source": source, "file": file}).problems
    assert problem.endswith(f". Shown instead: {lab.table.default_subject().title}.")


def test_the_last_file_is_named_where_another_is_refused():
    content = np.lib.format.magic(1, 0) + b"nonsense"
    good = LABS["tensor"].read({"source": "upload", "file": UPLOADS.add("w.csv", b"1,2\n3,4\n")})
    address = LABS["tensor"].table.read({"source": "upload", "file": UPLOADS.add("bad.npy", content)}, good.subject)
    assert not good.problems and address.problems[0].endswith("Shown instead: 'w.csv'.")


@pytest.fixture
def counter(tmp_path):
    """A file as a network with batch norm saves it: a counter without axes beside a weight."""
    path = tmp_path / "model.safetensors"
    save_file({"bn.num_batches_tracked": np.array(7), "w": np.ones((3, 4), np.float32)}, path)
    return UPLOADS.add(path.name, path.read_bytes())


@pytest.mark.parametrize("more", [{}, {"scheme": "mx"}, {"scheme": "kmeans"}, {"scrub": "outlier"}, {"granularity": "group-64"}])
def test_a_number_without_axes_goes_through_the_tensor_lab(counter, more, tmp_path, monkeypatch, capsys):
    address = LABS["tensor"].read({"source": "upload", "file": counter, "tensor": "bn.num_batches_tracked"} | more)
    assert not address.problems and address.subject.x.shape == (1,)
    result = drained(LABS["tensor"].show(address))[0]
    assert set(result.films) and result.csv()
    monkeypatch.chdir(tmp_path)
    exec(result.program(result.labels[-1]), {})
    assert "bits per value" in capsys.readouterr().out


@pytest.mark.parametrize("slug", SCHEMES)
def test_the_three_verbs_take_a_number_without_axes_and_give_one_back(slug):
    for granularity in (None, ql.per_tensor(), ql.per_channel(0), ql.per_group(4)):
        if granularity is not None and (SCHEMES[slug].block_only or granularity.kind not in SCHEMES[slug].granularities):
            continue
        spec = ql.QuantSpec(slug) if granularity is None else ql.QuantSpec(slug, granularity=granularity)
        x = np.array(0.3, np.float32)
        q = ql.quantize(x, spec)
        assert q.codes.shape == ql.dequantize(q).shape == ql.fake_quantize(x, spec).shape == ()
        assert ql.dequantize(q) == ql.fake_quantize(x, spec) == ql.fake_quantize(x.reshape(1), spec)[0]


def test_a_group_of_a_number_without_axes_is_the_first():
    assert ql.per_group(4).group_at(0, ()) == 0 and ql.per_tensor().group_index(()).shape == ()
