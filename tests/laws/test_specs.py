"""Which specs are refused, and which are the same?"""

from __future__ import annotations

import numpy as np
import pytest

import quantlab as ql


@pytest.mark.parametrize(
    "arguments, named",
    [
        (dict(scheme="int-simmetric"), "int-simmetric"),
        (dict(scheme="int-symmetric", bits=99), "99"),
        (dict(scheme="int-symmetric", bits=0), "0"),
        (dict(scheme="int-symmetric", bits=-3), "-3"),
        (dict(scheme="int-symmetric", bits=4, calibrator="maxabs"), "maxabs"),
        (dict(scheme="int-symmetric", bits=4, rounding="up"), "up"),
        (dict(scheme="int-symmetric", bits=4, colour="red"), "colour"),
        (dict(scheme="int-symmetric", bits=4, clip=1.5), "1.5"),
        (dict(scheme="int-symmetric", bits=4, clip=0), "0"),
        (dict(scheme="int-symmetric", bits=4, clip=float("nan")), "nan"),
        (dict(scheme="int-symmetric", bits=4, arithmetic="numpy"), "numpy"),
        (dict(scheme="float", format="e9m9"), "e9m9"),
        (dict(scheme="nf4", bits=5), "5"),
    ],
    ids=lambda v: v if isinstance(v, str) else None,
)
def test_a_spec_that_means_nothing_is_refused_with_the_value_named(arguments, named):
    with pytest.raises((ValueError, TypeError)) as caught:
        ql.QuantSpec(**arguments)
    assert named in str(caught.value)


@pytest.mark.parametrize("bad", [lambda: ql.per_group(0), lambda: ql.per_group(-4), lambda: ql.per_block((0, 4))])
def test_a_granularity_of_no_values_is_refused(bad):
    with pytest.raises((ValueError, TypeError)):
        bad()


@pytest.mark.parametrize(
    "granularity",
    [ql.per_channel(axis=2), ql.per_channel(axis=-3), ql.per_group(4, axis=5), ql.per_block((2, 2, 2))],
    ids=repr,
)
def test_an_axis_that_the_tensor_lacks_is_refused(granularity):
    with pytest.raises(ValueError):
        ql.quantize(np.ones((3, 4), np.float32), ql.QuantSpec("int-symmetric", bits=4, granularity=granularity))


def test_specs_are_equal_and_hash_alike_when_they_say_the_same():
    plain, spelled = (
        ql.QuantSpec("int-symmetric", bits=4),
        ql.QuantSpec("int-symmetric", bits=4, clip=1.0, calibrator="absmax"),
    )
    assert plain == spelled
    assert hash(plain) == hash(spelled)
    assert plain != plain.replace(clip=0.5)
    with pytest.raises(AttributeError):
        plain.bits = 3


def test_a_spec_shows_what_differs_from_its_scheme_s_defaults():
    assert repr(ql.QuantSpec("nf4")) == "QuantSpec('nf4')"  # 4 bits are the only ones
    assert repr(ql.QuantSpec("mx")) == "QuantSpec('mx')"  # whose block is the granularity
    shown = repr(ql.QuantSpec("int-asymmetric", bits=3, granularity=ql.per_group(8), calibrator="mse", seed=2, clip=0.5))
    assert shown == "QuantSpec('int-asymmetric', bits=3, granularity=per_group(8), calibrator='mse', seed=2, clip=0.5)"


@pytest.mark.parametrize(("registry", "first"), [(ql.SCHEMES, "int-symmetric"), (ql.CALIBRATORS, "absmax")], ids=["schemes", "calibrators"])
def test_entries_are_listed_by_rank(registry, first):
    ranks = [entry.rank for entry in registry.values()]
    assert ranks == sorted(ranks) and len(set(ranks)) == len(ranks) and next(iter(registry)) == first
    assert registry.package in repr(registry) and repr(first)[1:-1] in repr(registry)
