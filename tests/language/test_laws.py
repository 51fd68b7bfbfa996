"""What must be true of the forward pass and of every method, on the shipped models."""

import numpy as np
import pytest

from quantlab.grouping import per_group
from quantlab.language.awq import ALPHAS, channel_scale, curve, scaled
from quantlab.language.calibration import calibrate, output_error
from quantlab.language.evaluation import Conditions, scores
from quantlab.language.few_bits import FewBits, Rounding
from quantlab.language.gptq import DAMPING, gptq, grid_of, rounded
from quantlab.language.methods import METHODS
from quantlab.language.model import Cache, forward, generate
from quantlab.language.quantized import Plan, quantized
from quantlab.language.rotation import rotate, smooth
from quantlab.language.shipped import CONFIGS, load, tokens_of
from quantlab.language.texts import held_out, paragraphs, training, words_of
from quantlab.progress import finish
from quantlab.quantizer import fake_quantize
from quantlab.types import QuantSpec

SPEC = QuantSpec("int-asymmetric", bits=3, granularity=per_group(64))
TOKENS = tokens_of("test", 512)


@pytest.fixture(scope="module")
def model():
    return load("large")


@pytest.fixture(scope="module")
def seen(model):
    return finish(calibrate(model, tokens_of("calibration", 2048)))


def test_numpy_gives_the_logits_of_the_training_in_torch(model):
    torch = pytest.importorskip("torch")
    from quantlab.language.engine.train import logits_of

    weights = {name: torch.from_numpy(w.copy()) for name, w in model.weights.items()}
    ours, tokens = forward(model, TOKENS[None, :256]), torch.from_numpy(TOKENS[None, :256])
    np.testing.assert_allclose(ours, logits_of(model.config, weights, tokens).numpy(), rtol=0, atol=5e-5)  # of logits of 25
    exact = logits_of(model.config, {name: w.double() for name, w in weights.items()}, tokens).numpy()
    assert np.abs(ours - exact).max() <= 1.2e-6 * np.abs(exact).max()


def test_numpy_gives_the_logits_of_transformers(model):
    transformers = pytest.importorskip("transformers")
    from quantlab.networks.engine._torchvision import torchvision

    torchvision()  # transformers imports it, which this makes possible with any build of torch
    import torch

    from quantlab.language.shipped import folder_of

    theirs = transformers.LlamaForCausalLM.from_pretrained(folder_of("large"), dtype=torch.float32)
    ours, tokens = forward(model, TOKENS[None, :256]), torch.from_numpy(TOKENS[None, :256])
    np.testing.assert_allclose(ours, theirs(tokens).logits.detach().numpy(), rtol=0, atol=1.5e-4)  # its angles are in float32

    def exact(x, position_ids):
        half = model.config.head // 2
        angles = position_ids[:, :, None].double() * model.config.theta ** (-torch.arange(half, dtype=torch.float64) / half)
        angles = torch.cat([angles, angles], -1)
        return angles.cos().to(x.dtype), angles.sin().to(x.dtype)

    theirs.model.rotary_emb.forward = exact
    np.testing.assert_allclose(ours, theirs(tokens).logits.detach().numpy(), rtol=0, atol=5e-5)


def test_the_cache_changes_nothing(model):
    cache, whole = Cache(), forward(model, TOKENS[None, :60])
    parts = [forward(model, TOKENS[None, a:b], cache=cache) for a, b in ((0, 20), (20, 21), (21, 60))]
    np.testing.assert_allclose(np.concatenate(parts, axis=1), whole, atol=1e-4)


def test_no_token_sees_a_later_one(model):
    other = TOKENS[:80].copy()
    other[50:] = 65
    for hooks in (None, Rounding(FewBits(keys=4, values=4, by="channel")), Rounding(FewBits(activations=4))):
        np.testing.assert_allclose(forward(model, other[None], hooks)[0, :50], forward(model, TOKENS[None, :80], hooks)[0, :50], atol=1e-4)


@pytest.mark.parametrize("by", ["token", "channel"])
def test_a_cache_that_is_not_quantized_changes_nothing_and_few_bits_more_than_many(model, by):
    exact = forward(model, TOKENS[None, :128])
    np.testing.assert_array_equal(forward(model, TOKENS[None, :128], Rounding(FewBits(by=by))), exact)
    errors = [np.abs(forward(model, TOKENS[None, :128], Rounding(FewBits(keys=b, values=b, by=by))) - exact).mean() for b in (2, 4, 8, 12)]
    assert errors == sorted(errors, reverse=True) and errors[-1] < 0.01


@pytest.mark.parametrize("change", ["rotate", "smooth"])
def test_a_rotation_and_smoothquant_leave_the_float_logits(model, seen, change):
    changed = rotate(model) if change == "rotate" else smooth(model, seen)
    assert not np.allclose(changed.linear(0, "q"), model.linear(0, "q"))
    np.testing.assert_allclose(forward(changed, TOKENS[None, :128]), forward(model, TOKENS[None, :128]), atol=5e-4)


