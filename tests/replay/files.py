"""The files that replayed addresses name, the same bytes everywhere but for the picture's compression."""

import io
import json
import wave
from pathlib import Path

import numpy as np
from PIL import Image

ASSETS = Path(__file__).parents[2] / "assets"
UPLOADER = {"tensors": "tensor", "picture": "image", "sound": "audio", "state": "cnn"}  # the page that takes it
SOURCE = {"state": "small"}  # what the page shows as it takes the file, where that is not "upload"


def tensors() -> bytes:
    """A safetensors file: ``first`` (64, 32) of normal values, ``second`` (50,) with NaN and infinity among them."""
    rng = np.random.Generator(np.random.PCG64(0))
    second = rng.normal(size=50).astype("<f4")
    second[[3, 7]] = np.nan, np.inf
    blocks = {"first": rng.normal(size=(64, 32)).astype("<f4"), "second": second}
    header, body = {}, b""
    for name, x in blocks.items():
        header[name] = {"dtype": "F32", "shape": list(x.shape), "data_offsets": [len(body), len(body) + x.nbytes]}
        body += x.tobytes()
    text = json.dumps(header).encode()
    return len(text).to_bytes(8, "little") + text + body


def picture() -> bytes:
    """A PNG of 96 × 64 pixels: two ramps and a disc."""
    y, x = np.mgrid[:64, :96]
    disc = (x - 48) ** 2 + (y - 32) ** 2 < 400
    pixels = np.stack([x * 2, y * 4, np.where(disc, 220, 30)], axis=-1).astype(np.uint8)
    out = io.BytesIO()
    Image.fromarray(pixels).save(out, "PNG")
    return out.getvalue()


def sound() -> bytes:
    """A WAV of 33 s at 8 kHz, 16 bits: a tone that fades, longer than what is shown at once."""
    t = np.arange(33 * 8000) / 8000
    samples = np.round(9000 * np.sin(2 * np.pi * 440 * t) * np.exp(-t / 20)).astype("<i2")
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1)
        file.setsampwidth(2)
        file.setframerate(8000)
        file.writeframes(samples.tobytes())
    return out.getvalue()


def state() -> bytes:
    """The small network's own weights, as a file that a person brings."""
    return next(ASSETS.rglob("small.safetensors")).read_bytes()


FILES = {
    "tensors": ("tensors.safetensors", tensors),
    "picture": ("picture.png", picture),
    "sound": ("sound.wav", sound),
    "state": ("state.safetensors", state),
}
