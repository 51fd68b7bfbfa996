"""The pickle of a PyTorch file, read by a machine that can only build tensors' descriptions.

``torch.save`` writes a zip: ``data.pkl`` names each tensor's storage, offset, shape and stride, ``data/<key>`` holds a storage's bytes.
Here every name that the pickle may call is one of a few, and each gives a description; whatever else it names is refused before
anything is called. So nothing of the file runs, and torch is not needed.
"""

from __future__ import annotations

import io
import pickle
from collections import OrderedDict
from dataclasses import dataclass
from typing import Any

from quantlab.sources.upload import Refused, Upload, show

STORAGES = {
    "DoubleStorage": "float64",
    "FloatStorage": "float32",
    "HalfStorage": "float16",
    "BFloat16Storage": "bfloat16",
    "LongStorage": "int64",
    "IntStorage": "int32",
    "ShortStorage": "int16",
    "CharStorage": "int8",
    "ByteStorage": "uint8",
    "BoolStorage": "bool",
    "Float8_e4m3fnStorage": "float8_e4m3fn",
    "Float8_e5m2Storage": "float8_e5m2",
}


@dataclass(frozen=True)
class Storage:
    """A run of bytes in the archive. key : its member's name. size : in values."""

    key: str
    dtype: str
    size: int


@dataclass(frozen=True)
class View:
    """A tensor: where in a storage, counted in values, and with which strides."""

    storage: Storage
    offset: int
    shape: tuple[int, ...]
    stride: tuple[int, ...]

    @property
    def contiguous(self) -> bool:
        """Whether the values lie one after another, in the order of the shape."""
        step = 1
        for n, stride in zip(reversed(self.shape), reversed(self.stride), strict=True):
            if n != 1 and stride != step:
                return False
            step *= n
        return True


def _tensor(storage: Any, offset: Any, shape: Any, stride: Any, *rest: Any) -> View:  # whatever a pickle hands over
    numbers = [offset, *shape, *stride]
    if not isinstance(storage, Storage) or len(shape) != len(stride) or not all(type(n) is int and 0 <= n < 2**48 for n in numbers):
        raise pickle.UnpicklingError("a tensor's description makes no sense")
    view = View(storage, offset, tuple(shape), tuple(stride))
    last = offset + sum((n - 1) * step for n, step in zip(shape, stride, strict=True)) + 1
    if 0 not in view.shape and last > storage.size:
        raise pickle.UnpicklingError(f"a tensor reaches value {last} of a storage of {storage.size}")
    return view


def _parameter(data: Any, *rest: Any) -> Any:  # a tensor's description, passed on
    return data


KNOWN: dict[tuple[str, str], Any] = {  # callables, and names of storages
    ("torch._utils", "_rebuild_tensor_v2"): _tensor,
    ("torch._utils", "_rebuild_parameter"): _parameter,
    ("collections", "OrderedDict"): OrderedDict,
    ("torch", "Size"): tuple,
    **{("torch", name): name for name in STORAGES},
}


class _Reader(pickle.Unpickler):
    """An unpickler to which only ``KNOWN`` names mean anything."""

    def find_class(self, module: str, name: str) -> Any:  # one of KNOWN
        if (module, name) not in KNOWN:
            raise pickle.UnpicklingError(f"it asks for {module}.{name}")
        return KNOWN[module, name]

    def persistent_load(self, pid: Any) -> Storage:  # whatever a pickle hands over
        match pid:
            case ("storage", str(kind), str(key), str(), int(size)) if kind in STORAGES and 0 <= size < 2**48:
                return Storage(key, STORAGES[kind], size)
        raise pickle.UnpicklingError("a storage's description makes no sense")


MAX_DEPTH, MAX_ITEMS = 16, 200_000


def read_pickle(upload: Upload, content: bytes) -> dict[str, View]:
    """The tensors of a state_dict, names of nested tables joined by dots; ValueError in one sentence for anything else."""
    try:
        top = _Reader(io.BytesIO(content)).load()
    except Exception as error:  # a damaged pickle raises whatever its machine stumbles over
        raise Refused(
            f"{show(upload.name)} is no plain state_dict ({show(str(error))}): save torch.save(model.state_dict(), file)."
        ) from error
    found: dict[str, View] = {}
    heap: list[tuple[str, Any, int]] = [("", top, 0)]
    for _ in range(MAX_ITEMS):
        if not heap:
            break
        name, value, depth = heap.pop()
        if isinstance(value, View):
            found.setdefault(name or "tensor", value)
        elif depth < MAX_DEPTH and isinstance(value, dict | list | tuple):
            pairs = value.items() if isinstance(value, dict) else enumerate(value)
            below = [(f"{name}.{key}" if name else str(key), item, depth + 1) for key, item in pairs if isinstance(key, str | int)]
            heap += reversed(below[:MAX_ITEMS])
    if heap:
        raise Refused(f"{show(upload.name)} nests more than {MAX_ITEMS} entries: save the state_dict alone.")
    if not found:
        raise Refused(f"{show(upload.name)} holds no tensor: save torch.save(model.state_dict(), file).")
    return found
