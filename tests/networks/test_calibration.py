"""Do observed ranges lead to torch's parameters? Expected: torch's MinMaxObserver; what flows into a layer, by a hook."""

import warnings

import numpy as np
import pytest
import torch

import quantlab as ql
from quantlab.networks.calibration import FINE
from quantlab.networks.models import tensor_of
from quantlab.networks.quantized import ACTIVATIONS, FLOAT


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
        ours = plain.observed[True].qparams(layer, spec, 60)
        assert ours.scale[0] == pytest.approx(float(scale), rel=1e-6)
        assert ours.zero_point[0] == int(zero_point)


@pytest.mark.parametrize("calibrator", ["percentile", "mse", "entropy", "aciq"])
def test_every_calibrator_reads_the_same_values_as_the_core_would(plain, calibrator):
    spec = ACTIVATIONS.replace(calibrator=calibrator, bits=4)
    values = flowing_into(plain.network(FLOAT), "conv3", plain.data.calibration.pixels[:60]).numpy()
    expected = ql.choose_qparams(np.ascontiguousarray(values), spec)
    ours = plain.observed[True].qparams("conv3", spec, 60)
    assert ours.scale[0] == pytest.approx(expected.scale[0], rel=1e-3) and ours.zero_point[0] == expected.zero_point[0]


def test_from_fourteen_bits_the_least_error_range_is_the_whole_one(plain):
    """What ``FINE`` takes for granted, searched here by the core itself; its search would find at most this much less."""
    spec = ACTIVATIONS.replace(calibrator="mse", bits=FINE)
    rows = plain.observed[True].rows(20)["conv4"]
    searched = ql.choose_qparams(rows.values, spec)
    assert searched.scale[0] == pytest.approx(plain.observed[True].qparams("conv4", spec, 20).scale[0], rel=2e-3)


def test_calibration_images_are_never_test_images(plain):
    test = {image.tobytes() for image in plain.data.test.pixels}
    assert not any(image.tobytes() in test for image in plain.observed[True].pixels)