def test_gptq_is_the_closed_form_on_a_tiny_layer():
    rng = np.random.default_rng(0)
    weight, x = rng.normal(size=(5, 6)), rng.normal(size=(6, 40)) + rng.normal(size=(1, 40))
    moments, spec = x @ x.T / 40, QuantSpec("int-asymmetric", bits=2, granularity=per_group(3))
    grid, now = grid_of(weight, spec), weight.copy()
    h = 2 * moments + DAMPING * 2 * np.trace(moments) / 6 * np.eye(6)
    for k in range(6):  # the free columns' least-squares answer once column k moved, by solving instead of a factor
        level = grid.nearest(now[:, k : k + 1], slice(k, k + 1))[:, 0]
        move = level - now[:, k]
        now[:, k] = level
        if k < 5:
            now[:, k + 1 :] -= np.outer(move, np.linalg.solve(h[k + 1 :, k + 1 :], h[k + 1 :, k]))
    np.testing.assert_allclose(rounded(weight, grid, moments), now, atol=1e-9)


def test_gptq_never_moves_an_output_more_than_nearest(model, seen):
    for kind, place in (("q", "attention"), ("down", "inner")):
        weight, moments = model.linear(1, kind), seen[1, place].moments
        ours, nearest = (output_error(weight - w, moments) for w in (gptq(weight, SPEC, moments), fake_quantize(weight, SPEC)))
        assert (ours <= nearest * (1 + 1e-5)).all() and ours.sum() < 0.8 * nearest.sum()


def test_awq_without_a_scale_is_nearest_and_its_best_is_no_worse(model, seen):
    weight = model.linear(1, "gate")
    np.testing.assert_array_equal(scaled(weight, SPEC, channel_scale(seen[1, "mlp"].mean, 0.0)), fake_quantize(weight, SPEC))
    errors = curve([weight], SPEC, seen[1, "mlp"])
    assert ALPHAS[0] == 0 and errors.min() <= errors[0]


@pytest.mark.parametrize("slug", METHODS)
def test_more_bits_of_a_method_diverge_less(model, seen, slug):
    conditions = Conditions("test", 512)
    _, exact = finish(scores(model, TOKENS, conditions))
    stops = (METHODS[slug].stops[0], METHODS[slug].stops[-1])
    few, many = (finish(scores(quantized(model, Plan(slug, stop), seen), TOKENS, conditions, exact))[0].divergence.value for stop in stops)
    assert 0 <= many < few


def test_sixteen_bits_change_nothing(model):
    conditions = Conditions("test", 512)
    found, exact = finish(scores(model, TOKENS, conditions))
    again, _ = finish(scores(quantized(model, Plan(stop="16")), TOKENS, conditions, exact))
    assert again.perplexity == found.perplexity and again.divergence.value == 0 and again.same_top == 1


def test_perplexity_is_that_of_one_window_by_hand(model):
    found, _ = finish(scores(model, TOKENS[:100], Conditions("test", 100)))
    logits = forward(model, TOKENS[None, :99])[0].astype(np.float64)
    shares = np.exp(logits - np.log(np.exp(logits).sum(axis=1, keepdims=True)))
    assert np.isclose(found.perplexity, np.exp(-np.log(shares[np.arange(99), TOKENS[1:100]]).mean()), rtol=1e-5)


@pytest.mark.parametrize("context, stride", [(64, 64), (64, 32), (32, 1), (256, 100)])
def test_every_token_but_the_first_is_scored_once(model, context, stride):
    found, _ = finish(scores(model, TOKENS[:150], Conditions("test", 150, context, stride)))
    assert len(found.right) == 149


def test_held_out_texts_share_no_paragraph_with_what_was_learnt():
    known = [{words_of(part) for part in paragraphs(text)} for text in (training(), held_out("calibration"), held_out("test"))]
    assert not known[0] & known[1] and not known[0] & known[2] and not known[1] & known[2]


@pytest.mark.parametrize("name", CONFIGS)
def test_a_shipped_model_has_the_shapes_of_its_config(name):
    model = load(name)
    assert {key: w.shape for key, w in model.weights.items()} == model.config.shapes()
    assert sum(w.size for w in model.weights.values()) == model.config.weights


def test_what_cannot_be_generated_is_told(model):
    with pytest.raises(ValueError, match="empty"):
        next(generate(model, [], 4))
    with pytest.raises(ValueError, match="shorten"):
        next(generate(model, [65] * 256, 4))
    with pytest.raises(ValueError, match="own tokenizer"):
        forward(model, np.array([[256]]))
    assert len(list(generate(model, [65] * 250, 40))) == 6
