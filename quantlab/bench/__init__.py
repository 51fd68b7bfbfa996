"""The bench: white, black and grey box tests of a quantized model against its float one.

The subject is a pair of ONNX models with labelled examples. Names of tensors hold the pair together: what has the same name
in both is the same thing, exact in one and quantized in the other.
"""
