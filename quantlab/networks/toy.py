"""A network of two inputs that learns to tell two clouds of points apart, in float and with rounded weights.

    z_l = W_l h_(l-1) + b_l,   h_l = max(z_l, 0),   p = 1 / (1 + exp(-z_L)),   loss = mean(-t log p - (1 - t) log(1 - p))

With b bits a layer's weights are w_hat = s clip(rint(w / s), -q, q), q = 2^(b-1) - 1; biases stay. The gradient passes the
rounding straight through where |rint(w / s)| <= q, and the step s learns by LSQ's gradient. All points are one batch and Adam
has no random part, so that the browser's module ``film/web/toy/learn.js`` takes the same steps from the same beginning;
a test holds both together. Sources: Bengio et al. 2013, arXiv:1308.3432; Esser et al. 2020, arXiv:1902.08153; Kingma and Ba
2015, arXiv:1412.6980.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from quantlab.caching import lru_cache
from quantlab.progress import Steps, finish

SIZES = (2, 12, 12, 1)
RATE, MEAN, SQUARE, TINY = 0.02, 0.9, 0.999, 1e-8  # Adam's, in float and with rounding
LEAST_STEP = 1e-3  # of a learned step: below it the quantizer has no levels to tell apart
ADAM = {"rate": RATE, "mean": MEAN, "square": SQUARE, "tiny": TINY, "leastStep": LEAST_STEP}  # as the browser's module reads them
FLOAT_STEPS = 1500
ROUNDED_STEPS = 600
WIDTHS = tuple(range(2, 9))
POINTS = 240


@dataclass(frozen=True, eq=False)
class Points:
    """xy : float64 (N, 2), about -1 to 1. side : float64 (N,), 0 or 1."""

    xy: np.ndarray
    side: np.ndarray


@dataclass(frozen=True, eq=False)
class Weights:
    """A network's numbers. weights : (out, in) of each layer. biases : (out,). steps : of each layer, empty in float."""

    weights: tuple[np.ndarray, ...]
    biases: tuple[np.ndarray, ...]
    steps: tuple[float, ...] = ()

    @property
    def flat(self) -> list[np.ndarray]:
        """All arrays that learn, in the order of the browser's module."""
        return [*self.weights, *self.biases, *(np.array([s]) for s in self.steps)]


def moons(seed: int = 0) -> Points:
    """Two half circles that reach into each other."""
    rng = np.random.default_rng(seed)
    turn = rng.uniform(0, np.pi, POINTS)
    side = np.arange(POINTS) % 2.0
    x = np.where(side == 0, np.cos(turn), 1 - np.cos(turn)) - 0.5
    y = np.where(side == 0, np.sin(turn), 0.5 - np.sin(turn)) - 0.25
    return Points(np.stack([x, y], axis=1) / 1.6 + rng.normal(0, 0.05, (POINTS, 2)), side)


def spirals(seed: int = 0) -> Points:
    """Two arms that wind round each other once."""
    rng = np.random.default_rng(seed)
    along = np.sqrt(rng.uniform(0.02, 1, POINTS))
    side = np.arange(POINTS) % 2.0
    turn = 1.5 * np.pi * along + np.pi * side
    xy = along[:, None] * np.stack([np.cos(turn), np.sin(turn)], axis=1)
    return Points(xy + rng.normal(0, 0.02, (POINTS, 2)), side)


DATA: dict[str, Callable[[int], Points]] = {"spirals": spirals, "moons": moons}


def top_code(bits: int) -> int:
    """The largest code, q.

    >>> top_code(2), top_code(8)
    (1, 127)
    """
    return 2 ** (bits - 1) - 1


def rounded(w: np.ndarray, step: float, bits: int) -> np.ndarray:
    """The values that the forward pass sees.

    >>> rounded(np.array([0.3, -0.9, 0.1]), 0.4, 2).tolist()
    [0.4, -0.4, 0.0]
    """
    q = top_code(bits)
    return step * np.clip(np.rint(w / step), -q, q)


def best_step(w: np.ndarray, bits: int) -> float:
    """The step of least squared error among 64 evenly spaced ones up to that which clips nothing."""
    steps = np.abs(w).max() / top_code(bits) * np.arange(1, 65) / 64
    return float(steps[np.argmin([((rounded(w, s, bits) - w) ** 2).sum() for s in steps])])


