"""Errors, totals, rules, budgets and written files, against sums over the whole tensors and against other readers."""

import itertools

import gguf
import numpy as np
import pytest
from safetensors.numpy import save_file

import quantlab as ql
from quantlab.cli import main
from quantlab.labs.model.budget import share_out
from quantlab.model_file.measuring import measure, statistics_of
from quantlab.model_file.opening import open_model
from quantlab.model_file.options import options
from quantlab.model_file.packed import packed_layers
from quantlab.model_file.report import best_at, contents, totals, worst
from quantlab.model_file.rules import chosen, rules_of
from quantlab.model_file.writing import load_part, write_gguf_steps, write_safetensors_steps
from quantlab.progress import finish

ALL = list(options().values())


@pytest.fixture(scope="module")
def model(files):
    return open_model(files["safetensors"])


def test_errors_of_every_option_are_those_of_the_whole_tensor(model, state):
    for name in ("embed.weight", "layers.0.mlp.weight", "norm.weight"):
        x, m = state[name].astype(np.float32), measure(model[name], ALL, sample=None)
        for option in ALL:
            error = ql.fake_quantize(x, option.of(x.shape)).astype(np.float64) - x
            assert m.errors[option.slug] == pytest.approx((error**2).sum(), rel=1e-5), option.slug
            assert option.nbytes(x.shape) == -(-round(ql.quantize(x, option.of(x.shape)).bits_per_value * x.size) // 8)


def test_a_sample_of_rows_foretells_the_whole(tmp_path):
    x = np.random.default_rng(5).standard_normal((1500, 256)).astype(np.float32)
    save_file({"w": x}, tmp_path / "w.safetensors")
    tensor = open_model(tmp_path / "w.safetensors")["w"]
    some, whole = (measure(tensor, ALL, sample=sample) for sample in (1 << 16, None))
    assert some.measured < x.size == whole.measured
    for option in ALL:
        assert some.errors[option.slug] == pytest.approx(whole.errors[option.slug], rel=0.03), option.slug


def test_statistics_joined_from_pieces_are_numpys(model, state):
    s, x = statistics_of(model["layers.0.mlp.weight"]), state["layers.0.mlp.weight"].astype(np.float64)
    assert (s.mean, s.deviation, s.power) == pytest.approx((x.mean(), x.std(), (x**2).sum()))
    assert s.outlier_ratio == pytest.approx(np.abs(x).max() / x.std())


def test_output_errors_are_those_of_the_product(model, state):
    x, w = np.random.default_rng(2).standard_normal((20, 256)).astype(np.float32), state["embed.weight"]
    m = measure(model["embed.weight"], ALL, None, x)
    error = x @ (ql.fake_quantize(w, options()["q4_0"].spec) - w).T
    assert m.outputs["q4_0"] == pytest.approx((error.astype(np.float64) ** 2).sum() / 20, rel=1e-4)
    with pytest.raises(ValueError, match=r"bring \(samples, 256\)"):
        measure(model["embed.weight"], ALL, None, x[:, :5])


def test_values_that_are_not_finite_are_counted_and_the_tensor_is_left(tmp_path):
    save_file({"w": np.array([[1, np.nan, np.inf]], np.float32)}, tmp_path / "w.safetensors")
    assert measure(open_model(tmp_path / "w.safetensors")["w"], ALL).why.startswith("2 of 3 values")


def test_the_first_rule_that_fits_decides_and_what_is_no_weight_is_left(model):
    rules = rules_of("embed: 8 bits, norms: leave, /mlp\\.weight$/: int4-64, rest Q4_K")
    plan = {t.name: (o := chosen(t, rules)) and o.slug for t in model.tensors}
    assert plan == {"embed.weight": "int8-row", "norm.weight": None, "layers.0.mlp.weight": "int4-64", "ids": None}


@pytest.mark.parametrize("text", ["embed", "embed: q9", "/(a+)+/: leave", "/(/: leave", ": q4_k"])
def test_a_rule_that_cannot_be_read_gets_one_sentence(text):
    with pytest.raises(ValueError, match="write"):
        rules_of(text)


def test_totals_best_and_worst_are_sums_and_extremes(model):
    measured = [measure(t, ALL, None) for t in model.tensors]
    plan = {t.name: chosen(t, rules_of("rest: q4_0")) for t in model.tensors}
    t = totals(measured, plan)
    assert t.bytes_after == sum(options()["q4_0"].nbytes(m.tensor.shape) if m.errors else m.tensor.nbytes for m in measured)
    assert t.error == pytest.approx(sum(m.errors["q4_0"] for m in measured if m.errors))
    assert worst(measured, plan)[0][1] == pytest.approx(max(m.errors["q4_0"] for m in measured if m.errors) / t.error)
    m = next(m for m in measured if m.tensor.name == "embed.weight")
    limit = options()["q4_0"].nbytes(m.tensor.shape)
    least = min(e for slug, e in m.errors.items() if options()[slug].nbytes(m.tensor.shape) <= limit)
    assert m.errors[best_at(m, options()["q4_0"], ALL).slug] == least


def test_a_budget_is_the_best_of_all_plans(model):
    some = [options()[slug] for slug in ("int8-row", "q4_0", "int2-32")]
    measured = [measure(t, some, None) for t in model.tensors]
    budget = 14_000
    shared = share_out(measured, some, budget)
    free = [m for m in measured if m.errors]
    fixed = sum(m.tensor.nbytes for m in measured if not m.errors)
    plans = itertools.product([None, *some], repeat=len(free))
    sizes = lambda plan: fixed + sum(o.nbytes(m.tensor.shape) if o else m.tensor.nbytes for m, o in zip(free, plan, strict=True))  # noqa: E731
    best = min(sum(m.errors[o.slug] for m, o in zip(free, p, strict=True) if o) for p in plans if sizes(p) <= budget)
    assert shared.exact and shared.nbytes <= budget and shared.loss == pytest.approx(best)
    with pytest.raises(ValueError, match="are too few"):
        share_out(measured, some, 100)


def test_the_written_safetensors_hold_what_quantize_gives(model, state, tmp_path):
    plan = {t.name: chosen(t, rules_of("norm: leave, embed: int8-tensor, rest: int4-64")) for t in model.tensors}
    path = tmp_path / "out.safetensors"
    size = finish(write_safetensors_steps(model, plan, path))
    for name in ("embed.weight", "layers.0.mlp.weight"):
        x = state[name].astype(np.float32)
        assert np.array_equal(ql.dequantize(load_part(path, f"{name}/0")), ql.fake_quantize(x, plan[name].of(x.shape)))
    back = open_model(path)
    assert np.array_equal(back["norm.weight"].read()[0], state["norm.weight"]) and back["ids"].dtype == "int64"
    assert size < 0.55 * model.nbytes and not list(tmp_path.glob("*.part"))


@pytest.mark.parametrize("kind", [o.ggml for o in options().values() if o.ggml])
def test_the_written_gguf_is_read_back_by_its_own_package(model, state, tmp_path, kind):
    slug = "gguf-mxfp4" if kind == "mxfp4" else kind
    plan = {t.name: chosen(t, rules_of(f"norm: leave, rest: {slug}")) for t in model.tensors}
    path = tmp_path / "out.gguf"
    finish(write_gguf_steps(model, plan, path))
    tensors = {t.name: t for t in gguf.GGUFReader(path).tensors}
    for name in ("embed.weight", "layers.0.mlp.weight"):
        read, x = tensors[name], state[name].astype(np.float32)
        assert read.tensor_type.name == kind.upper()
        assert np.array_equal(gguf.quants.dequantize(read.data, read.tensor_type), ql.fake_quantize(x, options()[slug].spec))
    assert np.array_equal(tensors["norm.weight"].data, state["norm.weight"]) and np.array_equal(tensors["ids"].data, state["ids"])


def test_gguf_refuses_what_it_has_no_type_for(model, tmp_path):
    with pytest.raises(ValueError, match="is no type of GGUF"):
        finish(write_gguf_steps(model, {"embed.weight": options()["nf4-64"]}, tmp_path / "x.gguf"))
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize("method", ["GPTQ", "AWQ"])
def test_packed_layers_are_named_with_their_bits(tmp_path, method):
    inputs, outputs, group = 128, 64, 32
    words = (inputs // 8, outputs) if method == "GPTQ" else (inputs, outputs // 8)
    parts = {"qweight": np.zeros(words, np.int32), "qzeros": np.zeros((inputs // group, outputs // 8), np.int32)}
    parts["scales"] = np.ones((inputs // group, outputs), np.float16)
    save_file({f"l.0.{name}": x for name, x in parts.items()}, tmp_path / "p.safetensors")
    model = open_model(tmp_path / "p.safetensors")
    (layer,) = packed_layers(model)
    assert (layer.kind, layer.values, layer.group_size) == (f"{method}, 4 bits", inputs * outputs, group)
    assert contents(model)[0]["bits_per_value"] == pytest.approx(4 + 16 / group + 4 / group)


def test_the_command_prints_tables_plans_and_writes(files, tmp_path, capsys):
    path = str(files["safetensors"])
    assert main(["model", path, "--rules", "norm: leave, rest: q8_0", "--write", str(tmp_path / "o.gguf")]) == 0
    assert open_model(tmp_path / "o.gguf")["embed.weight"].dtype == "q8_0"
    assert main(["model", str(tmp_path / "o.gguf"), "--contents", "--format", "json"]) == 0
    assert '"type": "q8_0"' in capsys.readouterr().out
    for more in (
        ["--heat", "--format", "csv"],
        ["--bits-per-weight", "5"],
        ["--plan", "torchao"],
        ["--plan", "onnxruntime"],
        ["--sort", "error"],
    ):
        assert main(["model", path, *more]) == 0
    capsys.readouterr()
    for bad, words in ((["--bits-per-weight", "0.1"], "too few"), (["--write", "x.bin"], "neither"), (["--write", path], "names the file")):
        assert main(["model", path, *bad]) == 2
        assert words in capsys.readouterr().err.splitlines()[-1]


def test_rows_are_printed_as_they_are_measured_and_an_interrupt_says_how_far_it_came(files, capsys, monkeypatch, model):
    path = str(files["safetensors"])
    assert main(["model", path]) == 0
    whole = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in whole] == ["tensor", *(t.name for t in model.tensors)]
    calls = iter(range(10))

    def interrupted(*arguments):
        if next(calls) == 2:
            raise KeyboardInterrupt
        return measure(*arguments)

    monkeypatch.setattr("quantlab.cli.model.measure", interrupted)
    assert main(["model", path]) == 130
    shown = capsys.readouterr()
    assert shown.out.splitlines() == whole[:3]
    assert f"Interrupted after 2 of {len(model.tensors)} tensors" in shown.err


def test_a_filter_is_a_row_and_experts_keep_theirs(tmp_path):
    x = np.random.default_rng(7).standard_normal((6, 16, 5, 1)).astype(np.float32)
    save_file({"conv": x, "experts": np.zeros((2, 3, 64), np.float32)}, tmp_path / "c.safetensors")
    model = open_model(tmp_path / "c.safetensors")
    assert model["conv"].layout == (6, 80) and model["experts"].layout == (6, 64)
    flat = x.reshape(6, 80)
    error = ql.fake_quantize(flat, options()["int4-64"].spec).astype(np.float64) - flat
    assert measure(model["conv"], ALL, None).errors["int4-64"] == pytest.approx((error**2).sum(), rel=1e-5)
