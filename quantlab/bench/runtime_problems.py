"""What onnxruntime refuses, in our words: its own hold its source files, its codes, and no remedy.

Its exceptions are told by their classes, and by the operator that it names; see ``onnxruntime.capi``.
"""

from __future__ import annotations

import re

from quantlab.sources.upload import Refused, show

_OPERATOR = re.compile(r"(?:Op \(|Optype \(|operator \(|implementation for |running |registered for )(\w{1,60})")
_KINDS = (  # what its message holds, and what that means; the first that fits
    ("IR version|opset", "is written in a version of ONNX that onnxruntime here does not know", "export it for opset 13 to 21"),
    ("Could not find an implementation|No Op registered", "uses {} with types that onnxruntime has no code for", "export it in float32"),
    ("allocate memory|bad_alloc", "asks for more memory in {} than there is", "test a smaller model, or bring fewer examples"),
    ("invalid dimensions|Invalid rank", "reads examples of another shape", "bring x in the shape that its input states"),
    ("Unexpected input data type", "reads examples of another type", "bring x in the type that its input states"),
    ("Type Error", "gives {} factors of two types", "export it in float32"),
    ("ShapeInferenceError|[Dd]imension|[Ss]hape", "gives {} arrays whose shapes do not fit each other", "export it once more with its weights as they are"),
)  # fmt: skip


def problem(name: str, error: Exception, running: bool) -> Refused:
    """The sentence for an exception of onnxruntime. name : of the model. running : whether the model had been loaded before.

    >>> print(problem("m.onnx", RuntimeError("[ONNXRuntimeError] : 9 : NOT_IMPLEMENTED : Could not find an implementation for Erf(13)"), False))
    'm.onnx' uses Erf with types that onnxruntime has no code for: export it in float32.
    """
    text = str(error)
    found = _OPERATOR.search(text)
    operator = found[1] if found else "an operator"
    for pattern, what, remedy in _KINDS:
        if re.search(pattern, text):
            return Refused(f"{show(name)} {what.format(operator)}: {remedy}.")
    if running:
        return Refused(f"{show(name)} stops in {operator}: check that it runs on these examples where you exported it.")
    return Refused(f"{show(name)} cannot be loaded because of {operator}: export it once more at opset 13 to 21.")
