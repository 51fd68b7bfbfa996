"""Do b bits a code suffice, does every ``Quantized`` survive its file, and is a damaged file refused?

Expected bytes: Python's own integers (code i times 2^(i bits), little-endian). The file's layout: read by the
safetensors library. Huffman: a heap-based construction written out here, and the entropy.
"""

from __future__ import annotations

import dataclasses
import heapq
import io
import json

import gguf
import numpy as np
import pytest
import safetensors.numpy
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

import quantlab as ql
from quantlab.storage import entropy_coding
from quantlab.storage.packing import Damaged, load, pack, save, unpack

X = np.random.default_rng(0).standard_t(4, (24, 70)).astype(np.float32)


def specs():
    for slug, scheme in ql.SCHEMES.items():
        for variant in scheme.variants:
            bits = ql.QuantSpec(slug, **variant).bits
            yield pytest.param(ql.QuantSpec(slug, bits=bits, **variant), id=f"{slug} {variant or ''}")
    for granularity in (ql.per_channel(1), ql.per_group(9), ql.per_block((5, 7))):
        yield pytest.param(
            ql.QuantSpec("int-asymmetric", bits=5, granularity=granularity, calibrator="mse", clip=0.9), id=repr(granularity)
        )
    for bits in (1, 3, 8, 11, 16):
        yield pytest.param(ql.QuantSpec("int-asymmetric", bits=bits, granularity=ql.per_group(9)), id=f"asymmetric {bits}")
    for bits in range(1, 17):
        yield pytest.param(ql.QuantSpec("int-symmetric", bits=bits, rounding="stochastic", seed=7), id=f"{bits} bits")


# ---------------------------------------------------------------- bits


