"""The home page: quantization in one picture."""
