"""Readers of model files, one a format: each lists a file's tensors from its header, and never runs what is in it."""
