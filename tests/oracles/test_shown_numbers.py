"""Are the numbers that the labs open on what plain numpy, torch, scikit-learn and scipy make of the same data?"""

import numpy as np
import pytest
from scipy.stats import binomtest
from skimage import data as photographs
from sklearn.metrics import f1_score

from quantlab.audio.chain import Chain
from quantlab.audio.clips import load_clip
from quantlab.audio.frames import frames
from quantlab.images import Recipe, picture_frames
from quantlab.networks.engine import Evaluator, Runner, shipped, size
from quantlab.networks.settings import Setting
from quantlab.progress import finish
from quantlab.types import QuantSpec

torch = pytest.importorskip("torch")
IMAGES, CALIBRATION, BITS = 1000, 200, 5
LAYERS = ("conv1", "conv2", "conv3", "conv4", "answer")


def of_pixels(pixels: np.ndarray):
    return torch.as_tensor(pixels).permute(0, 3, 1, 2).float() / 255


def folded(network) -> dict:
    """Weights and biases with batch norm multiplied in: w γ / sqrt(var + eps), β - mean γ / sqrt(var + eps)."""
    m, made = network.modules, {}
    for name in LAYERS[:-1]:
        norm = m[f"{name}_norm"]
        gain = norm.weight / torch.sqrt(norm.running_var + norm.eps)
        made[name] = (m[name].weight * gain[:, None, None, None]).detach(), (norm.bias - norm.running_mean * gain).detach()
    return made | {"answer": (m["answer"].weight.detach(), m["answer"].bias.detach())}


def symmetric(w, bits: int):
    scale = w.abs().max() / (2 ** (bits - 1) - 1)
    return torch.round(w / scale) * scale


def asymmetric(x, low: float, high: float, bits: int):
    scale = (torch.tensor(high) - torch.tensor(low)) / (2**bits - 1)
    zero = torch.round(-low / scale)
    return (torch.clamp(torch.round(x / scale) + zero, 0, 2**bits - 1) - zero) * scale


def forward(layers: dict, x, ranges: dict | None = None, bits: int | None = None):
    """The plain CNN by hand: (answers, the range of what each layer reads); quantized where ranges are given."""
    seen = {}
    for name, (w, b) in layers.items():
        seen[name] = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
        if ranges is not None:
            x, w = asymmetric(x, *ranges[name], 8 if name == "conv1" else bits), symmetric(w, bits)
        if name == "answer":
            return torch.nn.functional.linear(x, w, b).numpy(), seen
        x = torch.relu(torch.nn.functional.conv2d(x, w, b, padding=1))
        x = torch.nn.functional.max_pool2d(x, 2) if name != "conv4" else x.mean((2, 3))


@pytest.fixture(scope="module")
def network():
    """The lab's answers at its first level, and the same by hand: (answers, size in memory, truth, float, quantized, layers)."""
    net, data = shipped("plain")
    runner, setting = Runner(net, data, images=IMAGES), Setting(weights=BITS, activations=BITS)
    layers, x = folded(net), of_pixels(data.test.pixels[:IMAGES])
    with torch.no_grad():
        _, ranges = forward(layers, of_pixels(data.calibration.pixels[:CALIBRATION]))
        plain, coarse = forward(layers, x)[0], forward(layers, x, ranges, BITS)[0]
    memory = size(runner, setting).total("memory")
    return Evaluator(runner).evaluate(setting), memory, data.test.labels[:IMAGES], plain, coarse, layers


def hits(answers: np.ndarray, truth: np.ndarray, k: int) -> int:
    return int((np.argsort(-answers, axis=1)[:, :k] == truth[:, None]).any(1).sum())