def beginning(seed: int) -> Weights:
    """Weights before any training, He's: normal with variance 2 / in."""
    rng = np.random.default_rng([seed, 1])
    pairs = list(zip(SIZES, SIZES[1:], strict=False))
    return Weights(tuple(rng.normal(0, np.sqrt(2 / i), (o, i)) for i, o in pairs), tuple(np.zeros(o) for _, o in pairs))


def forward(net: Weights, xy: np.ndarray, bits: int | None) -> tuple[np.ndarray, list[np.ndarray], list[np.ndarray]]:
    """Logits (N,), what flows into each layer, and the weights that each layer used. bits None : float."""
    h, inputs, used = xy, [], []
    for i, (w, b) in enumerate(zip(net.weights, net.biases, strict=True)):
        w_hat = w if bits is None else rounded(w, net.steps[i], bits)
        inputs.append(h)
        used.append(w_hat)
        z = h @ w_hat.T + b  # (N, out)
        h = np.maximum(z, 0)
    return z[:, 0], inputs, used


def gradients(net: Weights, points: Points, bits: int | None) -> tuple[float, list[np.ndarray]]:
    """The loss and its gradients, in the order of ``Weights.flat``."""
    z, inputs, used = forward(net, points.xy, bits)
    p, t = 1 / (1 + np.exp(-z)), points.side
    loss = float(np.mean(np.maximum(z, 0) - t * z + np.log1p(np.exp(-np.abs(z)))))
    back = ((p - t) / len(t))[:, None]  # (N, 1)
    dw, db, ds = list[np.ndarray](), list[np.ndarray](), list[np.ndarray]()
    for i in reversed(range(len(used))):
        into = back.T @ inputs[i]  # (out, in), of the weights as they were used
        db.append(back.sum(axis=0))
        back = (back @ used[i]) * (inputs[i] > 0)
        if bits is None:
            dw.append(into)
            continue
        w, s, q = net.weights[i], net.steps[i], top_code(bits)
        codes = np.rint(w / s)
        inside = np.abs(codes) <= q
        dw.append(into * inside)
        slope = np.where(inside, codes - w / s, np.clip(codes, -q, q))  # of w_hat by s
        ds.append(np.array([(into * slope).sum() / np.sqrt(w.size * q)]))
    return loss, [*dw[::-1], *db[::-1], *ds[::-1]]


def learn(net: Weights, points: Points, bits: int | None, steps: int) -> Steps[Weights]:
    """The network after so many steps of Adam; yields (done, steps)."""
    arrays = [a.copy() for a in net.flat]
    first, second = [np.zeros_like(a) for a in arrays], [np.zeros_like(a) for a in arrays]
    for k in range(1, steps + 1):
        if k % 50 == 1:
            yield k - 1, steps
        _, slopes = gradients(_net(arrays), points, bits)
        for a, m, v, g in zip(arrays, first, second, slopes, strict=True):
            m += (1 - MEAN) * (g - m)
            v += (1 - SQUARE) * (g * g - v)
            a -= RATE * (m / (1 - MEAN**k)) / (np.sqrt(v / (1 - SQUARE**k)) + TINY)
        for a in arrays[2 * len(net.weights) :]:
            np.maximum(a, LEAST_STEP, out=a)
    return _net(arrays)


def _net(arrays: Sequence[np.ndarray]) -> Weights:
    layers = len(SIZES) - 1
    return Weights(tuple(arrays[:layers]), tuple(arrays[layers : 2 * layers]), tuple(float(a[0]) for a in arrays[2 * layers :]))


def with_steps(net: Weights, bits: int) -> Weights:
    """The float network rounded after training: each layer with its step of least squared error."""
    return Weights(net.weights, net.biases, tuple(best_step(w, bits) for w in net.weights))


def right(net: Weights, points: Points, bits: int | None) -> np.ndarray:
    """Whether each point lies on its side of the border, bool (N,)."""
    return (forward(net, points.xy, bits)[0] > 0) == (points.side == 1)


@lru_cache(maxsize=32)
def float_network(data: str, seed: int) -> Weights:
    """The network trained in float."""
    return finish(learn(beginning(seed), DATA[data](seed), None, FLOAT_STEPS))
