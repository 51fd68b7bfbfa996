"""A film in a notebook: the quantizer that was given and no other, one's own numbers, and a sentence where it cannot be shown."""

import importlib
import subprocess
import sys

import numpy as np
import pytest

import quantlab as ql
from quantlab.labs.tensor.request import request_of
from quantlab.labs.tensor.scrubs import SCRUBS, scrubs_for

show = importlib.import_module("quantlab.export.show")

X = np.random.default_rng(3).standard_normal((48, 64))


@pytest.mark.parametrize("scheme", ql.SCHEMES)
def test_the_lab_is_set_to_the_quantizer_that_was_given(scheme):
    for granularity in (None, ql.per_channel(0), ql.per_group(32)):
        try:
            spec = ql.QuantSpec(scheme, granularity=granularity)
        except ValueError:
            continue
        for knob in scrubs_for(spec, X.shape):
            if knob == "percentile":  # a slider of percentiles shows another range rule
                with pytest.raises(ValueError, match="and not"):
                    show._of(X, spec, knob)
                continue
            _, address = show._of(X, spec, knob)
            request = request_of(address)
            assert np.array_equal(request.tensor.x, X.astype(np.float32))
            values = request.scrub.values(request.spec, X.shape)
            at = dict(zip(request.scrub.labels(request.spec, X.shape), values, strict=True))[address["bits"]]
            found = request.scrub.spec_at(request.spec, at)
            assert request.scrub is SCRUBS[knob]
            assert found == spec or (knob == "group" and found.replace(granularity=spec.granularity) == spec)


@pytest.mark.parametrize(
    "spec",
    [
        ql.QuantSpec("int-asymmetric", 3, calibrator="percentile", percentile=99.5),
        ql.QuantSpec("int-symmetric", 5, rounding="stochastic", seed=7),
        ql.QuantSpec("float", format="e5m2", scaled=False),
        ql.QuantSpec("nf4", double=True, granularity=ql.per_group(64)),
        ql.QuantSpec("mu-law", 6, mu=100.0),
        ql.QuantSpec("gguf", format="q5_1"),
        ql.QuantSpec("kmeans", 3, method="lloyd"),
    ],
)
def test_every_knob_of_it(spec):
    _, address = show._of(X, spec, None)
    request = request_of(address)
    at = dict(zip(request.scrub.labels(request.spec, X.shape), request.scrub.values(request.spec, X.shape), strict=True))
    assert request.scrub.spec_at(request.spec, at[address["bits"]]) == spec


def test_what_the_lab_cannot_set_is_refused_and_not_shown_as_something_else():
    with pytest.raises(ValueError, match="and not"):
        ql.show(X, ql.QuantSpec("int-symmetric", 4, clip=0.123))
    with pytest.raises(ValueError, match="nothing to slide"):
        ql.show(X, knob="colour")
    with pytest.raises(ValueError, match="no lab"):
        ql.show("tensors")
    with pytest.raises(ValueError, match="bits=99"):
        ql.show("tensor?bits=99")
    for wrong in (np.array(["a"]), np.array([1j]), np.array([])):
        with pytest.raises(ValueError, match="a tensor of numbers"):
            ql.show(wrong)


def test_a_tensor_of_pytorch_is_shown():
    torch = pytest.importorskip("torch")
    x = torch.randn(16, 32, dtype=torch.bfloat16, requires_grad=True)
    assert ql.show(x).document == ql.show(x.detach().float().numpy()).document


def test_the_frame_is_closed_and_holds_the_file_as_text(tmp_path):
    shown = ql.show("tensor?scheme=nf4")
    frame = shown._repr_html_()
    assert frame.count("<") == 2 and 'sandbox="allow-scripts"' in frame
    assert shown.save(tmp_path / "x.html").read_text("utf-8") == shown.document


def test_the_core_loads_no_lab_for_it():
    done = subprocess.run(
        [sys.executable, "-c", "import quantlab, sys; print([m for m in sys.modules if 'labs' in m])"], capture_output=True, text=True
    )
    assert done.stdout == "[]\n"
