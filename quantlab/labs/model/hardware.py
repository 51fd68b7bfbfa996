"""The room of hardware: memory while a model runs, and the roofline as a model of its speed.

One step gives a token to each of B texts. With N weights in its matrices, W bytes of them and c bytes of cache for a token:

    operations = 2 N B          bytes = W + B · tokens · c          steps a second <= roofline(operations, bytes)
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import partial

import numpy as np

from quantlab.film import Strip, numbers_film
from quantlab.film.figures import ORIGINAL, OTHER, QUANTIZED, THEORY, Chart, decades
from quantlab.labs.model.frames import Frames
from quantlab.labs.model.request import OWN_DEVICE, Use
from quantlab.labs.model.result import ModelResult, words_of
from quantlab.labs.text import fixed, kilobytes, plain
from quantlab.model_file.hardware import DEVICES, SIXTEEN, Bound, Device, roofline
from quantlab.model_file.report import totals

VIEWS = {
    "memory": "bytes of weights and of the key-value cache against the tokens of context",
    "roofline": "operations a second that peak and bandwidth allow, against operations a byte",
    "numbers": "weights, cache, largest activations, the bound on tokens a second",
    "words": "what to notice, in words",
}
_KEYS = re.compile(r"(^|[._])(k_proj|v_proj|attn_k|attn_v|k|v)\.weight$")
_LOOKED_UP = re.compile(r"embed|wte|wpe|token_embd")
_NEAR = 64e6  # bytes that many processors have as their last cache
_ACTIVATION = 2  # bytes of an activation: 16 bits


@dataclass(frozen=True)
class Run:
    """A file as it is run. weights : in matrices that every token is multiplied with. keys : numbers that a token leaves in the cache.

    widest : numbers that enter and leave the widest matrix.
    """

    weights: int
    keys: int
    widest: int

    def cache(self, use: Use, tokens: int | None = None) -> float:
        """Bytes of the cache of all texts."""
        return self.keys * use.cache / 8 * use.batch * (use.context if tokens is None else tokens)


def run_of(f: Frames) -> Run:
    """What the names and shapes of the tensors say: keys and values by the usual names of Llama's and GGUF's, embeddings looked up."""
    matrices = [t for t in f.listing.model.tensors if t.weights and len(t.shape) > 1 and t.size]
    used = [t for t in matrices if not _LOOKED_UP.search(t.name.lower())]
    used = used or matrices
    keys = sum(t.shape[0] for t in matrices if _KEYS.search(t.name) and len(t.shape) == 2)
    widest = max((t.rows + t.width for t in used), default=0)
    return Run(sum(t.size for t in used), keys, widest)


def device_of(use: Use) -> Device:
    """The device; one's own has the numbers that were given, and no cache that is known."""
    if use.device != OWN_DEVICE:
        return DEVICES[use.device]
    return Device("your own", use.bandwidth * 1e9, ((SIXTEEN, use.peak * 1e12),), 0.0, "your numbers")


def bound_of(f: Frames, run: Run, label: str) -> Bound:
    """The roofline of one step at this stop."""
    use, device = f.request.use, device_of(f.request.use)
    nbytes = read_bytes(f, run, label) + run.cache(use)
    return roofline(2.0 * max(run.weights, 1) * use.batch, max(nbytes, 1), device.peak, device.bandwidth)


def read_bytes(f: Frames, run: Run, label: str) -> float:
    """Bytes of weights that a step reads: those of the matrices in use; an embedding is looked up, a row a token."""
    plan = f.plan(label)
    whole = 0
    used = [t for t in f.listing.model.tensors if t.weights and not (len(t.shape) > 1 and _LOOKED_UP.search(t.name.lower()))]
    for t in used or [t for t in f.listing.model.tensors if t.weights]:
        option = plan.get(t.name)
        whole += option.nbytes(t.layout) if option else t.nbytes
    return float(whole)


def result(f: Frames) -> ModelResult:
    """The room's films, sentences and numbers."""
    run, labels = run_of(f), f.request.labels
    texts = {label: notice(f, run, label) for label in labels}
    films = {"memory": memory_film(f, run), "roofline": roofline_film(f, run), "numbers": numbers(f, run), "words": words_of(texts)}
    return ModelResult(f.request, films, texts, partial(csv, f, run), partial(program, f, run), f)


