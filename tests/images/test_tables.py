"""Do the look-up tables say exactly what the core's quantizer does with the picture?"""

import numpy as np
import pytest
from skimage import data

import quantlab as ql
from quantlab.images import SPACES, lookup_tables
from quantlab.images.tables import index_tables, is_table

PICTURE = np.ascontiguousarray(data.astronaut()[100:164, 150:214])
SCALAR = [slug for slug in ql.SCHEMES if is_table(ql.QuantSpec(slug))]
every_scalar = pytest.mark.parametrize("slug", SCALAR)


def widths(slug: str) -> list[int]:
    allowed = ql.SCHEMES[slug].bits_allowed(ql.QuantSpec(slug).knobs)
    return [b for b in allowed if b <= 8][:: 3 if len(allowed) > 3 else 1]


@every_scalar
def test_the_table_is_the_core_on_the_whole_picture_rounded_to_bytes(slug):
    bits = widths(slug)
    for one, b in zip(lookup_tables(ql.QuantSpec(slug), bits, PICTURE), bits, strict=True):
        whole = ql.fake_quantize(PICTURE.astype(np.float32), ql.QuantSpec(slug, bits=b))  # oracle: no table
        assert np.array_equal(one[PICTURE, np.arange(3)], np.clip(np.rint(whole), 0, 255))


@every_scalar
def test_per_channel_each_channel_has_its_own_table(slug):
    spec = ql.QuantSpec(slug, granularity=ql.per_channel(2))
    bits = widths(slug)[-1]
    whole = ql.fake_quantize(PICTURE.astype(np.float32), spec.replace(bits=bits))
    assert np.array_equal(lookup_tables(spec, [bits], PICTURE)[0][PICTURE, np.arange(3)], np.clip(np.rint(whole), 0, 255))


@pytest.mark.parametrize("slug", [s for s, space in SPACES.items() if space.size != 256])
@pytest.mark.parametrize("bits", [2, 5])
def test_other_spaces_differ_from_the_core_by_the_grid_of_the_table_alone(slug, bits):
    space = SPACES[slug]
    spec = ql.QuantSpec("int-asymmetric", bits=bits, granularity=ql.per_channel(2))
    values = space.forward(PICTURE)
    index = np.rint(space.index(values)).astype(int)
    table = index_tables(spec, [(bits,) * values.shape[2]], values, space)[0]
    ours = space.values(np.stack([table[index[..., c], c] for c in range(values.shape[2])], axis=2))
    core = space.shown(ql.fake_quantize(values, spec))
    grid = (np.array(space.high) - space.low) / (space.size - 1)
    near = np.abs(ours - np.clip(core, space.low, space.high)) <= 1.01 * grid
    assert near.mean() > 0.97  # the rest lie so near a border that the grid puts them on its other side


def test_luma_and_chroma_have_bits_of_their_own():
    space = SPACES["ycbcr"]
    table = index_tables(ql.QuantSpec("int-asymmetric"), [(4, 2, 1)], space.forward(PICTURE), space)[0]
    assert [len(np.unique(table[:, c])) for c in range(3)] == [16, 4, 2]


@pytest.mark.parametrize("spec", [ql.QuantSpec("mx"), ql.QuantSpec("int-symmetric", rounding="stochastic")], ids=["blocks", "chance"])
def test_what_treats_equal_values_differently_is_refused(spec):
    with pytest.raises(ValueError, match="no table"):
        lookup_tables(spec, [4])
