"""The integer lab: whether a network that counts in whole numbers answers as the fake-quantized one."""
