"""The bench lab: does a quantized model pass?"""