def memory_film(f: Frames, run: Run) -> bytes:
    """Weights, cache and their sum over the tokens of context."""
    labels, use = f.request.labels, f.request.use
    tokens = np.geomspace(64, 262144, 60)
    cache = np.array([max(run.cache(use, int(n)), 1.0) for n in tokens])
    weights = [f.totals(label).bytes_after for label in labels]
    low, high = np.floor(np.log10(min(*weights, cache[0] if run.keys else min(weights)))), np.log10(max(*weights, cache[-1])) + 0.4
    alt = "Bytes of the weights, of the key-value cache and of both, against the tokens of context"
    chart = Chart(Strip(labels), 300, alt, "tokens of context", "bytes")
    x = np.log10(64), np.log10(262144)
    y = float(low), float(max(high, low + 1))
    chart.axes(
        x,
        y,
        xaxis_type="log",
        yaxis_type="log",
        yaxis=decades(*y),
        xaxis={"tickvals": [100, 1000, 10000, 100000], "ticktext": ["100", "1000", "10 000", "100 000"]},
    )
    chart.line("weights", tokens, [np.full(len(tokens), float(w)) for w in weights], QUANTIZED)
    if run.keys:
        chart.line("cache", tokens, cache, ORIGINAL, dash="dot")
        chart.line("both", tokens, [w + cache for w in weights], OTHER, width=1.4)
    if use.context >= 64:
        now = [np.array([w + run.cache(use)]) for w in weights]
        chart.points("now", [np.array([float(use.context)])] * len(labels), now, OTHER, size=12, legend=False)
    return chart.film()


def roofline_film(f: Frames, run: Run) -> bytes:
    """The roof of 16 bits, roofs of factors in fewer bits dashed, and where this model stands."""
    labels, device = f.request.labels, device_of(f.request.use)
    bounds = [bound_of(f, run, label) for label in labels]
    places = [b.intensity for b in bounds]
    left, right = min(0.1, *places) / 2, max(2000.0, *places) * 2
    x = np.geomspace(left, right, 80)
    top = max(peak for _, peak in device.peaks)
    y = float(np.log10(left * device.bandwidth)), float(np.log10(top) + 0.5)
    alt = f"Roofline of {device.title}: operations a second at most, against operations a byte, and where this model stands"
    chart = Chart(Strip(labels), 300, alt, "operations for each byte that is read", "operations a second, at most")
    ends = float(np.log10(left)), float(np.log10(right))
    chart.axes(ends, y, xaxis_type="log", yaxis_type="log", yaxis=decades(*y), xaxis=decades(*ends))
    for (name, peak), dash in zip(device.peaks, ("solid", "dash", "dot", "dashdot"), strict=False):
        title = "factors of 16 bits" if name == SIXTEEN else f"both factors {name}"
        chart.line(title, x, np.minimum(x * device.bandwidth, peak), THEORY, dash=dash, width=1.6)
    chart.points("all stops", np.array(places), np.array([b.rate for b in bounds]), QUANTIZED, size=6, legend=False)
    chart.points("this model", [np.array([b.intensity]) for b in bounds], [np.array([b.rate]) for b in bounds], QUANTIZED, size=13)
    return chart.film()


def numbers(f: Frames, run: Run) -> bytes:
    """Tiles."""
    labels, use = f.request.labels, f.request.use
    bounds = [bound_of(f, run, label) for label in labels]
    cache, activations = run.cache(use), float(run.widest * _ACTIVATION * use.batch)
    weights = [f.totals(label).bytes_after for label in labels]
    tiles = [
        ("Weights", "Bytes of all tensors, scales counted in", [kilobytes(w) for w in weights]),
        ("Cache", "Keys and values of all tokens of all texts", [kilobytes(cache) if run.keys else "no keys found"] * len(labels)),
        (
            "Activations",
            "What enters and leaves the widest matrix for one token of each text, 16 bits each",
            [kilobytes(activations)] * len(labels),
        ),
        ("Together", "At least: software adds workspaces of its own", [kilobytes(w + cache + activations) for w in weights]),
        ("Operations a byte", "Multiplications and additions for each byte that is read", [fixed(b.intensity, 1) for b in bounds]),
        (
            "At most, tokens/s",
            "Steps a second times texts: what peak and bandwidth allow, nothing measured",
            [_counted(b.steps * use.batch) for b in bounds],
        ),
    ]
    return numbers_film(Strip(labels), tiles)


