"""An address cannot ask for gigabytes: groups are bounded before anything is computed, and the bound is said."""

import pytest

from quantlab.labs.catalog import LABS
from quantlab.labs.tensor.request import MOST_SMALL_GROUPS, SMALL
from quantlab.schemes import SCHEMES

LAB = LABS["tensor"]


def read(**query):
    return LAB.read(query)


@pytest.mark.parametrize("size", ["1000000", "10000000"])
@pytest.mark.parametrize("group", [1, 2, 3, 4, 7])
def test_many_small_groups_are_refused_with_the_bound(size, group):
    address = read(size=size, granularity=f"group-{group}")
    assert address["granularity"] == "tensor"
    assert f"at most {MOST_SMALL_GROUPS} groups of fewer than {SMALL} values" in address.notices[0]


@pytest.mark.parametrize(("size", "group"), [("100000", 1), ("1000000", 16), ("10000000", 16), ("1000000", 8)])
def test_others_are_as_they_were(size, group):
    address = read(size=size, granularity=f"group-{group}")
    assert address["granularity"] == f"group-{group}" and not address.notices


@pytest.mark.parametrize("scheme", SCHEMES)
def test_what_a_scheme_offers_or_takes_stays_below_the_bound(scheme):
    """A scheme that has its own block keeps it: that is the format."""
    from quantlab.grouping import parse_granularity
    from quantlab.types import QuantSpec

    own = QuantSpec(scheme).granularity.slug
    for wanted in ("group-1", "channel-0", "channel-1", "block-2x2", "block-1x1"):
        address = read(size="1000000", scheme=scheme, granularity=wanted)
        granularity, shape = parse_granularity(address["granularity"]), address.subject.x.shape
        assert address["granularity"] == own or granularity.count(shape) <= max(MOST_SMALL_GROUPS, address.subject.x.size // SMALL)
