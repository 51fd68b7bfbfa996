"""Does the file give back every bit, take the bytes that entropy demands, and refuse what is damaged or lies?"""

import struct
import zlib
from contextlib import suppress

import numpy as np
import pytest
from bitarray import bitarray
from bitarray.util import canonical_decode, canonical_huffman
from hypothesis import given
from hypothesis import strategies as st

from quantlab import metrics
from quantlab.networks.compressed import (
    GAP_BITS,
    MAGIC,
    CompressedNetwork,
    DamagedFile,
    Tensor,
    gaps,
    kept_places,
    read,
    section,
    write,
)
from quantlab.storage.entropy_coding import canonical_words, encode


def tensor(seed=0, shape=(8, 5, 3), keep=0.4, levels=16, name="conv.weight"):
    rng = np.random.default_rng(seed)
    mask = None if keep is None else rng.random(shape) < keep
    kept = int(np.prod(shape)) if mask is None else int(mask.sum())
    if levels is None:
        return Tensor(name, shape, mask, rng.normal(size=kept).astype(np.float32))
    book = np.sort(rng.normal(size=levels)).astype(np.float32)
    codes = np.minimum(rng.geometric(0.3, kept) - 1, levels - 1)
    return Tensor(name, shape, mask, codebook=book, codes=codes)


NETWORK = CompressedNetwork(
    "plain", (tensor(), tensor(1, keep=None, name="b"), tensor(2, levels=None, name="c"), tensor(3, keep=None, levels=None, name="d"))
)


def sealed(body):
    return MAGIC + struct.pack("<I", zlib.crc32(body)) + body


@pytest.mark.parametrize("huffman", [False, True])
@pytest.mark.parametrize("keep", [None, 0.0, 0.01, 0.4, 1.0])
@pytest.mark.parametrize("levels", [None, 1, 2, 3, 16, 256])
def test_a_network_comes_back_bit_for_bit(huffman, keep, levels):
    one = CompressedNetwork("plain", (tensor(5, (7, 11, 3, 3), keep, levels),))
    back = read(write(one, huffman))
    assert back.architecture == "plain"
    np.testing.assert_array_equal(back.tensors[0].array().view(np.uint32), one.tensors[0].array().view(np.uint32))


@given(st.lists(st.booleans(), max_size=200), st.sampled_from(GAP_BITS))
def test_gaps_say_which_places_are_kept(places, bits):
    mask = np.array(places, bool)
    np.testing.assert_array_equal(kept_places(gaps(mask, bits), bits, len(mask)), mask)


def test_one_gap_bit_is_a_bit_mask():
    mask = np.array([False, True, True, False, True])
    np.testing.assert_array_equal(gaps(mask, 1), ~mask)


@given(st.lists(st.integers(0, 15), min_size=1, max_size=300))
def test_words_are_as_long_as_the_librarys_and_its_decoder_reads_them_from_lengths_alone(codes):
    lengths = {s: len(w) for s, w in canonical_huffman({s: codes.count(s) for s in codes})[0].items()}
    words = canonical_words(lengths)
    assert {s: len(w) for s, w in words.items()} == lengths
    stream = bitarray()
    stream.encode({s: bitarray(w) for s, w in words.items()}, codes)
    counts = [list(lengths.values()).count(n) for n in range(max(lengths.values()) + 1)]
    order = sorted(lengths, key=lambda s: (lengths[s], s))
    assert list(canonical_decode(stream, counts, order)) == codes


@pytest.mark.parametrize("lengths", [{0: 1, 1: 1, 2: 1}, {0: 0}, {0: 1, 1: 2, 2: 2, 3: 2}])
def test_lengths_of_no_code_are_refused(lengths):
    with pytest.raises(ValueError, match="no code"):
        canonical_words(lengths)


def test_a_stream_of_codes_lies_within_a_bit_a_code_of_its_entropy():
    one = tensor(7, (40, 40, 3, 3), None, 16)
    overhead = len(section(one)) - len(encode(one.codes)[0])
    least = metrics.entropy_of_counts(np.bincount(one.codes)) * one.codes.size
    assert least <= 8 * len(encode(one.codes)[0]) < least + one.codes.size + 8
    assert overhead < 120  # name, shape, codebook, table of lengths


def test_coding_never_makes_a_file_larger():
    for seed in range(5):
        one = CompressedNetwork("x", (tensor(seed, levels=8),))
        assert len(write(one, True)) <= len(write(one, False))


@pytest.mark.parametrize("length", range(0, 400, 7))
def test_a_file_cut_short_is_refused(length):
    data = write(NETWORK)
    with pytest.raises(DamagedFile):
        read(data[: min(length, len(data) - 1)])


def test_a_changed_byte_is_refused():
    data = bytearray(write(NETWORK))
    for at in range(0, len(data), 13):
        data[at] ^= 0x55
        with pytest.raises(DamagedFile):
            read(bytes(data))
        data[at] ^= 0x55


@given(st.binary(max_size=300))
def test_bytes_of_any_kind_under_a_right_checksum_are_read_or_refused(body):
    with suppress(DamagedFile):
        assert all(np.isfinite(x).all() for x in read(sealed(body)).state.values())


@given(st.integers(8, 700), st.integers(0, 255))
def test_a_lie_under_a_right_checksum_is_read_or_refused(at, value):
    body = bytearray(write(NETWORK)[8:])
    body[at % len(body)] = value
    with suppress(DamagedFile):
        assert all(np.isfinite(x).all() for x in read(sealed(bytes(body))).state.values())


def header(shape, layout, rest=b""):
    said = b"\x05plain" + struct.pack("<H", 1) + b"\x01w" + bytes([len(shape)])
    return sealed(said + b"".join(struct.pack("<I", n) for n in shape) + bytes([layout]) + rest)


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (header((1 << 31, 1 << 31), 0), "more than"),
        (header((4,), 0), "promises 16 bytes"),
        (header((4,), 9), "layout 9"),
        (header((1,) * 9, 0), "9 axes"),
        (
            header((1 << 20,), 1, struct.pack("<IBI", 1 << 20, 1, 1 << 20) + b"\x01" + bytes(2) + struct.pack("<I", 1) + b"\0"),
            "cannot hold",
        ),
        (header((4,), 1, struct.pack("<IBI", 3, 1, 2)), "do not fit"),
        (header((4,), 2, struct.pack("<H", 0)), "claims 0 levels"),
        (header((1,), 0, struct.pack("<f", float("nan"))), "NaN or infinite"),
        (header((1,), 0, struct.pack("<f", 1.0) + b"more"), "4 bytes follow"),
        (b"PK\x03\x04 a zip", "does not begin with QLC1"),
    ],
)
def test_a_lying_header_is_refused_before_anything_is_expanded(data, reason):
    with pytest.raises(DamagedFile, match=reason):
        read(data)
