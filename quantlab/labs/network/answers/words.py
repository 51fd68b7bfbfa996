"""Words of the first room: tiles, what to notice at a level, the table of all levels."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from quantlab.labs.network.answers import agreement
from quantlab.labs.network.answers.frames import Frames, Level, per_class
from quantlab.labs.text import fixed, kilobytes, markdown_safe, points, probability, rounded_percent
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.results import Size
from quantlab.networks.statistics import Difference, Interval

WAITING = "…"
NOT_THERE = "–"


def share(interval: Interval) -> str:
    """A share in per cent, and below it the ends of its 95 % interval."""
    return f"{rounded_percent(interval.value, 1)}\n{fixed(100 * interval.low)} to {fixed(100 * interval.high)}"


def against(frames: Frames) -> tuple[str, str, list[str]]:
    """The tile of McNemar's verdict on right and wrong answers to the same images, against the kept setting where there is one."""
    name, other = ("Against A", "the kept setting") if frames.pinned else ("Difference", "the float network")
    texts = [
        WAITING if level is None else NOT_THERE if change is None else verdict(change)
        for level, change in ((level, change_of(frames, bits)) for bits, level in zip(frames.widths, frames.known, strict=True))
    ]
    return name, f"In Top-1 from {other} on the same images, by McNemar's exact test", texts


def change_of(frames: Frames, bits: int) -> Difference | None:
    """The change in right answers from the kept setting at the same stop, else from the float network; None where A has no such stop."""
    level = frames.levels.get(bits)
    if level is None or (frames.pinned and bits not in frames.pinned):
        return None
    return level.evaluation.difference_from(frames.pinned[bits]) if frames.pinned else level.evaluation.difference


def verdict(change: Difference) -> str:
    """Whether a change is seen, and below it the p value."""
    return f"{'none seen' if not change.seen else 'worse' if change.value < 0 else 'better'}\n{probability(change.p)}"


def tiles(frames: Frames) -> list[tuple[str, str, list[str]]]:
    """(name, help, a text for every level) for each number; a second line says the interval."""
    n, exact = frames.exact.evaluation.top(1).n, frames.exact.size

    def each(write: Callable[[Level], str]) -> list[str]:
        return [WAITING if level is None else write(level) for level in frames.known]

    def small(what: str) -> Callable[[Level], str]:
        return lambda level: smaller(level.size, exact, what)

    of = f", of {n} test images, with its 95 % interval"
    accuracy = [
        ("Top-1", f"The share of images whose first answer is right{of} (Wilson)", each(lambda v: share(v.evaluation.top(1)))),
        ("Top-5", f"The share of images with the right class among the first five answers{of} (Wilson)", each(lambda v: share(v.evaluation.top(5)))),
        ("Macro F1", f"The mean over the classes of 2·TP / (2·TP + FP + FN){of} (bootstrap)", each(lambda v: share(v.evaluation.f1))),
        ("Agreement", f"The share of images answered as the float network does{of} (Wilson)", each(lambda v: share(v.evaluation.agreement))),
        against(frames),
    ]  # fmt: skip
    return [
        *(accuracy if frames.truth else agreement.tiles(frames, each, share)),
        ("In memory", "Weights and biases with all scales, zero points and codebooks", each(small("memory"))),
        ("Packed file", "The codes bit after bit, with all scales and the file's header", each(small("packed"))),
        ("Huffman file", "The codes of each layer Huffman-coded, with tables and scales", each(small("huffman"))),
    ]  # fmt: skip


def smaller(size: Size, exact: Size, what: str) -> str:
    """Bytes, and below how many times fewer than in float32."""
    bytes_now = size.total(what)
    return f"{kilobytes(bytes_now, 1)}\n{fixed(exact.total('exact') / bytes_now)} × smaller"


def notice(frames: Frames, bits: int) -> str:
    """Two or three sentences on the level under the thumb."""
    if not frames.truth:
        return agreement.notice(frames, bits)
    level = frames.levels.get(bits)
    if level is None:
        return "This level is being computed."
    now, exact = level.evaluation, frames.exact.evaluation
    top1, top5, before1, before5 = now.top(1), now.top(5), exact.top(1), exact.top(5)
    lost, lost5 = 100 * (before1.value - top1.value), 100 * (before5.value - top5.value)
    what = {"both": "weights and activations", "weights": "weights", "activations": "activations"}[frames.scrub]
    words = [f"At **{bits} bits** for {what} the network answers **{rounded_percent(top1.value, 1)}** of {top1.n} images correctly, in float {rounded_percent(before1.value, 1)}."]  # fmt: skip
    change = now.difference
    if not change.seen:
        words.append(f"**No difference seen**: of the right answers {change.lost} lost, {change.gained} more won, as chance does too.")
    elif top1.value < 2.5 / len(frames.classes):
        words.append("That is hardly better than guessing: the levels are too few to tell one feature from another.")
    elif lost5 < lost / 3:
        words.append(
            f"Top-1 lost {points(lost)}, Top-5 {f'only {points(lost5)}' if lost5 > 0 else 'nothing'}: the right answer is still among the first five, pushed from the first place by rounding."
        )
    else:
        words.append(f"Top-1 lost {points(lost)} and Top-5 {points(lost5)}: the right answer has left even the first five for many images.")
    return " ".join([*words, against_pinned(frames, bits) or _culprit(frames, bits) or _worst_class(frames, level)])


