"""Training of the shipped language models: the only part that imports torch."""
