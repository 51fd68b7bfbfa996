"""Words of the room of distillation."""

from __future__ import annotations

from quantlab.distillation import TEMPERATURES, entropy
from quantlab.labs.compress.distil.frames import DistilFrames, Trained
from quantlab.labs.text import fixed, kilobytes, points, rounded_percent


def notice(f: DistilFrames, temperature: int) -> str:
    """How the teacher's answer softens at this temperature, and what it brought to students."""
    p = f.probabilities(temperature)
    first, second = p.argsort()[::-1][:2]
    words = f"At temperature **{temperature}** the teacher says *{f.classes[first]}* with {rounded_percent(float(p[first]), 1)}, "
    words += f"*{f.classes[second]}* with {rounded_percent(float(p[second]), 1)}: {fixed(float(entropy(p)), 2)} bits of entropy. "
    if f.trained is None:
        return words + "Train students to see what a student learns from that."
    if f.trained.temperature != temperature:
        return words + f"The students below were trained at temperature {f.trained.temperature}."
    return words + won(f.trained)


def won(trained: Trained) -> str:
    """What the teacher wins over labels alone, with its paired interval.

    >>> won(Trained(4, (0.80, 0.82, 0.81), (0.81, 0.80, 0.82), 9000))
    'No gain seen: the teacher changes Top-1 by 0 points (95 % interval −4.3 to 4.3, 3 seeds in pairs).'
    """
    gain = trained.gain
    low, high = (fixed(100 * end, 1) for end in (gain.low, gain.high))
    ends = f"95 % interval {low} to {high}, {gain.n} seeds in pairs"
    if not gain.seen:
        return f"No gain seen: the teacher changes Top-1 by {points(100 * gain.value)} ({ends})."
    return f"The teacher {'wins' if gain.value > 0 else 'costs'} **{points(abs(100 * gain.value))}** ({ends})."


def tiles(f: DistilFrames) -> list[tuple[str, str, list[str]]]:
    """Name, help and a text for every temperature."""
    each = [f.probabilities(t) for t in TEMPERATURES]
    count = len(TEMPERATURES)
    entries = [
        ("likeliest class", "its softened probability", [rounded_percent(float(p.max()), 1) for p in each]),
        ("entropy", "of the softened answer, in bits; all classes alike would have the most", [fixed(float(entropy(p)), 2) for p in each]),
        (
            "teacher",
            "right answers, and the bytes of its float32 file",
            [f"{rounded_percent(f.teacher, 1)}, {kilobytes(f.teacher_bytes)}"] * count,
        ),
    ]
    if f.trained is None:
        return entries
    for name, shares in (("labels alone", f.trained.alone), ("distilled", f.trained.distilled)):
        entries.append((name, "mean right answers of the students of all seeds", [rounded_percent(sum(shares) / len(shares), 1)] * count))
    return [*entries, ("a student's file", "bytes on disk of the first student", [kilobytes(f.trained.bytes)] * count)]


def csv(f: DistilFrames) -> str:
    """A line for each temperature: entropy in bits and probabilities of the softened answer; the students where they are trained at it."""
    pairs = [] if f.trained is None else list(enumerate(zip(f.trained.alone, f.trained.distilled, strict=True)))
    seeds = [f"{name}_seed_{seed}" for seed, _ in pairs for name in ("labels_alone", "distilled")]
    heads = ["temperature", "answer_entropy", "likeliest", *seeds, *(f"p {name}" for name in f.classes)]
    lines = [",".join(heads)]
    for temperature in TEMPERATURES:
        p = f.probabilities(temperature)
        here = f.trained is not None and f.trained.temperature == temperature
        students = [f"{share:.6f}" if here else "" for _, both in pairs for share in both]
        cells = [str(temperature), f"{float(entropy(p)):.6f}", f"{float(p.max()):.6f}", *students, *(f"{value:.6f}" for value in p)]
        lines.append(",".join(cells))
    return "\n".join(lines) + "\n"