def against_pinned(frames: Frames, bits: int) -> str:
    """The change from the pinned setting at the same stop, by McNemar's test on the same images; "" where none is pinned."""
    if bits not in frames.pinned or bits not in frames.levels:
        return ""
    pinned, now = frames.pinned[bits], frames.levels[bits].evaluation
    change, right = now.difference_from(pinned), "right" if frames.truth else "as in float"
    before = f"A, the kept setting, has **{rounded_percent(pinned.top(1).value, 1)}** {right}"
    counts = f"of its right answers {change.lost} lost, {change.gained} more won, {probability(change.p)}"
    if not change.seen:
        return f"{before}: **no difference seen** ({counts})."
    return f"{before}: this one is {fixed(100 * abs(change.value))} points {'better' if change.value > 0 else 'worse'} ({counts})."


def _culprit(frames: Frames, bits: int) -> str:
    """Whether weights or activations do the damage, where that is known and clear."""
    alone = {curve: found.get(bits) for curve, found in frames.others.items()}
    weights, activations = alone.get("weights"), alone.get("activations")
    if frames.scrub != "both" or weights is None or activations is None:
        return ""
    w, a = (100 * (frames.exact.evaluation.top(1).value - e.top(1).value) for e in (weights, activations))
    if max(w, a) < 2:
        return ""
    if max(w, a) < 1.5 * min(w, a):
        return f"Both do it: the weights alone cost {points(w)}, the activations alone {points(a)}."
    first, second = ("weights", "activations") if w > a else ("activations", "weights")
    return f"It is the {first}: they alone cost {points(max(w, a))}, the {second} alone {points(max(min(w, a), 0))}."


def _worst_class(frames: Frames, level: Level) -> str:
    before, after = per_class(frames.exact.evaluation), per_class(level.evaluation)
    fall = [(b - a, i) for i, (b, a) in enumerate(zip(before, after, strict=True)) if b == b]
    drop, i = max(fall)
    if drop < 0.1:
        return ""
    return f"Classes suffer unequally: *{markdown_safe(frames.classes[i])}* falls from {rounded_percent(before[i])} to {rounded_percent(after[i])}."


def csv(frames: Frames) -> str:
    """Every level and its numbers as comma separated values; shares from 0 to 1, sizes in bytes.

    Beside them what weights alone and activations alone give, where that is known.
    """
    names: Sequence[str] = ("top1", "top5", "macro_f1", "agreement") if frames.truth else ("agreement", "in_first_five")

    def shares(e: Evaluation) -> tuple[Interval, ...]:
        return (e.top(1), e.top(5), e.f1, e.agreement) if frames.truth else (e.agreement, e.top(5))

    def values(e: Evaluation) -> tuple[float, ...]:
        top5 = e.top(5).value
        return (e.top(1).value, top5, e.macro_f1, e.agreement.value) if frames.truth else (e.agreement.value, top5)

    header = ["bits", *(f"{name}{end}" for name in names for end in ("", "_low", "_high")), "images"]
    header += [*(["mcnemar_p"] if frames.truth else []), "memory", "packed", "huffman"]
    header += [f"{curve}_alone_{name}" for curve in frames.others for name in names]
    header += [*(f"kept_{name}" for name in names), "kept_mcnemar_p"] if frames.pinned else []
    lines = [",".join(header)]
    for label, level in zip((*frames.labels, "float"), (*frames.known, frames.exact), strict=True):
        if level is not None:
            e = level.evaluation
            cells = [label, *(f"{v:.6f}" for i in shares(e) for v in (i.value, i.low, i.high)), str(len(e.labels))]
            cells += [f"{e.difference.p:.4g}"] if frames.truth else []
            cells += [f"{level.size.total(what):.0f}" for what in ("memory", "packed", "huffman")]
            alone = [e if level is frames.exact else found.get(int(label)) for found in frames.others.values()]
            cells += ["" if other is None else f"{value:.6f}" for other in alone for value in values(other or e)]
            if frames.pinned:
                pinned = frames.pinned.get(int(label)) if level is not frames.exact else None
                cells += (
                    [f"{v:.6f}" for v in values(pinned)] + [f"{e.difference_from(pinned).p:.4g}"] if pinned else [""] * (len(names) + 1)
                )
            lines.append(",".join(cells))
    return "\n".join(lines) + "\n"
