"""Are activations that somebody brings the right matrices' inputs, and is what fits none refused in one sentence?"""

import re

import numpy as np
import pytest

from quantlab.cli import main
from quantlab.model_file import activations
from quantlab.model_file.activations import activations_of
from quantlab.model_file.opening import open_model

X = np.random.default_rng(5).standard_normal((9, 256)).astype(np.float32)


@pytest.fixture
def archive(tmp_path):
    def made(**arrays):
        np.savez(tmp_path / "x.npz", **arrays)
        return open_model(tmp_path / "x.npz")

    return made


def test_arrays_belong_to_the_matrices_of_their_names_with_or_without_weight(files, archive):
    model = open_model(files["safetensors"])
    inputs = activations_of(archive(**{"embed": X, "layers.0.mlp.weight": X[:4]}), model)
    assert np.array_equal(inputs.of("embed.weight"), X) and np.array_equal(inputs.of("layers.0.mlp.weight"), X[:4])
    assert inputs.of("norm.weight") is None
    few = activations_of(archive(embed=X), model, samples=3).of("embed.weight")
    assert np.array_equal(few, X[[0, 4, 8]]), "evenly spaced, the first and the last among them"


@pytest.mark.parametrize(
    ("arrays", "said"),
    [
        ({"other": X}, "no such tensor"),
        ({"*\n<b>": X}, "no such tensor"),
        ({"embed": X[:, :5]}, "bring (samples, 256)"),
        ({"embed": X.T}, "bring (samples, 256)"),
        ({"embed": X[0]}, "bring (samples, 256)"),
        ({"embed": X[:0]}, "one sample or more"),
        ({"embed": X, "embed.weight": X}, "twice"),
        ({"norm.weight": X}, "inputs are for matrices"),
        ({"ids": X}, "inputs are for matrices"),
        ({"embed": X.astype(int)}, "bring them as float32"),
        ({"embed": X.astype(complex)}, "no real number"),
        ({"embed": np.where(X > 2, np.nan, X)}, "NaN or infinite"),
        ({"embed": np.full((1, 256), 1e300)}, "NaN or infinite"),
    ],
    ids=lambda part: part if isinstance(part, str) else None,
)
def test_what_fits_no_matrix_is_refused_in_one_sentence(files, archive, arrays, said):
    with pytest.raises(ValueError, match=re.escape(said)) as problem, np.errstate(all="ignore"):
        activations_of(archive(**arrays), open_model(files["safetensors"])).of("embed.weight")
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".") and len(str(problem.value)) < 400


def test_more_values_than_are_read_are_refused_before_they_are_read(files, archive, monkeypatch):
    monkeypatch.setattr(activations, "MAX_VALUES", 100)
    with pytest.raises(ValueError, match="bring fewer samples"):
        activations_of(archive(embed=X), open_model(files["safetensors"]))


def test_the_command_says_the_same_sentence(files, archive, tmp_path, capsys):
    archive(embed=X[:, :5])
    assert main(["model", str(files["safetensors"]), "--activations", str(tmp_path / "x.npz")]) == 2
    assert "bring (samples, 256)" in capsys.readouterr().err
