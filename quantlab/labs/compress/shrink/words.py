"""Words of the first room: the story of one file, tiles, the table of all levels."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from quantlab.labs.compress.measure import Level, Part
from quantlab.labs.compress.shrink.frames import Frames
from quantlab.labs.text import fixed, kilobytes, points, probability, rounded_percent
from quantlab.networks.pruning import PATTERNS
from quantlab.networks.shrinking import Shrinking
from quantlab.storage.entropy_coding import huffman

Tile = tuple[str, str, list[str]]
UNKNOWN = "This level is still being measured."
NOT_YET = "…"


def notice(f: Frames, stop: int) -> str:
    """The sentences on what became of the file at this level, and on what its network still knows."""
    level = f.level(stop)
    if level is None:
        return UNKNOWN
    first, last = level.parts[0], level.last
    words = f"{made_of(level.way)}, the file takes **{kilobytes(last.bytes, 1)}** in place of {kilobytes(first.bytes, 1)}: "
    words += f"**{times(first.bytes / last.bytes)}**. Its network gives **{share(last)}** right answers, {compared(first, last)}. "
    words += " ".join(filter(None, (_coding(level), _tuning(f, stop))))
    return words.strip()


def made_of(way: Shrinking) -> str:
    """What was done, as the beginning of a sentence.

    >>> made_of(Shrinking(share=60, bits=4))
    'With 60 % of the weights pruned, 4-bit codebooks and Huffman words'
    """
    parts = []
    if way.prunes:
        pruned = "two of every four weights" if not PATTERNS[way.pattern].shared else f"{way.share} % of the {_pruned(way)}"
        parts.append(f"{pruned} pruned")
    if way.layer_bits:
        parts.append("codebooks of each layer's own bits")
    elif way.bits is not None:
        parts.append(f"{way.bits}-bit codebooks")
    if way.huffman:
        parts.append("Huffman words")
    if not parts:
        return "With nothing pruned, shared or coded"
    return f"With {', '.join(parts[:-1])}{' and ' if len(parts) > 1 else ''}{parts[-1]}"


def _pruned(way: Shrinking) -> str:
    return "channels" if way.pattern == "channel" else "weights"


def times(ratio: float) -> str:
    """How much smaller, in words.

    >>> times(11.77), times(1.0)
    ('11.8 times smaller', 'no smaller')
    """
    return f"{fixed(ratio, 1)} times smaller" if ratio >= 1.05 else "no smaller" if ratio <= 1 else "hardly smaller"


def share(part: Part) -> str:
    """Top-1 of a part."""
    return rounded_percent(part.answers.top(1).value, 1)


def compared(first: Part, last: Part) -> str:
    """The difference from the float network on the same images, or that none is seen."""
    change = last.answers.difference_from(first.answers)
    if not change.seen:
        return f"and no difference from the float network's {share(first)} is seen ({probability(change.p)})"
    way = "more" if change.value > 0 else "fewer"
    return f"{points(abs(100 * change.value))} {way} than the float network's {share(first)} ({probability(change.p)})"


def _coding(level: Level) -> str:
    """What Huffman coding took off."""
    if not level.way.huffman or len(level.parts) < 3:
        return ""
    before, after = level.parts[-2].bytes, level.last.bytes
    return (
        f"Huffman words take off {rounded_percent(1 - after / before, 1)} and change no answer."
        if after < before
        else "No stream gets shorter by Huffman words here."
    )


def _tuning(f: Frames, stop: int) -> str:
    """What fine-tuning brings at this level, or that it is to come."""
    if not f.request.base.epochs:
        return ""
    if stop not in f.tuned:
        return "Fine-tuning of this level is still to come."
    change = f.tuned[stop].last.answers.difference_from(f.quick[stop].last.answers)
    if not change.seen:
        return f"Fine-tuning: no gain seen ({probability(change.p)})."
    return f"Fine-tuning {'brings' if change.value > 0 else 'costs'} {points(abs(100 * change.value))} ({probability(change.p)}, one seed)."


def tiles(f: Frames) -> list[Tile]:
    """Name, help and a text for every level."""

    def each(text: Callable[[Level], str]) -> list[str]:
        return [NOT_YET if level is None else text(level) for level in f.levels]

    return [
        (
            "File",
            "bytes on disk, all of them: what the download has",
            each(lambda level: f"{kilobytes(level.last.bytes, 1)}\n{fixed(_ratio(level), 1)} × smaller"),
        ),
        ("Top-1", "right answers with their 95 % interval", each(lambda level: interval(level.last))),
        ("In float32", "right answers of the network before", [interval(f.whole)] * len(f.levels)),
        ("Weights kept", "of all weights of the layers", each(_kept)),
        ("Bits a weight", "all bits of the file over all weights, pruned ones among them", each(lambda level: fixed(_bits(level), 2))),
        (
            "Bits a code",
            "mean length of the words of the codes; the entropy is the least that is possible",
            each(code_bits),
        ),
    ]


def _kept(level: Level) -> str:
    kept, weights = level.weights
    return rounded_percent(kept / weights, 1)


def _ratio(level: Level) -> float:
    return level.parts[0].bytes / level.last.bytes


def _bits(level: Level) -> float:
    return 8 * len(level.file) / level.weights[1]


def interval(part: Part) -> str:
    """Top-1 with its interval and the number of images."""
    top = part.answers.top(1)
    return f"{rounded_percent(top.value, 1)}\n{100 * top.low:.1f} to {100 * top.high:.1f}, n = {top.n}"


def coded_bits(level: Level) -> tuple[float, float, float]:
    """Mean bits of a code of all layers: packed, with Huffman's words, and its entropy; NaN without codes."""
    streams = [(t.code_bits, t.codes) for t in level.small.tensors if t.codes is not None and t.codes.size]
    total = sum(codes.size for _, codes in streams)
    if not total:
        return (np.nan, np.nan, np.nan)
    words = [huffman(codes) for _, codes in streams]
    packed = sum(bits * codes.size for bits, codes in streams) / total
    mean = sum(word.bits_per_code * codes.size for word, (_, codes) in zip(words, streams, strict=True)) / total
    return packed, mean, sum(word.entropy * codes.size for word, (_, codes) in zip(words, streams, strict=True)) / total


