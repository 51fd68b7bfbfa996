"""Time and memory of a whole model file: ``python -m tests.benchmarks.model_file [GB]`` makes one and goes through it.

The file is float16 values of a Student distribution in tensors of a language model's shapes, made piece by piece. Told are the time
until the file is listed and until the first row is measured, the time of all rows beside that of one plain pass over the file, and the
most memory the process ever held above what it held before.
"""

from __future__ import annotations

import json
import resource
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from quantlab.model_file.measuring import measure
from quantlab.model_file.opening import open_model
from quantlab.model_file.options import options


def make(path: Path, size: int) -> None:
    """A safetensors file of about so many bytes, no tensor of it held whole."""
    shapes, total, layer = {"model.embed_tokens.weight": (64_000, 4096)}, 64_000 * 4096 * 2, 0
    while total < size:
        for name, shape in {"self_attn.q_proj": (4096, 4096), "mlp.up_proj": (11_008, 4096), "mlp.down_proj": (4096, 11_008)}.items():
            shapes[f"model.layers.{layer}.{name}.weight"] = shape
            total += shape[0] * shape[1] * 2
        shapes[f"model.layers.{layer}.input_layernorm.weight"] = (4096,)
        layer += 1
    header, at = {}, 0
    for name, shape in shapes.items():
        nbytes = int(np.prod(shape)) * 2
        header[name] = {"dtype": "F16", "shape": list(shape), "data_offsets": [at, at + nbytes]}
        at += nbytes
    block = (np.random.default_rng(0).standard_t(5, 1 << 22) * 0.02).astype(np.float16)
    text = json.dumps(header).encode()
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for shape in shapes.values():
            left = int(np.prod(shape))
            while left:
                file.write(block[: min(left, block.size)].tobytes())
                left -= min(left, block.size)


def peak() -> float:
    """The most memory this process ever held, in MB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def main(gigabytes: float) -> None:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.safetensors"
        make(path, int(gigabytes * 1e9))
        choices = list(options().values())
        before, start = peak(), time.perf_counter()
        model = open_model(path)
        listed, first = time.perf_counter() - start, 0.0
        for tensor in model.tensors:
            measure(tensor, choices, let_go=model.release)
            first = first or time.perf_counter() - start
        whole = time.perf_counter() - start
        start = time.perf_counter()
        with path.open("rb") as file:
            while file.read(1 << 24):
                pass
        plain = time.perf_counter() - start
    print(f"{path.name}: {model.nbytes / 1e9:.2f} GB, {len(model.tensors)} tensors, {len(choices)} options")
    print(
        f"listed after {listed:.3f} s, first row after {first:.2f} s, all rows after {whole:.1f} s = {whole / plain:.1f} plain reads of the file"
    )
    print(f"most memory {peak():.0f} MB, of which {peak() - before:.0f} MB came with the file")


if __name__ == "__main__":
    main(float(sys.argv[1]) if len(sys.argv) > 1 else 5.0)
