"""onnxruntime runs of a model on examples, any of its tensors asked for.

Graph optimization is off: from the level EXTENDED on onnxruntime fuses quantizers into operators whose codes differ by one or
two (#32132), and a test has to see what the file says.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from importlib import import_module
from typing import Any  # onnxruntime states no types

import numpy as np

from quantlab.bench.model import Model
from quantlab.bench.runtime_problems import problem
from quantlab.sources.upload import Refused, show

BATCH = 50
MOST_VALUES = 1 << 27  # numbers of all tensors that one run may hold


class Session:
    """A model that is loaded once and run on examples. outputs : the tensors that it gives; ValueError where the runtime refuses it."""

    def __init__(self, model: Model, outputs: Sequence[str]) -> None:
        wanted = list(dict.fromkeys(outputs))
        self.model = model
        self._constant = [name for name in wanted if name in model.constants]
        self._asked = [name for name in wanted if name not in model.constants]
        self._session = _loaded(model, wanted)

    def run(self, x: np.ndarray, batch: int = BATCH, more: Mapping[str, np.ndarray] | None = None) -> dict[str, np.ndarray]:
        """Tensors by name, the examples along the first axis. x : (N, ...), as the model reads it. more : inputs beside it, whole."""
        entry, name = self._session.get_inputs()[0], self.model.name
        fixed = entry.shape[0] if entry.shape and isinstance(entry.shape[0], int) and entry.shape[0] > 0 else None
        x = as_read(x, entry, name)
        size, parts, held = fixed or batch, list[list[np.ndarray]](), 0
        for start in range(0, len(x), size):
            some = x[start : start + size]
            full = np.concatenate([some, np.repeat(some[-1:], size - len(some), axis=0)]) if fixed and len(some) < size else some
            try:
                answers = self._session.run(self._asked, {entry.name: full} | dict(more or {}))
            except Exception as error:  # the runtime's own classes, which it exports under no stable name
                raise problem(name, error, running=True) from error
            parts.append([a[: len(some)] if a.ndim and len(a) == len(full) else a for a in answers])
            held += sum(a.size for a in parts[-1])
            if held > MOST_VALUES:
                raise Refused(f"{show(name)} gives more than {MOST_VALUES} numbers for these examples: bring fewer of them.")
        joined = {asked: np.concatenate([part[k] for part in parts]) for k, asked in enumerate(self._asked) if parts[0][k].ndim}
        return joined | {known: self.model.constants[known] for known in self._constant}


def _loaded(model: Model, outputs: Sequence[str]) -> Any:
    onnx, runtime = import_module("onnx"), import_module("onnxruntime")
    proto = onnx.ModelProto()
    proto.CopyFrom(model.proto)
    known = {value.name for value in proto.graph.output}
    proto.graph.output.extend(onnx.helper.make_empty_tensor_value_info(name) for name in outputs if name not in known)
    options = runtime.SessionOptions()
    options.graph_optimization_level = runtime.GraphOptimizationLevel.ORT_DISABLE_ALL
    options.intra_op_num_threads = options.inter_op_num_threads = 1
    options.log_severity_level = 4
    try:
        return runtime.InferenceSession(proto.SerializeToString(), options, providers=["CPUExecutionProvider"])
    except Exception as error:  # the runtime's own classes, which it exports under no stable name
        raise problem(model.name, error, running=False) from error


def run(model: Model, x: np.ndarray, outputs: Sequence[str] | None = None, batch: int = BATCH) -> dict[str, np.ndarray]:
    """A model's tensors on examples, by name. outputs : the model's first, if left out."""
    return Session(model, [model.output] if outputs is None else outputs).run(x, batch)


def as_read(x: np.ndarray, entry: Any, name: str) -> np.ndarray:
    """The examples in the type and shape that the model's input states; ValueError where they do not fit."""
    kinds = {"tensor(float)": np.float32, "tensor(uint8)": np.uint8, "tensor(int32)": np.int32, "tensor(int64)": np.int64}
    if entry.type not in kinds:
        raise Refused(f"{show(name)} reads {entry.type}, and the bench feeds float32, uint8, int32 or int64: export it so.")
    fits = len(entry.shape) == x.ndim and all(
        a == b for a, b in zip(entry.shape[1:], x.shape[1:], strict=True) if isinstance(a, int) and a > 0
    )
    if entry.shape and not fits:
        wanted = ", ".join(str(d) if isinstance(d, int) and d > 0 else "any" for d in entry.shape)
        raise Refused(f"{show(name)} reads examples of shape ({wanted}), and these are {x.shape}: bring x in that shape.")
    return np.ascontiguousarray(x.astype(kinds[entry.type], copy=False))
