"""How fast is the core beside others, in one run on one machine? `python -m tests.benchmarks.peers` prints a table.

Every round runs all contestants of a table once, in turn, so that a busy machine slows all alike; the number is the
median over the rounds, "least" the fastest of them. Contestants that are not installed are left out.
"""

from __future__ import annotations

import os
import platform
import time
import tracemalloc
from collections.abc import Callable, Iterator
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path

import numpy as np

import quantlab as ql

N = 10_000_000
Table = dict[str, Callable[[], object]]
PACKAGES = ("numpy", "torch", "onnxruntime", "bitsandbytes", "ml_dtypes", "ckwrap", "kmeans1d")


def main() -> None:
    print(f"{machine()}; Python {platform.python_version()}, {', '.join(versions())}.")
    for title, rounds, table in tables():
        print(f"\n| {title} | ms | least | times the first |\n|---|--:|--:|--:|")
        times = {name: sorted(ms) for name, ms in measure(table, rounds).items()}
        first = np.median(next(iter(times.values())))
        for name, ms in times.items():
            print(f"| {name} | {np.median(ms):.3g} | {ms[0]:.3g} | {np.median(ms) / first:.3g} |")
    print(f"\nAt its peak `fake_quantize` holds {peak():.2f} arrays of the input's size, the result among them.")


def measure(table: Table, rounds: int) -> dict[str, list[float]]:
    """Milliseconds of every round, after one that is not counted."""
    times: dict[str, list[float]] = {name: [] for name in table}
    for turn in range(rounds + 1):
        for name, run in table.items():
            start = time.perf_counter()
            run()
            if turn:
                times[name].append(1e3 * (time.perf_counter() - start))
    return times


def tables() -> Iterator[tuple[str, int, Table]]:
    x = np.random.default_rng(0).normal(size=N).astype(np.float32)
    yield "int8, one scale, 10⁷ float32", 15, integers(x)
    yield "int8, a scale for each of 1000 rows, 10⁷ float32", 15, rows(x.reshape(1000, -1))
    yield "int8, groups of 64, 10⁷ float32", 15, groups(x)
    yield "4 bits and small floats, 2²⁰ float32", 15, codebooks(x[: 1 << 20].copy())
    yield "exact k-means, 10⁵ values, k = 16", 3, means(np.sort(x[:100_000]), kmeans1d=True)
    yield "exact k-means, 10⁶ values, k = 16", 3, means(np.sort(x[:1_000_000]))
    yield "exact error of one more quantizer, 10⁷ sorted values", 200, distortions(x)
    yield "least-error range, 10⁶ values", 3, calibrators(x[:1_000_000].copy())


def ours(x: np.ndarray, spec: ql.QuantSpec) -> Table:
    qparams = ql.choose_qparams(x, spec)
    return {
        "quantlab, scale chosen": lambda: ql.fake_quantize(x, spec),
        "quantlab, scale given": lambda: ql.fake_quantize(x, spec, qparams),
    }


def copying(x: np.ndarray) -> Table:
    out = np.zeros_like(x)
    return {"copy into an array at hand": lambda: np.copyto(out, x), "copy into a new array": x.copy}


def naive(x: np.ndarray, s: np.ndarray) -> Table:
    out = np.zeros_like(x)

    def in_place() -> None:
        np.divide(x, s, out=out)
        np.rint(out, out=out)
        np.clip(out, -127, 127, out=out)
        np.multiply(out, s, out=out)

    return {"numpy, in place": in_place, "numpy, naive": lambda: np.clip(np.rint(x / s), -127, 127) * s}


def integers(x: np.ndarray) -> Table:
    spec = ql.QuantSpec("int-symmetric", bits=8)
    s = ql.choose_qparams(x, spec).scale
    table = copying(x) | ours(x, spec) | naive(x, s)
    if find_spec("onnxruntime"):
        session = onnx_session()
        feed = {"x": x, "s": s.reshape(()), "z": np.array(0, np.int8)}
        table["onnxruntime Q + DQ"] = lambda: session.run(None, feed)
    if find_spec("torch"):
        import torch

        t = torch.from_numpy(x)
        table["torch fake_quantize_per_tensor_affine"] = lambda: torch.fake_quantize_per_tensor_affine(t, float(s[0]), 0, -127, 127)
    return table


def rows(x: np.ndarray) -> Table:
    spec = ql.QuantSpec("int-symmetric", bits=8, granularity=ql.per_channel(0))
    s = ql.choose_qparams(x, spec).scale
    table = copying(x) | ours(x, spec) | naive(x, s[:, None])
    if find_spec("torch"):
        import torch

        t, scale, zero = torch.from_numpy(x), torch.from_numpy(s), torch.zeros(len(s), dtype=torch.int32)
        table["torch fake_quantize_per_channel_affine"] = lambda: torch.fake_quantize_per_channel_affine(t, scale, zero, 0, -127, 127)
    return table


