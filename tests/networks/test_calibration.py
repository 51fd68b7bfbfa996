"""Do observed ranges lead to torch's parameters? Expected: torch's MinMaxObserver; what flows into a layer, by a hook."""

import warnings

import numpy as np
import pytest
import torch

import quantlab as ql
from quantlab.networks.engine import calibration, shipped
from quantlab.networks.engine.calibration import FINE, MOST_VALUES, Observer
from quantlab.networks.engine.models import MODELS, tensor_of
from quantlab.networks.settings import ACTIVATIONS, FLOAT


def flowing_into(network, layer, pixels):
    """What a layer receives, caught by torch's forward hook."""
    seen = []
    handle = network.modules[layer].register_forward_pre_hook(lambda module, inputs: seen.append(inputs[0].clone()))
    network(tensor_of(pixels))
    handle.remove()
    return seen[0]


@pytest.mark.parametrize("scheme, calibrator", [("int-asymmetric", "minmax"), ("int-symmetric", "absmax")])
def test_ranges_are_those_of_torch_s_observers(plain, scheme, calibrator):
    from torch.ao.quantization.observer import MinMaxObserver

    network = plain.network(FLOAT)
    affine = scheme == "int-asymmetric"
    for layer in network.layers[1:]:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            kind = (torch.quint8, torch.per_tensor_affine, 0, 255) if affine else (torch.qint8, torch.per_tensor_symmetric, -127, 127)
            observer = MinMaxObserver(kind[0], kind[1], quant_min=kind[2], quant_max=kind[3])
        observer(flowing_into(network, layer, plain.data.calibration.pixels[:60]))
        scale, zero_point = observer.calculate_qparams()
        spec = ql.QuantSpec(scheme, bits=8, calibrator=calibrator, arithmetic="torch_fake")
        ours = plain.observers[True].qparams(layer, spec, 60)
        assert ours.scale[0] == pytest.approx(float(scale), rel=1e-6)
        assert ours.zero_point[0] == int(zero_point)


@pytest.mark.parametrize("calibrator", ["percentile", "mse", "entropy", "aciq"])
def test_every_calibrator_reads_the_same_values_as_the_core_would(plain, calibrator):
    spec = ACTIVATIONS.replace(calibrator=calibrator, bits=4)
    values = flowing_into(plain.network(FLOAT), "conv3", plain.data.calibration.pixels[:60]).numpy()
    expected = ql.choose_qparams(np.ascontiguousarray(values), spec)
    ours = plain.observers[True].qparams("conv3", spec, 60)
    assert ours.scale[0] == pytest.approx(expected.scale[0], rel=1e-3) and ours.zero_point[0] == expected.zero_point[0]


def test_from_fourteen_bits_the_least_error_range_is_the_whole_one(plain):
    """What ``FINE`` takes for granted, searched here by the core itself; its search would find at most this much less."""
    spec = ACTIVATIONS.replace(calibrator="mse", bits=FINE)
    rows = plain.observers[True].rows(20)["conv4"]
    searched = ql.choose_qparams(rows.values, spec)
    assert searched.scale[0] == pytest.approx(plain.observers[True].qparams("conv4", spec, 20).scale[0], rel=2e-3)


def test_calibration_images_are_never_test_images(plain):
    test = {image.tobytes() for image in plain.data.test.pixels}
    assert not any(image.tobytes() in test for image in plain.observers[True].pixels)


@pytest.fixture
def thinned(plain, monkeypatch):
    """The same observer as ``plain``'s, which may keep a fifth of the values."""
    whole = sum(rows.values.size for rows in plain.observers[True].rows(200).values())
    monkeypatch.setattr(calibration, "MOST_VALUES", whole // 5)
    observed = Observer(plain.network(FLOAT), plain.data.calibration.pixels)
    assert 0.99 * whole / 5 < sum(rows.values.size for rows in observed.rows(200).values()) <= whole / 5
    return observed


@pytest.mark.slow
@pytest.mark.parametrize("name", MODELS)
def test_shipped_networks_keep_every_value_in_its_place(name):
    network, data = shipped(name)
    count = min(200, len(data.calibration))
    rows = Observer(network, data.calibration.pixels).rows(count)
    assert sum(found.values.size for found in rows.values()) <= MOST_VALUES
    for layer in network.layers:
        assert np.array_equal(rows[layer].values[0], flowing_into(network, layer, data.calibration.pixels[:count]).numpy().ravel())


@pytest.mark.parametrize("scheme, calibrator", [("int-asymmetric", "minmax"), ("int-symmetric", "absmax")])
def test_extremes_stay_exact_where_values_are_left_out(plain, thinned, scheme, calibrator):
    spec = ql.QuantSpec(scheme, bits=8, calibrator=calibrator, arithmetic="torch_fake")
    for layer in plain.network(FLOAT).layers:
        exact, ours = plain.observers[True].qparams(layer, spec, 200), thinned.qparams(layer, spec, 200)
        assert ours.scale[0] == exact.scale[0] and ours.zero_point[0] == exact.zero_point[0]


@pytest.mark.slow
@pytest.mark.parametrize("calibrator, worse", [("percentile", 1.01), ("mse", 1.2), ("entropy", 1.6), ("aciq", 1.01)])
@pytest.mark.parametrize("bits", [3, 4, 8])
def test_ranges_err_little_more_where_values_are_left_out(plain, thinned, calibrator, worse, bits):
    """The squared error on all values, with the range chosen on a fifth of them against that chosen on all."""
    spec = ACTIVATIONS.replace(calibrator=calibrator, bits=bits)
    for layer in plain.network(FLOAT).layers[1:]:
        every = flowing_into(plain.network(FLOAT), layer, plain.data.calibration.pixels[:200]).numpy()
        errors = [
            np.square(ql.quantizer.read_back(every.reshape(1, -1), o.qparams(layer, spec, 200), spec) - every.reshape(1, -1)).mean()
            for o in (thinned, plain.observers[True])
        ]
        assert errors[0] <= worse * errors[1] + 1e-12


def test_a_percentile_moves_by_less_than_a_hundredth_where_values_are_left_out(plain, thinned):
    spec = ACTIVATIONS.replace(calibrator="percentile", bits=4)
    for layer in plain.network(FLOAT).layers:
        exact = plain.observers[True].qparams(layer, spec, 200).scale[0]
        assert thinned.qparams(layer, spec, 200).scale[0] == pytest.approx(exact, rel=0.01)


def test_each_image_keeps_its_own_extremes(plain, thinned):
    every = flowing_into(plain.network(FLOAT), "conv2", plain.data.calibration.pixels[:200]).numpy().reshape(200, -1)
    ours = thinned.by_image("conv2", 200)
    assert len(ours) == 200 and ours.shape[1] < every.shape[1] / 2
    assert np.array_equal(ours.min(axis=1), every.min(axis=1)) and np.array_equal(ours.max(axis=1), every.max(axis=1))
    assert np.array_equal(plain.observers[True].by_image("conv2", 200), every)