def code_bits(level: Level) -> str:
    """The mean bits of a code in words, "none" where weights are not shared."""
    packed, mean, entropy = coded_bits(level)
    return "none" if np.isnan(packed) else f"{fixed(mean if level.way.huffman else packed, 2)}\nentropy {fixed(entropy, 2)}"


COLUMNS = (
    "level", "file_bytes", "float32_bytes", "pruned_bytes", "packed_bytes", "kept", "code_bits_packed", "code_bits", "code_entropy",
    "top1", "top1_low", "top1_high", "top1_float32", "top1_pruned", "top1_untuned", "images",
)  # fmt: skip


def csv(f: Frames) -> str:
    """The table of all levels: bytes after each part, share of weights kept, bits a code, right answers from 0 to 1.

    ``packed_bytes`` are those before Huffman's words; ``top1_untuned`` is that without fine-tuning.
    """
    known = [(stop, level) for stop, level in zip(f.request.stops, f.levels, strict=True) if level is not None]
    return "\n".join([",".join(COLUMNS), *(_row(f, stop, level) for stop, level in known)]) + "\n"


def _row(f: Frames, stop: int, level: Level) -> str:
    parts = {part.name: part for part in level.parts}
    pruned, packed = parts.get("pruned", f.whole), parts.get("shared", parts.get("pruned", f.whole))
    kept, weights = level.weights
    bits = ["" if np.isnan(value) else f"{value:.6f}" for value in coded_bits(level)]
    top, untuned = level.last.answers.top(1), f.quick[stop].last.answers.top(1).value
    shares = [top.value, top.low, top.high, f.whole.answers.top(1).value, pruned.answers.top(1).value, untuned]
    cells = [stop, level.last.bytes, f.whole.bytes, pruned.bytes, packed.bytes, f"{kept / weights:.6f}", *bits]
    return ",".join(map(str, [*cells, *(f"{value:.6f}" for value in shares), top.n]))
