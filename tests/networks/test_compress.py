"""Shrunk networks: the file and what it says, fine-tuning, curvature and distillation against torch and exact answers."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.functional import kl_div

from quantlab.distillation import entropy, paired_gain, softened
from quantlab.networks import compressed
from quantlab.networks.data import DataSet, Images
from quantlab.networks.engine import shipped
from quantlab.networks.engine.compress.distil import Distilling, distil_steps, distillation_loss, distilled_top1
from quantlab.networks.engine.compress.hessian import trace_steps
from quantlab.networks.engine.compress.mixed import mixed_cost_steps
from quantlab.networks.engine.compress.norms import estimate_norms, open_norms, settled_state, with_settled
from quantlab.networks.engine.compress.shrink import Answers, loaded, network_of, shared, shrink_steps, shrinker
from quantlab.networks.engine.compress.tune import Kept, Shared, Tuning, answers, tune_steps, weight_names
from quantlab.networks.engine.models import chain, tensor_of
from quantlab.networks.engine.states import with_state
from quantlab.networks.shrinking import WHOLE, Shrinking
from quantlab.networks.store import Store
from quantlab.progress import finish

SMALL = Shrinking("layer", 50, 4)


@pytest.fixture(scope="module")
def digits():
    return shipped("small")


@pytest.fixture(scope="module")
def small(digits):
    return shrinker(*digits, Store(None))


def logits_of(network, data, n=300):
    with torch.inference_mode():
        return network(tensor_of(data.test.pixels[:n])).numpy()


def copy_of(network):
    return with_state(network, network.modules.state_dict())


@pytest.mark.parametrize(
    "way", [WHOLE, SMALL, SMALL.replace(huffman=False), SMALL.replace(epochs=1), SMALL.replace(bits=None), Shrinking("2-4", 0, 2)]
)
def test_the_file_loads_back_to_the_same_answers_bit_for_bit(small, way):
    written = finish(shrink_steps(small, way))
    data = compressed.write(written, way.huffman)
    before, after = network_of(small.network, written), loaded(data)
    np.testing.assert_array_equal(logits_of(before, small.data).view(np.uint32), logits_of(after, small.data).view(np.uint32))


def test_the_whole_network_answers_as_before(small):
    whole = finish(shrink_steps(small, WHOLE))
    np.testing.assert_allclose(logits_of(network_of(small.network, whole), small.data), logits_of(small.network, small.data), atol=1e-4)


def test_pruned_weights_are_zero_and_the_others_their_own(small):
    network = network_of(small.network, finish(shrink_steps(small, SMALL.replace(bits=None))))
    for name in weight_names(network):
        new, old = (n.modules.state_dict()[name].numpy() for n in (network, small.network))
        assert (new == 0).mean() == pytest.approx(0.5, abs=0.01)
        np.testing.assert_array_equal(new[new != 0], old[new != 0])


def test_a_layer_has_as_many_values_as_its_codebook(small):
    network = network_of(small.network, finish(shrink_steps(small, Shrinking("none", 0, 3, layer_bits=(("conv2", 1),)))))
    counts = {name: len(np.unique(network.modules.state_dict()[name])) for name in weight_names(network)}
    assert counts == {"conv1.weight": 8, "conv2.weight": 2, "answer.weight": 8}


def test_an_unknown_architecture_and_a_file_that_does_not_fit_are_refused(small):
    whole = finish(shrink_steps(small, WHOLE))
    with pytest.raises(compressed.DamagedFile, match="are known here"):
        loaded(compressed.write(compressed.CompressedNetwork("alexnet", whole.tensors)))
    with pytest.raises(ValueError, match="does not fit"):
        loaded(compressed.write(compressed.CompressedNetwork("plain", whole.tensors)))


# ---- norms


def test_norms_that_are_opened_and_estimated_without_a_change_answer_as_before(digits):
    network, data = digits
    other = copy_of(network)
    open_norms(other, data.calibration)
    np.testing.assert_allclose(logits_of(other, data), logits_of(network, data), atol=1e-4)
    estimate_norms(other, data.calibration)
    np.testing.assert_allclose(logits_of(other, data), logits_of(network, data), atol=1e-4)


def test_estimated_norms_have_the_mean_and_variance_of_what_flows_in(digits):
    network, data = digits
    other = copy_of(network)
    with torch.no_grad():
        other.steps[0].module.weight *= 3
    estimate_norms(other, data.calibration.first(100))
    with torch.no_grad():
        x = other.steps[0].module(tensor_of(data.calibration.first(100).pixels)).numpy()
    np.testing.assert_allclose(other.steps[1].module.running_mean, x.mean(axis=(0, 2, 3)), atol=1e-5)
    np.testing.assert_allclose(other.steps[1].module.running_var, x.var(axis=(0, 2, 3)), rtol=1e-4)


def test_settled_norms_answer_as_the_norms_do(digits):
    network, data = digits
    np.testing.assert_allclose(logits_of(with_settled(network, settled_state(network)), data), logits_of(network, data), atol=1e-4)


# ---- fine-tuning


def test_a_centroid_gets_the_sum_of_the_gradients_of_its_weights(small):
    network = copy_of(small.network)
    shared_tensors = {t.name: t for t in shared(finish(shrink_steps(small, WHOLE)), SMALL).tensors if t.codebook is not None}
    one = shared_tensors["conv2.weight"]
    form = Shared(nn.Parameter(torch.from_numpy(one.codebook.copy())), torch.from_numpy(one.codes), torch.ones(one.shape, dtype=torch.bool))
    weight = torch.from_numpy(one.array()).requires_grad_(True)
    x, labels = tensor_of(small.data.training.pixels[:50]), torch.from_numpy(small.data.training.labels[:50])
    nn.functional.cross_entropy(answers(network, {one.name: form.weight()}, x), labels).backward()
    nn.functional.cross_entropy(answers(network, {one.name: weight}, x), labels).backward()
    sums = np.bincount(one.codes, weight.grad.numpy().ravel().astype(np.float64), minlength=len(one.codebook))
    np.testing.assert_allclose(form.numbers.grad.numpy(), sums, rtol=1e-4, atol=1e-6)


def test_a_pruned_weight_stays_zero_while_the_others_learn(small):
    masks = {name: torch.from_numpy(np.abs(w) > np.median(np.abs(w))) for name, w in small.magnitudes.items()}
    network = copy_of(small.network)
    forms = {name: Kept(nn.Parameter(network.modules.state_dict()[name].clone() * mask), mask) for name, mask in masks.items()}
    before = {name: form.weight().detach().clone() for name, form in forms.items()}
    finish(tune_steps(network, forms, small.data.training, Tuning(1)))
    for name, form in forms.items():
        assert not form.weight()[~masks[name]].any()
        assert (form.weight() != before[name])[masks[name]].float().mean() > 0.9


def test_fine_tuning_brings_back_what_pruning_took_and_repeats_itself(small):
    ask = Answers(small.network, small.data, 600)
    way = Shrinking("layer", 80, 4, seed=1)
    cut = ask.evaluate(finish(shrink_steps(small, way))).top(1).value
    tuned = [finish(shrink_steps(small, way.replace(epochs=10))) for _ in range(2)]
    assert compressed.write(tuned[0]) == compressed.write(tuned[1])
    assert ask.evaluate(tuned[0]).top(1).value > cut + 0.1


def test_what_was_fine_tuned_is_read_from_disk_and_a_damaged_file_counts_as_absent(digits, tmp_path):
    of, way = shrinker(*digits, Store(tmp_path)), SMALL.replace(epochs=1)
    first = compressed.write(finish(shrink_steps(of, way)))
    again = list(shrink_steps(of, way))
    assert again == [(0, 1)]
    assert compressed.write(of.known(way)) == first
    of.store.put(of.key(way), np.zeros(50, np.uint8))
    assert of.known(way) is None
    assert compressed.write(finish(shrink_steps(of, way))) == first


def test_fine_tuning_ends_within_a_batch_of_being_cancelled_and_keeps_nothing(digits, tmp_path):
    of, way = shrinker(*digits, Store(tmp_path)), SMALL.replace(epochs=50)
    steps = shrink_steps(of, way)
    for _ in range(4):
        next(steps)
    steps.close()
    assert of.known(way) is None
    assert not list(tmp_path.glob("*"))


def test_one_class_alone_is_shrunk_and_fine_tuned():
    rng = np.random.default_rng(0)
    part = Images(rng.integers(0, 255, (40, 8, 8, 1)).astype(np.uint8), np.zeros(40, np.int64))
    data = DataSet("one", "One class", ("all",), part, part, part)
    from quantlab.networks.engine.models import small as build

    of = shrinker(build(classes=1), data, Store(None))
    ask = Answers(of.network, data, 40)
    got = finish(shrink_steps(of, Shrinking("layer", 50, 2, epochs=1)))
    assert ask.evaluate(got).top(1).value == 1.0
    assert np.isfinite(ask.evaluate(got).logits).all()


def test_layers_without_any_weight_left_are_written_and_read(small):
    way = Shrinking("global", 95, 2)
    network = copy_of(small.network)
    with torch.no_grad():
        network.steps[0].module.weight *= 1e-6
        network.steps[1].module.running_var.fill_(1.0)
    of = shrinker(network, small.data, Store(None))
    got = finish(shrink_steps(of, way))
    assert not got.state["conv1.weight"].any()
    assert compressed.write(compressed.read(compressed.write(got))) == compressed.write(got)


# ---- curvature


def tiny():
    torch.manual_seed(0)
    return chain("tiny", "Tiny", [("flat", nn.Flatten()), ("a", nn.Linear(4, 3)), ("tanh", nn.Tanh()), ("b", nn.Linear(3, 2))])


def test_the_trace_is_that_of_the_exact_hessian():
    network = tiny()
    rng = np.random.default_rng(0)
    images = Images(rng.integers(0, 256, (20, 2, 2, 1)).astype(np.uint8), rng.integers(0, 2, 20))
    estimate = finish(trace_steps(network, images, draws=4000))
    x, labels = tensor_of(images.pixels), torch.from_numpy(images.labels)
    for layer in ("a", "b"):
        weight = network.modules.state_dict()[f"{layer}.weight"].clone()

        def loss(w, layer=layer):
            return nn.functional.cross_entropy(answers(network, {f"{layer}.weight": w}, x), labels)

        hessian = torch.autograd.functional.hessian(loss, weight).reshape(weight.numel(), weight.numel())
        assert estimate[layer] == pytest.approx(float(hessian.trace()), rel=0.05)


def test_costs_of_layers_are_the_bytes_of_their_sections_and_fall_in_loss(small):
    costs = finish(mixed_cost_steps(small, SMALL, (1, 4)))
    assert costs.measured.layers == ("conv1", "conv2", "answer")
    assert (np.diff(costs.measured.bytes) > 0).all()
    assert (np.diff(costs.measured.loss) < 0).all()
    assert (np.diff(costs.foretold.loss) < 0).all()
    files = [len(compressed.write(finish(shrink_steps(small, SMALL.replace(bits=b))))) for b in (1, 4)]
    assert files[1] - files[0] == int(costs.measured.bytes[:, 1].sum() - costs.measured.bytes[:, 0].sum())


# ---- distillation


@pytest.mark.parametrize("temperature", [1.0, 4.0])
@pytest.mark.parametrize("mix", [0.0, 0.7, 1.0])
def test_the_gradient_is_that_of_the_formula_and_of_torchs_kl_div(temperature, mix):
    torch.manual_seed(1)
    teacher, logits, labels = torch.randn(6, 5), torch.randn(6, 5, requires_grad=True), torch.randint(0, 5, (6,))
    distillation_loss(teacher, temperature, mix)(logits, labels, torch.arange(6)).backward()
    p, q, hard = (softened(z.detach().numpy(), t) for z, t in ((teacher, temperature), (logits, temperature), (logits, 1)))
    expected = mix * temperature * (q - p) / 6 + (1 - mix) * (hard - np.eye(5)[labels.numpy()]) / 6
    np.testing.assert_allclose(logits.grad.numpy(), expected, atol=1e-6)
    other = logits.detach().clone().requires_grad_(True)
    apart = kl_div((other / temperature).log_softmax(1), (teacher / temperature).softmax(1), reduction="batchmean")
    (mix * temperature**2 * apart + (1 - mix) * nn.functional.cross_entropy(other, labels)).backward()
    np.testing.assert_allclose(logits.grad.numpy(), other.grad.numpy(), atol=1e-6)


def test_softened_probabilities_are_torchs_and_their_entropy_grows():
    logits = np.random.default_rng(0).normal(size=(4, 10)) * 5
    np.testing.assert_allclose(softened(logits, 3), torch.softmax(torch.from_numpy(logits) / 3, 1).numpy(), atol=1e-12)
    rising = [entropy(softened(logits, t)) for t in (1, 2, 4, 8)]
    assert all((a < b).all() for a, b in zip(rising, rising[1:], strict=False))
    with pytest.raises(ValueError, match="above 0"):
        softened(logits, 0)


def test_a_paired_interval_is_scipys():
    from scipy import stats

    before, after = [0.5, 0.6, 0.55, 0.52], [0.56, 0.61, 0.6, 0.53]
    gain, expected = paired_gain(before, after), stats.ttest_rel(after, before).confidence_interval(0.95)
    assert (gain.low, gain.high) == pytest.approx((expected.low, expected.high))
    with pytest.raises(ValueError, match="at least 3"):
        paired_gain([0.5, 0.6], [0.6, 0.7])


def test_students_of_a_seed_begin_alike_and_are_kept(digits, tmp_path):
    from quantlab.networks.engine.compress.distil import student_of

    teacher, data = shipped("plain")[0], shipped("plain")[1]
    a, b = (student_of(teacher, data, 0.25, 3).modules.state_dict() for _ in range(2))
    assert all(torch.equal(a[name], b[name]) for name in a)
    few = DataSet("few", "Few", data.classes, data.training.first(200), data.calibration.first(20), data.test.first(100))
    asked, store = Distilling(0.25, 4.0, 0.9, (0, 1, 2), epochs=1), Store(tmp_path)
    students = finish(distil_steps(teacher, few, asked, store))
    assert len(students.labels_alone) == len(students.distilled) == 3
    assert len({compressed.write(s) for s in students.labels_alone + students.distilled}) == 6
    assert len(list(distil_steps(teacher, few, asked, store))) == 1 + 6 * 0
    ask = Answers(teacher, few, 100)
    shares = distilled_top1(ask, asked, students)
    assert all(0 <= share <= 1 for side in shares for share in side)


def test_a_narrower_network_is_the_student_of_labels_alone_and_its_file_loads_back(monkeypatch, tmp_path):
    from quantlab.networks.engine.compress import narrow

    whole, data = shipped("plain")
    few = DataSet("few", "Few", data.classes, data.training.first(200), data.calibration.first(20), data.test.first(100))
    monkeypatch.setattr(narrow, "shipped", lambda slug: (whole, few))
    monkeypatch.setattr(narrow, "Distilling", lambda width: Distilling(width, 4.0, 0.9, epochs=1))
    network, its = finish(narrow.narrow_steps("plain-quarter", Store(tmp_path)))
    assert its is few and network.parameters < whole.parameters / 8
    student = finish(distil_steps(whole, few, Distilling(0.25, 4.0, 0.9, epochs=1), Store(None))).labels_alone[0]
    again = loaded(compressed.write(student))
    images = torch.rand(5, 3, 32, 32)
    with torch.inference_mode():
        assert torch.equal(network(images), again(images))
    assert len(list(narrow.narrow_steps("plain-quarter", Store(tmp_path)))) == 1, "the second time from disk"


@pytest.mark.parametrize("wrong", [{"temperature": 0}, {"mix": 1.5}, {"seeds": (0, 1)}, {"seeds": (0, 0, 1)}])
def test_a_distillation_that_shows_nothing_is_refused(wrong):
    with pytest.raises(ValueError, match="above 0|at least 3"):
        Distilling(**wrong)
