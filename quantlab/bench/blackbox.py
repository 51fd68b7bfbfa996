"""Black box: the answers alone, float against quantized, on the same examples.

McNemar's test and Wilson's interval: ``networks.statistics``. How sure the answers are: ``confidence``.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any  # a class's number or a slice's name

import numpy as np

from quantlab import metrics
from quantlab.bench.findings import Finding
from quantlab.bench.model import Model
from quantlab.bench.running import run
from quantlab.bench.subject import Examples, Subject
from quantlab.networks import statistics
from quantlab.networks.evaluation import Evaluation
from quantlab.networks.settings import FLOAT
from quantlab.sources.upload import Refused, show

SEEN, LOSS = 0.01, 0.01  # McNemar's p, and the share of right answers, from which a loss is an alarm
SIDE = 7  # pixels of the least side that SSIM's window needs
RELATION = 12  # examples on which relations are checked


@dataclass(frozen=True, eq=False)
class Answers:
    """Outputs of both models on N examples, and what follows. exact, quantized : float32 (N, ...). truth, slices, names : as in ``Examples``."""

    exact: np.ndarray
    quantized: np.ndarray
    truth: np.ndarray
    disturbed: dict[str, tuple[float, float]] = field(default_factory=dict)  # under what -> right answers, float and quantized
    slices: np.ndarray | None = None
    names: tuple[str, ...] = ()

    @property
    def evaluation(self) -> Evaluation:
        """Of a classifier."""
        return Evaluation(FLOAT, self.quantized, self.exact, self.truth)

    @property
    def float_evaluation(self) -> Evaluation:
        return Evaluation(FLOAT, self.exact, self.exact, self.truth)

    @property
    def classifier(self) -> bool:
        return self.truth.dtype.kind in "iu"

    @property
    def output_mse(self) -> float:
        """Mean squared difference of the outputs."""
        return float(np.mean((self.quantized.astype(np.float64) - self.exact) ** 2))

    def by_class(self) -> list[tuple[int | str, int, float, float]]:
        """Of each class that occurs: its name, or its number, how many, shares right in float and quantized; the worst damage first."""
        named = dict(enumerate(self.names))
        return [(named.get(int(c), int(c)), n, before, after) for c, n, before, after in self._parts(self.truth)]

    def by_slice(self) -> list[tuple[str, int, float, float]]:
        """The same of each slice; nothing where the examples have none."""
        return [] if self.slices is None else [(str(s), n, before, after) for s, n, before, after in self._parts(self.slices)]

    def _parts(self, names: np.ndarray) -> list[tuple[Any, int, float, float]]:
        before, after = self.float_evaluation.right, self.evaluation.right
        rows = [
            (name, int(own.sum()), float(before[own].mean()), float(after[own].mean()))
            for name in np.unique(names)
            for own in [names == name]
        ]
        return sorted(rows, key=lambda row: row[3] - row[2])

    def worst(self, count: int = 8) -> np.ndarray:
        """The examples whose outputs moved most, int64 (count,)."""
        moved = np.square(self.quantized - self.exact).reshape(len(self.exact), -1).sum(axis=1)
        return np.argsort(-moved, kind="stable")[:count]


def answers_of(subject: Subject, robustness: bool = False) -> Answers:
    """Both models' outputs; ValueError where labels do not fit them. robustness : also under disturbances of pictures."""
    exact, quantized = _float(subject, "", subject.test.x), _outputs(subject.model, subject.test.x)
    truth = subject.test.truth
    if exact.shape != quantized.shape:
        raise Refused(f"the float model gives {exact.shape} and the quantized one {quantized.shape}: bring two forms of the same model.")
    if not np.isfinite(exact).all():
        raise Refused("the float model itself answers NaN or infinity on these examples: test a model that is sound in float.")
    if subject.test.classes:
        exact, quantized = (a.reshape(len(a), -1) for a in (exact, quantized))
        if exact.shape[1] < 2:
            raise Refused(f"the model gives {exact.shape[1]} output and y holds labels: bring targets as float32, or a model of classes.")
        if truth.min() < 0 or truth.max() >= exact.shape[1]:
            raise Refused(
                f"y holds labels from {truth.min()} to {truth.max()} and the model has classes 0 to {exact.shape[1] - 1}: renumber them."
            )
        if len(np.unique(truth)) < 2:
            raise Refused(f"all examples are of the class {truth[0]}: a model that always says so would pass; bring others too.")
    elif truth.reshape(len(truth), -1).shape != exact.reshape(len(exact), -1).shape:
        raise Refused(
            f"y has the shape {truth.shape} and the model gives {exact.shape}: bring a target for each output, or labels as int64."
        )
    disturbed = {}
    if robustness and subject.test.classes and subject.test.x.ndim == 4 and subject.test.x.dtype == np.float32:
        for name, disturb in DISTURBANCES.items():
            x = disturb(subject.test.x)
            outputs = (_float(subject, name, x), _outputs(subject.model, x))
            before, after = (float((out.reshape(len(x), -1).argmax(axis=1) == truth).mean()) for out in outputs)
            disturbed[name] = (before, after)
    return Answers(exact, quantized, truth, disturbed, subject.test.slices, subject.test.names)