def groups(x: np.ndarray) -> Table:
    spec = ql.QuantSpec("int-symmetric", bits=8, granularity=ql.per_group(64))
    s = ql.choose_qparams(x, spec).scale
    return copying(x) | ours(x, spec) | naive(x.reshape(-1, 64), s[:, None])


def codebooks(x: np.ndarray) -> Table:
    by_64, e4m3 = ql.QuantSpec("nf4", granularity=ql.per_group(64)), ql.QuantSpec("float", format="e4m3fn")
    table: Table = {
        "quantlab NF4, groups of 64": lambda: ql.fake_quantize(x, by_64),
        "quantlab E4M3, scaled": lambda: ql.fake_quantize(x, e4m3),
        "quantlab E4M3, cast": lambda: ql.FORMATS["e4m3fn"].cast(x),
    }
    if find_spec("torch"):
        import torch

        t, book = torch.from_numpy(x), torch.from_numpy(ql.quantize(x, by_64).qparams.codebook)

        def bucketize() -> torch.Tensor:
            rows = t.reshape(-1, 64)
            scale = rows.abs().amax(1, keepdim=True)
            return book[torch.bucketize(rows / scale, (book[1:] + book[:-1]) / 2)] * scale

        table["torch NF4 by bucketize"] = bucketize
        table["torch E4M3, cast"] = lambda: t.to(torch.float8_e4m3fn).float()
    if find_spec("bitsandbytes"):
        import torch
        from bitsandbytes import functional as bnb

        table["bitsandbytes NF4"] = lambda: bnb.dequantize_4bit(*bnb.quantize_4bit(torch.from_numpy(x), blocksize=64, quant_type="nf4"))
    if find_spec("ml_dtypes"):
        import ml_dtypes

        table["ml_dtypes E4M3, cast"] = lambda: x.astype(ml_dtypes.float8_e4m3fn).astype(np.float32)
    return table


def means(x: np.ndarray, kmeans1d: bool = False) -> Table:
    from quantlab.clustering import optimal

    table: Table = {"quantlab": lambda: optimal(x, 16)}
    wide = x.astype(np.float64)
    if find_spec("ckwrap"):
        import ckwrap

        table["ckwrap"] = lambda: ckwrap.ckmeans(wide, 16)
    if kmeans1d and find_spec("kmeans1d"):
        from kmeans1d import cluster

        table["kmeans1d"] = lambda: cluster(wide, 16)
    return table


def distortions(x: np.ndarray) -> Table:
    d = ql.Distribution(x)
    grids = {bits: np.linspace(-4, 4, 2**bits) for bits in (4, 8, 10, 12)}
    return {f"{bits} bits": lambda levels=levels: d.distortion(levels) for bits, levels in grids.items()}


def calibrators(x: np.ndarray) -> Table:
    table: Table = {}
    for name in ql.CALIBRATORS:
        if name in ql.SCHEMES["int-symmetric"].calibrators:
            spec = ql.QuantSpec("int-symmetric", bits=4, calibrator=name)
            table[f"{name}, 4 bits"] = lambda spec=spec: ql.choose_qparams(x, spec)
    grouped = ql.QuantSpec("int-symmetric", bits=4, calibrator="mse", granularity=ql.per_group(64))
    wide = ql.QuantSpec("int-symmetric", bits=16, calibrator="mse")
    table["mse, 4 bits, groups of 64"] = lambda: ql.choose_qparams(x, grouped)
    table["mse, 16 bits"] = lambda: ql.choose_qparams(x, wide)
    return table


def peak() -> float:
    """The most memory that one call holds, in arrays of the input's size."""
    x = np.ones(N // 10, np.float32)
    spec = ql.QuantSpec("int-symmetric", bits=8)
    tracemalloc.start()
    ql.fake_quantize(x, spec)
    most = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    return most / x.nbytes


def onnx_session():
    """QuantizeLinear and DequantizeLinear in one session, with the threads it takes of itself."""
    import onnxruntime

    from tests.oracles.test_affine import FLOAT, INT8, message, node, number, value

    graph = message(1, node("QuantizeLinear", "x s z", "q")) + message(1, node("DequantizeLinear", "q s z", "y")) + message(2, "both")
    graph += b"".join(message(11, value(*i)) for i in (("x", FLOAT), ("s", FLOAT), ("z", INT8))) + message(12, value("y", FLOAT))
    model = number(1, 10) + message(7, graph) + message(8, number(2, 21))
    return onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])


def machine() -> str:
    info = Path("/proc/cpuinfo")
    lines = info.read_text().splitlines() if info.exists() else []
    model = next((line.split(":")[1].strip() for line in lines if line.startswith("model name")), platform.processor())
    load = f", load {os.getloadavg()[0]:.1f} at the start" if hasattr(os, "getloadavg") else ""
    return f"{model}, {os.cpu_count()} cores{load}"


def versions() -> Iterator[str]:
    for package in PACKAGES:
        try:
            yield f"{package} {version(package)}"
        except PackageNotFoundError:
            continue


if __name__ == "__main__":
    main()
