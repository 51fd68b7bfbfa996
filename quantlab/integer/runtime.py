"""onnxruntime: an exported network run and timed, at any level of its optimization.

From the level EXTENDED on, which is also the default, float operators between quantizers are fused into operators of integers,
whose codes differ from the unfused ones by one or two (onnxruntime #32132). DISABLE_ALL and BASIC leave them as they are.
"""

from __future__ import annotations

import time
from dataclasses import dataclass
from importlib import import_module
from typing import Any  # onnxruntime states no types

import numpy as np

LEVELS = {"none": "ORT_DISABLE_ALL", "basic": "ORT_ENABLE_BASIC", "extended": "ORT_ENABLE_EXTENDED", "all": "ORT_ENABLE_ALL"}


class Session:
    """An exported network ready to run. level : of ``LEVELS``. threads : that one run may use."""

    def __init__(self, model: bytes, level: str = "basic", threads: int = 1) -> None:
        runtime: Any = import_module("onnxruntime")
        options = runtime.SessionOptions()
        options.graph_optimization_level = getattr(runtime.GraphOptimizationLevel, LEVELS[level])
        options.intra_op_num_threads, options.inter_op_num_threads = threads, 1
        options.log_severity_level = 3
        self._session = runtime.InferenceSession(model, options, providers=["CPUExecutionProvider"])
        self.outputs = [output.name for output in self._session.get_outputs()]

    def run(self, pixels: np.ndarray) -> dict[str, np.ndarray]:
        """All outputs by their names, for pictures uint8 (N, H, W, C)."""
        return dict(zip(self.outputs, self._session.run(None, {"picture": as_read(pixels)}), strict=True))

    def seconds(self, pixels: np.ndarray) -> float:
        """Seconds of one run on these pictures, (N, C, H, W) in memory already."""
        start = time.perf_counter()
        self._session.run(["logits"], {"picture": pixels})
        return time.perf_counter() - start


def as_read(pixels: np.ndarray) -> np.ndarray:
    """Pictures (N, H, W, C) as an exported network reads them, (N, C, H, W)."""
    return np.ascontiguousarray(pixels.transpose(0, 3, 1, 2))


def version() -> str:
    """The version of onnxruntime."""
    return str(import_module("onnxruntime").__version__)


@dataclass(frozen=True)
class Latency:
    """Times of one form at one batch, in milliseconds for one picture: the median, and the 10th and 90th percentile of ``runs`` runs."""

    form: str
    batch: int
    threads: int
    runs: int
    median: float
    low: float
    high: float


def latency(form: str, times: np.ndarray, batch: int, threads: int) -> Latency:
    """The summary of times in seconds of runs on ``batch`` pictures each.

    >>> latency("float", np.array([0.002, 0.004, 0.003]), 2, 1).median
    1.5
    """
    low, median, high = (float(t) for t in np.percentile(times, [10, 50, 90]) * 1000 / batch)
    return Latency(form, batch, threads, len(times), median, low, high)