def _counted(count: float) -> str:
    """Tokens in three digits.

    >>> _counted(15238.5), _counted(1_063_000), _counted(2.5)
    ('15200', '1.06 million', '2.5')
    """
    return f"{plain(count / 1e6)} million" if count >= 1e6 else plain(count)


def notice(f: Frames, run: Run, label: str) -> str:
    """Which of the two bounds holds, what fewer bits win, and what the model leaves out."""
    use, device, bound = f.request.use, device_of(f.request.use), bound_of(f, run, label)
    whole = f.totals(label)
    plain_bytes = sum(t.nbytes for t in f.listing.model.tensors if t.weights)
    words = f"A step reads **{kilobytes(read_bytes(f, run, label) + run.cache(use))}** and computes {fixed(bound.intensity, 1)} operations for each byte. "
    if any(len(t.shape) > 2 for t in f.listing.model.tensors):
        return (
            f"The weights take **{kilobytes(whole.bytes_after)}**. This file has filters of convolutions, each of which is used at many places of a "
            "picture: the roofline here counts each weight once a step, so its bound does not hold for this file."
        )
    ridge = device.peak / device.bandwidth
    if bound.by_memory:
        words += f"Below {fixed(ridge, 0)} operations a byte **the memory is the bound**: fewer bytes are faster by as much. "
    else:
        words += (
            f"Above {fixed(ridge, 0)} operations a byte **arithmetic is the bound**: weights in fewer bits save memory here, and no time. "
        )
    if run.keys and run.cache(use) > whole.bytes_after:
        words += f"The cache is larger than the weights ({kilobytes(run.cache(use))}): its bits count more than theirs. "
    if not bound.by_memory:
        return words.strip()
    if read_bytes(f, run, label) < device.near:
        words += f"These weights fit the device's own cache of {kilobytes(device.near)}: they need not be read from memory at each step, and the bound does not hold. "
    elif not device.near and read_bytes(f, run, label) < _NEAR:
        words += f"A processor with a cache of more than {kilobytes(read_bytes(f, run, label))} keeps these weights there, and this bound does not hold for it. "
    elif whole.bytes_after < plain_bytes:
        words += f"As it lies in the file, the weights alone are {kilobytes(plain_bytes)}."
    return words.strip()


def csv(f: Frames, run: Run) -> str:
    """Memory and bound at every stop."""
    use = f.request.use
    lines = ["bits,bytes,cache_bytes,read_bytes,intensity,steps_a_second,by_memory"]
    for label in f.request.labels:
        bound = bound_of(f, run, label)
        cells = [
            totals(f.listing.measured, f.plan(label)).bytes_after,
            run.cache(use),
            read_bytes(f, run, label) + run.cache(use),
            bound.intensity,
            bound.steps,
        ]
        lines.append(",".join([label, *(f"{c:.8g}" for c in cells), str(int(bound.by_memory))]))
    return "\n".join(lines) + "\n"


def program(f: Frames, run: Run, label: str) -> str:
    """The program that computes the bound at this stop from the numbers of the page."""
    use, device = f.request.use, device_of(f.request.use)
    return (
        "from quantlab.model_file.hardware import roofline\n\n"
        f"weights, texts = {run.weights}, {use.batch}\n"
        f"read = {read_bytes(f, run, label):.0f} + {run.cache(use):.0f}  # bytes of weights and of the cache\n"
        f"bound = roofline(2 * weights * texts, read, peak={device.peak:.4g}, bandwidth={device.bandwidth:.4g})\n"
        'print(f"{bound.intensity:.4g} operations a byte, at most {bound.steps:.4g} steps a second")\n'
    )
