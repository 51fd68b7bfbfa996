"""Films of a network that trains with rounding: Top-1, loss, weights, steps and flips over the epochs, those so far where it still trains."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from quantlab.film import Strip
from quantlab.film.figures import CLIPPED, ERROR, ORIGINAL, OTHER, QUANTIZED, THEORY, Chart
from quantlab.film.figures import steps as stairs
from quantlab.networks.training import Control, Training


def _at(x: Training) -> np.ndarray:
    return np.arange(x.epochs + 1.0)


def _shown(x: Training) -> list[int]:
    """The epoch that each label shows: the last one so far where its own is still to come."""
    return [min(e, x.epochs) for e in range(x.request.epochs + 1)]


def films_of(strip: Strip, trainings: Sequence[Training], controls: Sequence[Control], layer: str) -> dict[str, bytes]:
    """All charts of the room."""
    x = trainings[0]
    return {
        "curves": _curves(strip, trainings, controls),
        "loss": _loss(strip, trainings),
        "weights": _weights(strip, x, layer),
        "steps": _moving(strip, x),
        "flips": _flips(strip, x),
    }


def _curves(strip: Strip, trainings: Sequence[Training], controls: Sequence[Control]) -> bytes:
    """Top-1 of all seeds beside the float line, the line of rounding after training, and as many epochs in float."""
    x, at = trainings[0], _at(trainings[0])
    chart = Chart(
        strip, 300, "Top-1 over the epochs of training with rounding, beside float and rounded after training", "epoch", "Top-1, %"
    )
    chart.axes((-0.2, x.request.epochs + 0.2), (0, 103), yaxis_dtick=25, xaxis_dtick=1 if x.request.epochs <= 8 else 2)
    ends = np.array([-0.2, x.request.epochs + 0.2])
    chart.line("float", ends, np.full(2, 100 * x.top1_float.value), ORIGINAL, dash="dash")
    chart.line("rounded after training", ends, np.full(2, 100 * x.top1(0).value), THEORY, dash="dot")
    for control in controls[:1]:
        chart.line("float as long", at, np.array([100 * control.top1(e).value for e in range(x.epochs + 1)]), ORIGINAL, width=1.4)
        rounded = np.array([100 * control.top1_rounded(e).value for e in range(x.epochs + 1)])
        chart.line("float as long, rounded", at, rounded, THEORY, width=1.6, dash="dashdot")
    for k, other in enumerate(trainings[1:]):
        chart.line("other seeds", at, np.array([100 * other.top1(e).value for e in range(x.epochs + 1)]), OTHER, width=1.2, legend=not k)
    intervals = [x.top1(e) for e in range(x.epochs + 1)]
    chart.line(
        "95 % interval",
        np.concatenate([at, at[::-1]]),
        np.array([100 * i.low for i in intervals] + [100 * i.high for i in intervals[::-1]]),
        QUANTIZED,
        width=0.6,
        opacity=0.6,
        legend=False,
    )
    top = np.array([100 * i.value for i in intervals])
    chart.line("trained with rounding", at, top, QUANTIZED, width=2.6)
    chart.points(
        "this epoch",
        [at[e : e + 1] for e in _shown(x)],
        [top[e : e + 1] for e in _shown(x)],
        QUANTIZED,
        size=11,
        legend=False,
    )
    return chart.film()


def _loss(strip: Strip, trainings: Sequence[Training]) -> bytes:
    x, at = trainings[0], _at(trainings[0])
    most = max(float(np.nanmax(t.loss)) for t in trainings)
    chart = Chart(strip, 220, "Mean loss on the training images, each epoch", "epoch", "loss")
    chart.axes((-0.2, x.request.epochs + 0.2), (0, 1.08 * most))
    for k, other in enumerate(trainings[1:]):
        chart.line("other seeds", at, other.loss, OTHER, width=1.2, legend=not k)
    chart.line("loss", at, x.loss, QUANTIZED)
    chart.points(
        "this epoch",
        [at[e : e + 1] for e in _shown(x)],
        [x.loss[e : e + 1] for e in _shown(x)],
        QUANTIZED,
        legend=False,
    )
    return chart.film()


def _weights(strip: Strip, x: Training, layer: str) -> bytes:
    """Latent weights above, what the forward pass uses of them, at each epoch: shares of the layer's weights."""
    film = x.layers[layer]
    total = float(film.latent[0].sum())
    most = 100 * max(float(film.latent.max()), float(np.quantile(film.counts, 0.995))) / total
    chart = Chart(strip, 300, f"Weights of {layer}: latent ones and the levels that they become", "weight", "share of the weights, %")
    chart.axes((float(film.edges[0]), float(film.edges[-1])), (0, 1.1 * most))
    used = [stairs(film.edges, 100 * film.counts[e] / total) for e in _shown(x)]
    latent = [stairs(film.edges, 100 * film.latent[e] / total) for e in _shown(x)]
    chart.line("used, quantized", [a for a, _ in used], [b for _, b in used], QUANTIZED, width=1.4, fill=True)
    chart.line("latent, float", [a for a, _ in latent], [b for _, b in latent], ORIGINAL, width=2)
    return chart.film()


def _moving(strip: Strip, x: Training) -> bytes:
    """Each layer's step and range of activations, over what it began with."""
    at = _at(x)
    chart = Chart(strip, 220, "Steps of the weights and ranges of the activations, over what they began with", "epoch", "times the first")
    curves = [
        (name, part, values / values[0])
        for name, f in x.layers.items()
        for part, values in (("step", f.step), ("range", f.clip))
        if np.isfinite(values).all() and values[0]
    ]
    reach = np.concatenate([v for _, _, v in curves] or [np.ones(1)])
    chart.axes((-0.2, x.request.epochs + 0.2), (float(min(0, reach.min())) - 0.05, float(reach.max()) * 1.1))
    seen: set[str] = set()
    for _, part, values in curves:
        title = "steps of weights, a line a layer" if part == "step" else "ranges of activations"
        chart.line(
            title,
            at,
            values,
            QUANTIZED if part == "step" else CLIPPED,
            dash="solid" if part == "step" else "dot",
            width=1.6,
            legend=part not in seen,
        )
        seen.add(part)
    where = [np.full(2, e, float) for e in _shown(x)]
    chart.line("this epoch", where, np.array([float(min(0, reach.min())), float(reach.max())]), THEORY, width=1, dash="dash", legend=False)
    return chart.film()


def _flips(strip: Strip, x: Training) -> bytes:
    """Codes that changed from batch to batch, and those that differ from an epoch before: the rest went back and forth."""
    at = _at(x)
    chart = Chart(strip, 220, "How often codes flip in each epoch, and how many end at another one", "epoch", "codes")
    chart.axes((-0.2, x.request.epochs + 0.2), (0, 1.1 * float(max(1, x.flips.max()))))
    chart.line("flips from batch to batch", at[1:], x.flips[1:].astype(float), ERROR)
    chart.line("codes changed since the epoch before", at[1:], x.moved[1:].astype(float), QUANTIZED, dash="dot")
    chart.points(
        "this epoch",
        [at[e : e + 1] for e in _shown(x)],
        [x.flips[e : e + 1].astype(float) for e in _shown(x)],
        ERROR,
        legend=False,
    )
    return chart.film()