def test_shares_and_their_intervals_are_those_by_hand(network):
    shown, _, truth, plain, coarse, _ = network
    agreeing = int((plain.argmax(1) == coarse.argmax(1)).sum())
    for share, count in ((shown.top(1), hits(coarse, truth, 1)), (shown.top(5), hits(coarse, truth, 5)), (shown.agreement, agreeing)):
        assert share.value * IMAGES == pytest.approx(count, abs=2)  # sums in another order may move an image at a border
        interval = binomtest(round(share.value * IMAGES), IMAGES).proportion_ci(method="wilson")
        assert (share.low, share.high) == pytest.approx((interval.low, interval.high))


def test_f1_and_the_paired_test_are_those_by_hand(network):
    shown, _, truth, plain, coarse, _ = network
    assert shown.f1.value == pytest.approx(f1_score(truth, coarse.argmax(1), average="macro"), abs=0.003)
    before, after = plain.argmax(1) == truth, coarse.argmax(1) == truth
    lost, won = int((before & ~after).sum()), int((~before & after).sum())
    assert np.log10(shown.difference.p) == pytest.approx(np.log10(binomtest(lost, lost + won).pvalue), abs=1)


def test_bytes_in_memory_are_codes_scales_and_biases(network):
    _, memory, _, _, _, layers = network
    assert memory == sum(w.numel() * BITS / 8 + 4 + 4 * b.numel() for w, b in layers.values())


def test_the_face_in_floyd_steinberg_is_that_of_a_plain_loop():
    picture = np.ascontiguousarray(photographs.astronaut()[60:156, 170:290])
    left, made = picture.astype(np.float64), np.zeros(picture.shape, np.uint8)
    h, w, _ = left.shape
    low, step = picture.min(), (float(picture.max()) - picture.min()) / 3
    for y, x in np.ndindex(h, w):
        v = np.clip(left[y, x], 0, 255)
        q = np.clip(np.rint((v - low) / step), 0, 3) * step + low
        made[y, x] = np.rint(q)
        for dy, dx, share in ((0, 1, 7), (1, -1, 3), (1, 0, 5), (1, 1, 1)):
            if y + dy < h and 0 <= x + dx < w:
                left[y + dy, x + dx] += (v - made[y, x]) * share / 16
    frame = finish(picture_frames(picture, Recipe(dither="floyd-steinberg"))).frames[1]
    assert (frame.rgb != made).mean() < 0.01
    assert frame.mse == pytest.approx(((made.astype(float) - picture) ** 2).mean(), rel=0.01)


def test_numbers_of_the_fading_tone_are_those_by_hand():
    sound = load_clip("fade")
    x = sound.samples[:, 0].astype(np.float64)
    y = np.rint(x * 31) / 31  # 6 bits, full scale: 63 levels
    level = finish(frames(sound, [Chain(QuantSpec("int-symmetric", bits=6))], ["6"])).levels[0]
    f = np.fft.rfftfreq(len(x), 1 / sound.rate)
    # IEC 61672-1: 0 dB at 1 kHz
    a = 12194**2 * f**4 / ((f**2 + 20.6**2) * np.sqrt((f**2 + 107.7**2) * (f**2 + 737.9**2)) * (f**2 + 12194**2)) * 10**0.1
    error = np.fft.rfft(y - x)
    noise = 10 * np.log10(4 * (np.abs(error * a) ** 2).sum() / len(x) ** 2)  # a full-scale sine has the power 1/2
    assert level.numbers["noise_a_db"] == pytest.approx(noise, abs=0.05)
    assert level.numbers["sqnr_db"] == pytest.approx(10 * np.log10((x**2).sum() / ((y - x) ** 2).sum()), abs=0.01)
    assert level.numbers["correlation"] == pytest.approx(np.corrcoef(x, y - x)[0, 1], abs=1e-4)
    signal, wrong = ((v[: len(v) // 960 * 960].reshape(-1, 960) ** 2).mean(1) for v in (x, y - x))
    loud = 2 * signal > 1e-6
    by_hand = np.clip(10 * np.log10(signal[loud] / wrong[loud]), -10, 35).mean()
    assert level.numbers["segmental_db"] == pytest.approx(by_hand, abs=0.01)
