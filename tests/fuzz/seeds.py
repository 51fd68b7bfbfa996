"""Valid files of each kind, small, built in memory: what a fuzzer changes."""

import io
import json
import warnings

import numpy as np
import soundfile
from PIL import Image

from quantlab.sources.pictures import PICTURES
from tests.sources.hostile import npy, npz, safetensors, zipped

RNG = np.random.default_rng(0)
W = RNG.normal(size=(6, 8)).astype(np.float32)
SMALL = PICTURES["chelsea"].make(24)
SOUND = 0.5 * np.sin(np.arange(800) / 9)


def tensors() -> list[tuple[str, bytes]]:
    parts = {
        "a": {"dtype": "F32", "shape": [6, 8], "data_offsets": [0, 192]},
        "b": {"dtype": "BF16", "shape": [4], "data_offsets": [192, 200]},
    }
    return [
        ("w.npy", npy(W)),
        ("w.npy", npy(np.asfortranarray(W.astype(">f8")))),
        ("w.npz", npz(a=W, b=np.arange(5))),
        ("w.safetensors", safetensors(parts, W.tobytes() + bytes(8))),
        ("w.csv", b"name,b,c\n1,2,3\n4,NA,6e3\n"),
        ("w.csv", "# a note\n0\t1.5\n2\t−3\n".encode("utf-16")),
    ]


def pictures() -> list[tuple[str, bytes]]:
    image, exif = Image.fromarray(SMALL), Image.Exif()
    exif[0x0112] = 6

    def saved(kind: str, picture: Image.Image = image, **options: object) -> bytes:
        file = io.BytesIO()
        picture.save(file, kind, **options)
        return file.getvalue()

    return [
        ("a.png", saved("PNG", exif=exif)),
        ("a.png", saved("PNG", image.convert("P"), transparency=3)),
        ("a.jpg", saved("JPEG", exif=exif, progressive=True)),
        ("a.jpg", saved("JPEG", image.convert("CMYK"))),
        ("a.webp", saved("WEBP", lossless=True, exif=exif)),
        ("a.webp", saved("WEBP", save_all=True, append_images=[image.rotate(90)])),
    ]


def sounds() -> list[tuple[str, bytes]]:
    def saved(kind: str, subtype: str) -> bytes:
        file = io.BytesIO()
        soundfile.write(file, np.stack([SOUND, SOUND[::-1]], 1), 8000, format=kind, subtype=subtype)
        return file.getvalue()

    kinds = [("WAV", "PCM_16"), ("WAV", "FLOAT"), ("WAV", "IMA_ADPCM"), ("FLAC", "PCM_24"), ("OGG", "VORBIS"), ("MP3", "MPEG_LAYER_III")]
    return [(f"a.{kind.lower()}", saved(kind, subtype)) for kind, subtype in kinds]


def archives() -> list[tuple[str, bytes]]:
    kinds = {"PNG": "png", "JPEG": "jpg"}
    files = {}
    for k in range(8):
        file, (kind, ending) = io.BytesIO(), list(kinds.items())[k % 2]
        Image.fromarray(np.roll(SMALL, k, 0)).save(file, kind)
        files[f"pets/{'cats' if k < 4 else 'dogs'}/{k}.{ending}"] = file.getvalue()
    return [("pets.zip", zipped(files)), ("pets.zip", zipped(files, method=0))]


def states() -> list[tuple[str, bytes]]:
    import torch

    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.BatchNorm2d(2))
    file = io.BytesIO()
    torch.save({"state_dict": network.state_dict()}, file)
    return [("m.pt", file.getvalue())]


def onnx() -> list[tuple[str, bytes]]:
    import torch

    network = torch.nn.Sequential(torch.nn.Conv2d(1, 2, 3), torch.nn.ReLU(), torch.nn.Flatten(), torch.nn.Linear(72, 10))
    file = io.BytesIO()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        torch.onnx.export(network.eval(), (torch.zeros(1, 1, 8, 8),), file, dynamo=False, opset_version=17)
    return [("m.onnx", file.getvalue())]


def packed() -> list[tuple[str, bytes]]:
    import quantlab as ql
    from quantlab.storage import packing

    files = []
    for spec in (ql.QuantSpec("int-symmetric", bits=4, granularity=ql.per_group(4)), ql.QuantSpec("nf4"), ql.QuantSpec("kmeans", bits=2)):
        file = io.BytesIO()
        packing.save(ql.quantize(W, spec), file)
        files.append(("q.bin", file.getvalue()))
    return files


def texts() -> list[tuple[str, bytes]]:
    diary = {"lessons": {"a": {"1": [1, "x"], "2": [0.5, [1, 2]]}}, "exercises": {"b": [0.5, 3]}}
    pasted = ["1 2 3; -4.5e3 nan 6", "[[0.1, 0.2], [-3, 4]]", "1,5 2,5\n3,5 4,5", "0.5\t1\n2\t3"]
    return [("diary.json", json.dumps(diary).encode()), *(("pasted.txt", text.encode()) for text in pasted)]
