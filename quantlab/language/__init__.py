"""Language models of the Llama architecture: text, forward pass, evaluation, quantization. Plain numpy but for ``engine``, which trains."""