def _float(subject: Subject, name: str, x: np.ndarray) -> np.ndarray:
    """The float model's outputs on examples of this name, computed once for all its quantized forms."""
    asked = ("outputs", name)
    if asked not in subject.known:
        subject.known[asked] = _outputs(subject.exact, x)
    return np.asarray(subject.known[asked])


def _outputs(model: Model, x: np.ndarray) -> np.ndarray:
    """A model's outputs, float32 or whole numbers (N, ...); ValueError where it gives anything but one answer an example."""
    try:
        outputs = run(model, x).get(model.output)
    except ValueError as problem:
        if isinstance(problem, Refused):
            raise
        outputs = None  # batches of several shapes
    if outputs is None or len(outputs) != len(x) or outputs.dtype.kind not in "fiu":
        raise Refused(f"the first output of {show(model.name)} is no number for each example: export a model whose first axis is theirs.")
    return outputs


def _noisy(x: np.ndarray) -> np.ndarray:
    spread = float(np.ptp(x))
    return (x + np.random.default_rng(0).normal(0, 0.03 * spread, x.shape)).clip(x.min(), x.max()).astype(np.float32)


DISTURBANCES: dict[str, Callable[[np.ndarray], np.ndarray]] = {
    "brighter by 15 %": lambda x: (x + np.float32(0.15) * np.ptp(x)).clip(x.min(), x.max()).astype(np.float32),
    "darker by 15 %": lambda x: (x - np.float32(0.15) * np.ptp(x)).clip(x.min(), x.max()).astype(np.float32),
    "noise of 3 %": _noisy,
    "moved by one pixel": lambda x: np.roll(x, 1, axis=-1),
}


def black_box(subject: Subject, answers: Answers) -> tuple[Finding, ...]:
    """What is wrong with the answers."""
    found = []

    def say(law: str, text: str, remedy: str) -> None:
        found.append(Finding("black", law, "", text, remedy))

    if not np.isfinite(answers.quantized).all():
        share = float((~np.isfinite(answers.quantized)).mean())
        say(
            "answers are numbers", f"{100 * share:.1f} % of the quantized model's outputs are NaN or infinite.", "Look for a scale of zero."
        )
        return tuple(found)
    if answers.classifier:
        change = answers.evaluation.difference
        if change.p < SEEN and change.value < -LOSS:
            p = "p < 0.001" if change.p < 0.001 else f"p = {change.p:.2g}"
            text = f"Right answers fall by {-100 * change.value:.1f} points ({change.lost} lost, {change.gained} gained, {p})."
            say("quality is kept", text, "See which layer the grey box names; use more bits there.")
        share, before = (float(np.bincount(e.predicted).max() / len(e.predicted)) for e in (answers.evaluation, answers.float_evaluation))
        if share > 0.9 and before < 0.6:
            say("all classes are answered", f"{100 * share:.0f} % of the answers are one class.", "Look at the last layer's quantizers.")
    together = answers.quantized[:RELATION]
    backwards = run(subject.model, subject.test.x[:RELATION][::-1].copy(), batch=5)[subject.model.output][::-1].reshape(together.shape)
    if not np.allclose(together, backwards, rtol=1e-4, atol=1e-5 * max(1.0, float(np.abs(together).max()))):
        say(
            "an answer does not depend on its batch", "Other examples beside it change an answer.", "Use ranges that are chosen beforehand."
        )
    return tuple(found)


def regression(answers: Answers) -> dict[str, float]:
    """Mean squared error to the truth in float and quantized, and R² of both."""
    truth = answers.truth.reshape(len(answers.truth), -1).astype(np.float64)
    spread = float(((truth - truth.mean(axis=0)) ** 2).mean()) or 1.0
    mse = [float(((a.reshape(truth.shape) - truth) ** 2).mean()) for a in (answers.exact, answers.quantized)]
    return {"mse_float": mse[0], "mse_quantized": mse[1], "r2_float": 1 - mse[0] / spread, "r2_quantized": 1 - mse[1] / spread} | pictures(
        answers
    )


def pictures(answers: Answers) -> dict[str, float]:
    """PSNR in dB and SSIM of an image-to-image model's outputs (N, C, H, W) to the targets, means over the examples; nothing of others.

    The data range is that of the targets, largest less smallest.
    """
    truth = answers.truth
    if truth.ndim != 4 or truth.shape[1] not in (1, 3) or min(truth.shape[2:]) < SIDE:
        return {}
    span, found = float(np.ptp(truth)) or 1.0, dict[str, float]()
    for name, outputs in (("", answers.quantized), ("_float", answers.exact)):
        pairs = list(zip(truth, outputs.reshape(truth.shape), strict=True))
        found[f"psnr{name}"] = float(np.mean([metrics.psnr_db(t, o, span) for t, o in pairs]))
        found[f"ssim{name}"] = float(np.mean([metrics.ssim(t, o, span, channel_axis=0) for t, o in pairs]))
    return found


def wilson_of(examples: Examples, outputs: np.ndarray) -> statistics.Interval:
    """Share of right answers of these outputs."""
    right = outputs.reshape(len(outputs), -1).argmax(axis=1) == examples.truth
    return statistics.wilson(int(right.sum()), len(right))
