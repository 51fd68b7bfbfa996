"""Who competes at what? One function a contest: a name and what it runs; contestants that are not installed are left out.

In every contest the names that begin with "quantlab" are this project's, the others' are their libraries'.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import NamedTuple

import numpy as np

import quantlab as ql

Runs = dict[str, Callable[[], object]]


class Contest(NamedTuple):
    """``rounds`` in which each of ``runs`` is timed once."""

    title: str
    rounds: int
    runs: Runs


def contests(n: int) -> Iterator[Contest]:
    """All of them, on up to n values; made one after the other, since each keeps its arrays."""
    x = np.random.default_rng(0).normal(size=n).astype(np.float32)
    tenth, some = x[: n // 10].copy(), x[: min(n, 1 << 20)].copy()
    yield Contest(f"int8, one scale, {n:,} values", 15, integers(x))
    yield Contest(f"int8, a scale for each of {n // 10_000 or 1:,} rows", 15, rows(x.reshape(n // 10_000 or 1, -1)))
    yield Contest("int8, groups of 64", 15, groups(x[: n // 64 * 64]))
    yield Contest(f"4 bits and small floats, {some.size:,} values", 15, codebooks(some))
    yield Contest(f"exact k-means, {n // 100:,} values, 16 levels", 3, means(np.sort(x[: n // 100]), kmeans1d=True))
    yield Contest(f"exact k-means, {n // 10:,} values, 16 levels", 3, means(np.sort(tenth)))
    yield Contest(f"range of least divergence (KL), 2048 bins, {n // 10:,} values", 5, divergences(tenth))
    yield Contest(f"range by each rule, 4 bits, {n // 10:,} values", 3, calibrators(tenth))
    yield Contest(f"exact error of one more quantizer, {n:,} values once sorted", 100, distortions(x))
    yield Contest(f"all widths of a scheme, numbers and levels, sorting included, {n // 10:,} values", 1, sweeps(tenth))
    yield Contest(f"all widths of a scheme, {n:,} values", 1, sweeps(x))


def ours(x: np.ndarray, spec: ql.QuantSpec) -> Runs:
    qparams = ql.choose_qparams(x, spec)
    return {
        "quantlab, scale given": lambda: ql.fake_quantize(x, spec, qparams),
        "quantlab, scale chosen": lambda: ql.fake_quantize(x, spec),
    }


def copying(x: np.ndarray) -> Runs:
    out = np.zeros_like(x)
    return {"copy into an array at hand": lambda: np.copyto(out, x), "copy into a new array": x.copy}


def naive(x: np.ndarray, s: np.ndarray) -> Runs:
    out = np.zeros_like(x)

    def in_place() -> None:
        np.divide(x, s, out=out)
        np.rint(out, out=out)
        np.clip(out, -127, 127, out=out)
        np.multiply(out, s, out=out)

    return {"numpy, in place": in_place, "numpy, naive": lambda: np.clip(np.rint(x / s), -127, 127) * s}


def integers(x: np.ndarray) -> Runs:
    spec = ql.QuantSpec("int-symmetric", bits=8)
    s = ql.choose_qparams(x, spec).scale
    runs = ours(x, spec) | copying(x) | naive(x, s)
    if find_spec("onnxruntime"):
        session = onnx_session()
        feed = {"x": x, "s": s.reshape(()), "z": np.array(0, np.int8)}
        runs["onnxruntime Q + DQ"] = lambda: session.run(None, feed)
    if find_spec("torch"):
        import torch

        t = torch.from_numpy(x)
        runs["torch fake_quantize"] = lambda: torch.fake_quantize_per_tensor_affine(t, float(s[0]), 0, -127, 127)
    return runs


def rows(x: np.ndarray) -> Runs:
    spec = ql.QuantSpec("int-symmetric", bits=8, granularity=ql.per_channel(0))
    s = ql.choose_qparams(x, spec).scale
    runs = ours(x, spec) | copying(x) | naive(x, s[:, None])
    if find_spec("torch"):
        import torch

        t, scale, zero = torch.from_numpy(x), torch.from_numpy(s), torch.zeros(len(s), dtype=torch.int32)
        runs["torch fake_quantize"] = lambda: torch.fake_quantize_per_channel_affine(t, scale, zero, 0, -127, 127)
    return runs


def groups(x: np.ndarray) -> Runs:
    spec = ql.QuantSpec("int-symmetric", bits=8, granularity=ql.per_group(64))
    s = ql.choose_qparams(x, spec).scale
    return ours(x, spec) | copying(x) | naive(x.reshape(-1, 64), s[:, None])


def codebooks(x: np.ndarray) -> Runs:
    by_64, e4m3 = ql.QuantSpec("nf4", granularity=ql.per_group(64)), ql.QuantSpec("float", format="e4m3fn")
    runs: Runs = {
        "quantlab NF4, groups of 64": lambda: ql.fake_quantize(x, by_64),
        "quantlab E4M3, scaled": lambda: ql.fake_quantize(x, e4m3),
        "quantlab E4M3, cast": lambda: ql.FORMATS["e4m3fn"].cast(x),
    }
    whole = x[: x.size // 64 * 64]
    if find_spec("torch"):
        import torch

        t, book = torch.from_numpy(whole), torch.from_numpy(ql.quantize(x, by_64).qparams.codebook)

        def bucketize() -> torch.Tensor:
            rows = t.reshape(-1, 64)
            scale = rows.abs().amax(1, keepdim=True)
            return book[torch.bucketize(rows / scale, (book[1:] + book[:-1]) / 2)] * scale

        runs["torch NF4 by bucketize"] = bucketize
        runs["torch E4M3, cast"] = lambda: t.to(torch.float8_e4m3fn).float()
    if find_spec("bitsandbytes"):
        import torch
        from bitsandbytes import functional as bnb

        runs["bitsandbytes NF4"] = lambda: bnb.dequantize_4bit(*bnb.quantize_4bit(torch.from_numpy(whole), blocksize=64, quant_type="nf4"))
    if find_spec("ml_dtypes"):
        import ml_dtypes

        runs["ml_dtypes E4M3, cast"] = lambda: x.astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    return runs


def means(x: np.ndarray, kmeans1d: bool = False) -> Runs:
    from quantlab.schemes._clustering import optimal

    runs: Runs = {"quantlab": lambda: optimal(x, 16)}
    wide = x.astype(np.float64)
    if find_spec("ckwrap"):
        import ckwrap

        runs["ckwrap"] = lambda: ckwrap.ckmeans(wide, 16)
    if kmeans1d and find_spec("kmeans1d"):
        from kmeans1d import cluster

        runs["kmeans1d"] = lambda: cluster(wide, 16)
    return runs


def divergences(x: np.ndarray) -> Runs:
    spec = ql.QuantSpec("int-symmetric", bits=8, calibrator="entropy")
    runs: Runs = {"quantlab": lambda: ql.choose_qparams(x, spec)}
    if find_spec("onnxruntime") and find_spec("onnx"):
        from onnxruntime.quantization.calibrate import HistogramCollector

        top = np.abs(x).max()
        collector = HistogramCollector("entropy", True, 2048, 255, 99.9, "same")

        def theirs() -> object:
            counts, edges = np.histogram(x, bins=2048, range=(-top, top))
            return collector.get_entropy_threshold((counts, edges, x.min(), x.max(), top), 255)

        runs["onnxruntime, 255 quantized bins"] = theirs
    return runs


def calibrators(x: np.ndarray) -> Runs:
    chosen = ql.SCHEMES["int-symmetric"].calibrators
    specs = {f"quantlab {name}": ql.QuantSpec("int-symmetric", bits=4, calibrator=name) for name in chosen}
    mse = specs["quantlab mse"]
    specs["quantlab mse, groups of 64"] = mse.replace(granularity=ql.per_group(64))
    specs["quantlab mse, groups of 64, asymmetric"] = ql.QuantSpec("int-asymmetric", 4, calibrator="mse", granularity=ql.per_group(64))
    specs["quantlab mse, 16 bits"] = mse.replace(bits=16)
    return {name: lambda spec=spec: ql.choose_qparams(x, spec) for name, spec in specs.items()}


def distortions(x: np.ndarray) -> Runs:
    d = ql.Distribution(x)
    grids = {bits: np.linspace(-4, 4, 2**bits) for bits in (4, 8, 10, 12)}
    return {f"quantlab, {bits} bits": lambda levels=levels: d.distortion(levels) for bits, levels in grids.items()}


def sweeps(x: np.ndarray) -> Runs:
    """k-means by Lloyd's iterations; the optimum has its own contest."""
    own = {"kmeans": {"method": "lloyd"}}
    specs = [ql.QuantSpec(slug, **own.get(slug, {})) for slug in ql.SCHEMES]
    widths = [[b for b in ql.SCHEMES[spec.scheme].bits_allowed(spec.knobs) if b <= 16] for spec in specs]
    return {
        f"quantlab {spec.scheme} × {len(bits)}": lambda spec=spec, bits=bits: ql.sweep(x, spec, values=bits)
        for spec, bits in zip(specs, widths, strict=True)
    }


def onnx_session():
    """QuantizeLinear and DequantizeLinear in one session, with the threads it takes of itself."""
    import onnxruntime

    from tests.oracles.test_affine import FLOAT, INT8, message, node, number, value

    graph = message(1, node("QuantizeLinear", "x s z", "q")) + message(1, node("DequantizeLinear", "q s z", "y")) + message(2, "both")
    graph += b"".join(message(11, value(*i)) for i in (("x", FLOAT), ("s", FLOAT), ("z", INT8))) + message(12, value("y", FLOAT))
    model = number(1, 10) + message(7, graph) + message(8, number(2, 21))
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
