"""HQQ: against its published loop written over single groups, and against the search that it stands for."""

from __future__ import annotations

import io

import numpy as np
import pytest

import quantlab as ql
from quantlab.storage import packing

GAUSS = (np.random.default_rng(3).normal(size=(64, 64)) * 0.05).astype(np.float32)


def published(w, bits):
    """optimize_weights_proximal of Badri and Shaji's page, for one group, in its own variables: an inverse scale and a zero."""
    top = 2**bits - 1
    scale, beta, best = top / (w.max() - w.min()), 10.0, np.inf
    zero = kept = -w.min() * scale
    for _ in range(21):
        codes = np.clip(np.round(w * scale + zero), 0, top)
        restored = (codes - zero) / scale
        if (now := np.abs(w - restored).mean()) >= best:
            break
        best, kept, rest = now, zero, w - restored
        e = np.sign(rest) * np.maximum(np.abs(rest) - np.maximum(np.abs(rest), 1e-12) ** (0.7 - 1) / beta, 0)
        zero = np.mean(codes - (w - e) * scale)
        beta *= 1.01
    return (np.clip(np.round(w * scale + kept), 0, top) - kept) / scale


@pytest.mark.parametrize("bits", [2, 3, 4, 8])
def test_nearly_every_group_is_what_the_published_loop_gives_and_no_group_is_worse(bits):
    """Our scale is a float32, so that a value beside a border may fall to the other side of it in one turn."""
    ours = ql.fake_quantize(GAUSS, ql.QuantSpec("hqq", bits=bits, granularity=ql.per_group(64)))
    theirs = np.stack([published(row.astype(np.float64), bits) for row in GAUSS])
    assert (np.abs(ours - theirs).max(axis=1) < 1e-6).mean() > 0.9
    assert np.all(np.abs(GAUSS - ours).mean(axis=1) < 1.01 * np.abs(GAUSS - theirs).mean(axis=1))


@pytest.mark.parametrize("numbers, bits", [("float32", 4.0 + 64 / 64), ("float16", 4.0 + 32 / 64)])
def test_a_file_keeps_scale_and_zero_point_in_so_many_bits(numbers, bits):
    q, file = ql.quantize(GAUSS, ql.QuantSpec("hqq", granularity=ql.per_group(64), numbers=numbers)), io.BytesIO()
    packing.save(q, file)
    file.seek(0)
    assert np.array_equal(ql.dequantize(packing.load(file)), ql.dequantize(q))
    assert q.bits_per_value == bits and 8 * sum(a.nbytes for a in packing._arrays_of(q).values()) == bits * GAUSS.size


def test_values_far_from_zero_keep_their_places_in_16_bits_too():
    far = (1000 + np.random.default_rng(0).random((4, 64))).astype(np.float32)
    wide, half = (ql.fake_quantize(far, ql.QuantSpec("hqq", 8, granularity=ql.per_group(64), numbers=n)) for n in ("float32", "float16"))
    assert np.abs(wide - far).max() < 2.1 / 255 and np.abs(half - far).max() < 1001 / 255


def test_small_weights_lose_more_than_to_nearest_though_the_others_win_because_0_is_no_level():
    """Where such weights meet the largest inputs, as in SmolLM2, the whole layer loses: docs/language.md."""
    w = GAUSS.copy()
    w[:, 0] *= 0.02
    specs = [ql.QuantSpec(scheme, bits=3, granularity=ql.per_group(64)) for scheme in ("int-asymmetric", "hqq")]
    nearest, moved = (np.abs(ql.fake_quantize(w, spec) - w) for spec in specs)
    assert moved.mean() < nearest.mean() and moved[:, 0].mean() > 5 * nearest[:, 0].mean()
