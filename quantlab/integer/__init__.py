"""Integer-only arithmetic: codes, whole-number sums, fixed-point requantization, in numpy alone.

One idea a file: ``fixed_point`` (a factor as a multiplier and a shift), ``requantize`` (an accumulator becomes a code),
``accumulate`` (sums of few bits that wrap or saturate), ``dot`` (the zero-point terms), ``arithmetic`` (linear layers and
convolutions), ``network`` (layers one after another), ``export`` and ``runtime`` (ONNX), ``cost`` (a model of energy).
Source of the scheme: Jacob et al. 2018, arXiv:1712.05877.
"""
