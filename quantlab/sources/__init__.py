"""Sources of data: built-in tensors, pasted numbers and uploaded files, each ending as one checked array."""

from quantlab.sources.builtin import TENSOR_SOURCES
from quantlab.sources.files import EXTENSIONS, list_tensors, load_tensor
from quantlab.sources.finite import count_nonfinite, make_finite
from quantlab.sources.pasted import parse_floats
from quantlab.sources.tensor_source import Knob, TensorSource, shape_for, with_outlier
from quantlab.sources.upload import TensorInfo

__all__ = [
    "EXTENSIONS",
    "TENSOR_SOURCES",
    "Knob",
    "TensorInfo",
    "TensorSource",
    "count_nonfinite",
    "list_tensors",
    "load_tensor",
    "make_finite",
    "parse_floats",
    "shape_for",
    "with_outlier",
]
