"""The block formats of ggml: how each chooses a block's numbers and its codes, in ggml's own float32 arithmetic.

>>> {slug: f.bits + f.block_bits / f.block + f.shared_bits / f.block / f.run for slug, f in FORMATS.items() if slug in ("q2_k", "q6_k")}
{'q2_k': 2.625, 'q6_k': 6.5625}
"""

from __future__ import annotations

from quantlab.schemes._ggml_fit import Fit, Format
from quantlab.schemes._ggml_iq4 import IQ4
from quantlab.schemes._ggml_k import K_QUANTS
from quantlab.schemes._ggml_plain import PLAIN

__all__ = ["FORMATS", "Fit", "Format"]

_ORDER = ("q4_0", "q4_1", "q5_0", "q5_1", "q8_0", "q2_k", "q3_k", "q4_k", "q5_k", "q6_k", "iq4_nl", "iq4_xs", "tq1_0", "tq2_0", "mxfp4")
FORMATS: dict[str, Format] = {slug: (PLAIN | K_QUANTS | IQ4)[slug] for slug in _ORDER}
