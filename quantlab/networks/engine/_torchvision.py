"""torchvision, imported also where its compiled part does not fit torch's build; the only file that imports it.

torchvision registers shapes for two operators of its compiled part, and dies where that part could not be loaded
("operator torchvision::nms does not exist"). Declaring the two first lets its data sets, models and transforms import and run; calling
``nms`` itself would still fail, and nothing here does.
"""

from __future__ import annotations

import sys
from importlib import import_module
from types import ModuleType

import torch

_SCHEMAS = (
    "nms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
    "qnms(Tensor dets, Tensor scores, float iou_threshold) -> Tensor",
)
_declared: list[torch.library.Library] = []  # a library's declarations last as long as it does


def torchvision() -> ModuleType:
    """The torchvision package, importable with any build of torch; ImportError with the remedy where it is missing."""
    try:
        return import_module("torchvision")
    except ModuleNotFoundError as error:
        raise ImportError(
            "torchvision is not installed; python -m pip install -r requirements.txt brings it in a checkout, and quantlab doctor names the command elsewhere"
        ) from error
    except RuntimeError as error:
        if "torchvision::nms" not in str(error) or _declared:
            raise
        library = torch.library.Library("torchvision", "FRAGMENT")
        for schema in _SCHEMAS:
            library.define(schema)
        _declared.append(library)
        _forget_half_imported()
        return import_module("torchvision")


def _forget_half_imported() -> None:
    for name in [name for name in sys.modules if name == "torchvision" or name.startswith("torchvision.")]:
        del sys.modules[name]