@given(st.integers(1, 8).flatmap(lambda b: st.tuples(st.just(b), st.lists(st.integers(0, 2**b - 1), max_size=70))))
def test_packed_codes_are_the_bits_of_one_long_integer(case):
    bits, codes = case
    number = sum(code << (i * bits) for i, code in enumerate(codes))
    packed = pack(np.array(codes, np.uint8), bits)
    assert packed == number.to_bytes(-(-len(codes) * bits // 8), "little")
    assert unpack(packed, bits, len(codes)).tolist() == codes


@pytest.mark.parametrize("bits", range(9, 17))
@pytest.mark.parametrize("n", [0, 1, 7, 8, 1001])
def test_wider_codes_come_back_from_their_two_streams(bits, n):
    codes = np.random.default_rng(bits).integers(0, 2**bits, n)
    packed = pack(codes, bits)
    assert len(packed) == n + -(-n * (bits - 8) // 8)
    assert np.array_equal(unpack(packed, bits, n), codes)


@pytest.mark.parametrize(
    ("call", "error", "text"),
    [
        (lambda: pack(np.array([8]), 3), ValueError, "0 to 7"),
        (lambda: pack(np.array([-1]), 3), ValueError, "-1"),
        (lambda: pack(np.array([0.5]), 3), TypeError, "float64"),
        (lambda: pack(np.array([1]), 17), ValueError, "17"),
        (lambda: pack(np.array([1]), 0), ValueError, "1 to 16"),
        (lambda: unpack(b"\0\0", 3, 2), ValueError, "2 codes of 3 bits take 1 bytes, not 2"),
    ],
)
def test_what_cannot_be_packed_is_refused_with_the_reason(call, error, text):
    with pytest.raises(error, match=text):
        call()


# ---------------------------------------------------------------- files


def saved(q):
    file = io.BytesIO()
    assert save(q, file) == len(file.getvalue())
    return file.getvalue()


def same(a, b):
    """All but what only an encoder reads: ``extra``, which a file need not keep."""
    fields = [(getattr(a.qparams, f), getattr(b.qparams, f)) for f in ("scale", "zero_point", "codebook")]
    alike = all((p is None) == (q is None) and (p is None or (np.array_equal(p, q) and p.dtype == q.dtype)) for p, q in fields)
    ends = (a.qparams.qmin, a.qparams.qmax) == (b.qparams.qmin, b.qparams.qmax)
    return alike and ends and a.spec == b.spec and np.array_equal(a.codes, b.codes) and a.codes.dtype == b.codes.dtype


@pytest.mark.parametrize("spec", list(specs()))
def test_what_is_loaded_equals_what_was_saved(spec):
    q = ql.quantize(X, spec)
    back = load(io.BytesIO(saved(q)))
    assert same(q, back)
    assert np.array_equal(ql.dequantize(q).view(np.uint32), ql.dequantize(back).view(np.uint32))


@pytest.mark.parametrize("shape", [(0,), (3, 0), (1,), (2, 3, 5)])
def test_empty_and_small_tensors_survive(shape):
    q = ql.quantize(np.ones(shape), ql.QuantSpec("int-asymmetric", bits=3, granularity=ql.per_group(2)))
    assert same(q, load(io.BytesIO(saved(q))))


def test_a_path_serves_as_well(tmp_path):
    q = ql.quantize(X, ql.QuantSpec("nf4"))
    save(q, tmp_path / "w.safetensors")
    assert same(q, load(str(tmp_path / "w.safetensors")))


def test_the_safetensors_library_reads_the_file():
    q = ql.quantize(X, ql.QuantSpec("int-symmetric", bits=3, granularity=ql.per_channel()))
    arrays = safetensors.numpy.load(saved(q))
    assert np.array_equal(arrays["scale"], q.qparams.scale)
    assert np.array_equal(unpack(arrays["codes"].tobytes(), 3, X.size), q.codes.ravel() + 3)


def payload(q):
    """Bytes of all arrays, without the header."""
    data = saved(q)
    return len(data) - 8 - int.from_bytes(data[:8], "little")


@pytest.mark.parametrize(
    "shape", [(64, 1024), (24, 70), (33, 130), (3, 130), (1, 7), (5, 257)], ids=lambda shape: "x".join(map(str, shape))
)
@pytest.mark.parametrize("spec", list(specs()))
def test_a_file_takes_the_bits_that_were_promised(spec, shape):
    """To within the bits that fill a byte in each of at most five packed arrays, whatever groups are ragged."""
    x = np.random.default_rng(1).standard_t(4, shape).astype(np.float32)
    q = ql.quantize(x, spec)
    promised = q.bits_per_value * x.size / 8
    assert promised - 1e-6 <= payload(q) <= promised + 5
    assert len(saved(q)) - payload(q) < 1500


@pytest.mark.parametrize("spec", list(specs()))
def test_groups_of_zeros_and_extremes_survive_their_file(spec):
    x = X.copy() if spec.scheme == "float" and not spec.scaled else X * np.float32(1e36)
    x[:6], x[6:12, :40] = 0, 1e-40
    q = ql.quantize(x, spec)
    assert same(q, load(io.BytesIO(saved(q))))


@pytest.mark.parametrize(
    ("slug", "kept"), [("mx", {"scale": (1680 // 70 * 3, "U8")}), ("nvfp4", {"scale": (120, "U8"), "tensor_scale": (1, "F32")})]
)
def test_block_scales_are_kept_as_their_format_has_them(slug, kept):
    """24 rows of 70: 3 blocks of 32 a row, 5 of 16."""
    data = saved(ql.quantize(X, ql.QuantSpec(slug)))
    header = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    assert {n: (e["shape"][0], e["dtype"]) for n, e in header.items() if n not in ("codes", "__metadata__")} == kept


@pytest.mark.parametrize("slug", ["q4_0", "q4_1", "q5_0", "q5_1", "q8_0"])
def test_the_float16_numbers_of_a_gguf_file_are_the_gguf_library_s(slug):
    x = np.random.default_rng(2).standard_t(4, (8, 64)).astype(np.float32)
    arrays = safetensors.numpy.load(saved(ql.quantize(x, ql.QuantSpec("gguf", format=slug))))
    blocks = gguf.quantize(x, gguf.GGMLQuantizationType[slug.upper()]).reshape(16, -1)  # 16 = 8 * 64 / 32
    assert np.array_equal(arrays["d"].view(np.uint16), blocks[:, :2].copy().view(np.uint16)[:, 0])
    if "min" in arrays:
        assert np.array_equal(arrays["min"].view(np.uint16), blocks[:, 2:4].copy().view(np.uint16)[:, 0])


def test_parameters_that_the_format_cannot_hold_are_refused():
    spec = ql.QuantSpec("mx")
    own = ql.choose_qparams(X, spec)
    q = ql.quantize(X, spec, dataclasses.replace(own, scale=own.scale * np.float32(1.1)))
    with pytest.raises(ValueError, match="none that mx chooses"):
        saved(q)


GOOD = saved(ql.quantize(X[:16, :10], ql.QuantSpec("ternary", granularity=ql.per_channel())))


def refusal(data):
    with pytest.raises(Damaged) as caught:
        load(io.BytesIO(data))
    text = str(caught.value)
    assert "\n" not in text and text.endswith("save") and len(text) < 300
    return text


@pytest.mark.slow
@settings(max_examples=300, suppress_health_check=[HealthCheck.too_slow], deadline=None)
@given(st.lists(st.tuples(st.integers(0, len(GOOD) - 1), st.integers(0, 255)), min_size=1, max_size=3))
def test_a_changed_byte_is_refused_or_changes_nothing(changes):
    data = bytearray(GOOD)
    for at, value in changes:
        data[at] = value
    try:
        back = load(io.BytesIO(bytes(data)))
    except ValueError as error:
        assert isinstance(error, Damaged) and "\n" not in str(error)
    else:
        assert same(back, load(io.BytesIO(GOOD)))


@pytest.mark.parametrize("at", range(len(GOOD) - 60, len(GOOD)))
def test_every_byte_of_the_arrays_is_guarded(at):
    data = bytearray(GOOD)
    data[at] ^= 1
    assert "checksum" in refusal(bytes(data))


def test_a_file_cut_anywhere_is_refused():
    for end in range(len(GOOD)):
        refusal(GOOD[:end])
    refusal(GOOD + b"\0")


def test_other_files_are_refused_by_what_they_are():
    import pickle

    assert "metadata" in refusal(safetensors.numpy.save({"w": X}))
    assert "not name quantlab" in refusal(safetensors.numpy.save({"w": X}, {"format": "pt"}))
    refusal(pickle.dumps(X))
    refusal(b"")
    refusal((2**63).to_bytes(8, "little") + b"{}")


def test_a_later_version_is_named():
    assert "version '9'" in refusal(GOOD.replace(b'"version":"2"', b'"version":"9"'))


# ---------------------------------------------------------------- Huffman


def heap_cost(codes):
    """Total bits of the best prefix code: the sum of all merged weights."""
    heap = list(np.unique(codes, return_counts=True)[1])
    if len(heap) == 1:
        return heap[0]
    heapq.heapify(heap)
    total = 0
    while len(heap) > 1:
        merged = heapq.heappop(heap) + heapq.heappop(heap)
        total += merged
        heapq.heappush(heap, merged)
    return total


@given(st.lists(st.integers(-9, 9), min_size=1, max_size=200))
def test_huffman_codes_come_back_and_take_the_bits_they_say(codes):
    data, code = entropy_coding.encode(np.array(codes, np.int8))
    assert entropy_coding.decode(data, code, len(codes)).tolist() == codes
    assert len(data) == -(-round(code.bits_per_code * len(codes)) // 8)
    assert round(code.bits_per_code * len(codes)) == heap_cost(codes)


@pytest.mark.parametrize("bits", [2, 4, 8])
def test_huffman_lies_between_the_entropy_and_one_bit_more(bits):
    codes = ql.quantize(X, ql.QuantSpec("int-symmetric", bits=bits)).codes
    code = entropy_coding.huffman(codes)
    assert code.entropy == pytest.approx(ql.metrics.entropy_bits(codes))
    assert code.entropy <= code.bits_per_code < code.entropy + 1
    assert code.bits_per_code <= bits


def test_no_word_begins_another():
    words = sorted(entropy_coding.huffman(np.random.default_rng(2).geometric(0.3, 5000)).words.values())
    assert not any(b.startswith(a) for a, b in zip(words, words[1:], strict=False))


def test_a_stream_that_ends_early_and_no_codes_at_all_are_refused():
    data, code = entropy_coding.encode(np.arange(100) % 7)
    with pytest.raises(ValueError, match="ends before 100"):
        entropy_coding.decode(data[:-1], code, 100)
    with pytest.raises(ValueError, match="at least one"):
        entropy_coding.huffman(np.array([], np.int8))
