"""Models of others: ``python -m tests.benchmarks.third_models FOLDER`` tests three PyPI packages unpacked there.

    pip download --no-deps --only-binary :all: -d FOLDER rapidocr==3.10.0 magika==1.0.3 g2p-en==2.1.0
    for wheel in FOLDER/*.whl; do python -m zipfile -e "$wheel" FOLDER; done

Nothing of them is committed. The files that it makes in FOLDER are read by ``quantlab bench`` and its page as well.
FOLDER/rapidocr.zip holds drawn lines of text, upright and turned by half: the labels of a classifier of
text direction. FOLDER/magika.npz holds files of this machine as magika reads them, with the kind that their names state.
FOLDER/g2p.onnx is g2p-en's network written out as ONNX operators for words of six letters: it reads the letters and the phonemes so
far, and gives the next one; FOLDER/g2p.npz holds words of Python's own help, whose truth is what the network itself says in float, so
that its right answers are the share of identical phonemes.
"""

from __future__ import annotations

import io
import json
import re
import sys
import zipfile
from collections.abc import Mapping
from dataclasses import replace
from itertools import product
from pathlib import Path
from pydoc_data.topics import topics

import numpy as np
import onnx

from quantlab.bench.files import of_files
from quantlab.bench.insertion import Plan
from quantlab.bench.report import report_steps
from quantlab.bench.subject import Subject
from quantlab.progress import finish

FONTS = ("DejaVuSans.ttf", "DejaVuSerif.ttf", "DejaVuSansMono.ttf", "LiberationSans-Regular.ttf", "LiberationSerif-Regular.ttf")
SUBJECTS = {  # what is tested: the model, its examples, and how it reads pictures
    "rapidocr's text direction": ("rapidocr/models/ch_ppocr_mobile_v2.0_cls_mobile.onnx", "rapidocr.zip", "symmetric"),
    "g2p-en": ("g2p.onnx", "g2p.npz", "unit"),
    "magika": ("magika/models/standard_v3_3/model.onnx", "magika.npz", "unit"),
}
LINES, EACH = 240, 60
LETTERS, STEPS = 6, 5
KINDS = {".py": "python", ".html": "html", ".js": "javascript", ".css": "css", ".json": "json", ".md": "markdown", ".rst": "rst",
         ".png": "png", ".npz": "npz", ".pyc": "pythonbytecode", ".gz": "gzip", ".so": "elf", ".c": "c", ".sh": "shell", ".ttf": "ttf"}  # fmt: skip


def main(folder: Path) -> None:
    (folder / "rapidocr.zip").write_bytes(lines_of_text())
    for name, arrays in (("magika", files_of_this_machine(folder)), ("g2p", words(folder))):
        np.savez(folder / f"{name}.npz", **arrays)
    (folder / "g2p.onnx").write_bytes(g2p(np.load(folder / "g2p_en" / "checkpoint20.npz")).SerializeToString())
    told(folder)


def told(folder: Path) -> None:
    """A line of measures for each model at several widths, as Markdown."""
    print("| model | bits | scale for | right, float | right | flips | mse | findings |\n|---|---|---|---|---|---|---|---|")
    for name in SUBJECTS:
        subject = first(folder, name)
        for bits, granularity in product((8, 6, 4, 3), ("channel", "tensor")):
            report = finish(report_steps(subject.quantized_by(Plan(bits, 8, granularity))))
            m = report["measures"]
            laws = "; ".join(dict.fromkeys(f["law"] for f in report["findings"])) or "–"
            shares = " | ".join(f"{m[key]:.1%}" for key in ("top1_float", "top1", "flips"))
            print(f"| {name} | {bits} | {granularity} | {shares} | {m['mse']:.3g} | {laws} |", flush=True)


def first(folder: Path, name: str) -> Subject:
    """A model at 8 bits with a scale for each channel, on its first 160 test examples."""
    model, data, pixels = SUBJECTS[name]
    subject = of_files((model, (folder / model).read_bytes()), (data, folder / data), Plan(), None, pixels)
    return replace(subject, test=subject.test.part(slice(0, 160)))


def lines_of_text() -> bytes:
    """A zip of pictures 192 x 48 in the folders ``0`` and ``180``."""
    from PIL import Image, ImageDraw, ImageFont

    rng, content = np.random.default_rng(0), io.BytesIO()
    pieces = re.findall(r"[A-Za-z][\w ,.'-]{8,20}\w", " ".join(topics.values()))
    with zipfile.ZipFile(content, "w") as archive:
        for i, place in enumerate(rng.choice(len(pieces), LINES, replace=False)):
            font = ImageFont.truetype(FONTS[i % len(FONTS)], int(rng.integers(18, 30)))
            ink, paper = (int(v) for v in (rng.integers(0, 90), rng.integers(160, 256)))
            picture = Image.new("RGB", (192, 48), (paper,) * 3)
            ImageDraw.Draw(picture).text((4, int(rng.integers(4, 14))), pieces[place], (ink,) * 3, font)
            turned = i % 2
            data = io.BytesIO()
            (picture.rotate(180) if turned else picture).save(data, "PNG")
            archive.writestr(f"{180 * turned:03}/{i:03}.png", data.getvalue())
    return content.getvalue()


def files_of_this_machine(folder: Path) -> dict[str, np.ndarray]:
    """magika's features (N, 2048) of files whose names state their kind, and its classes."""
    config = json.loads((folder / "magika" / "models" / "standard_v3_3" / "config.min.json").read_text("utf-8"))
    labels, found = config["target_labels_space"], dict[str, list[Path]]()
    for root in (Path(np.__file__).parents[1], Path("/usr/share"), Path("/usr/lib")):
        for path in root.rglob("*"):
            if (kind := KINDS.get(path.suffix)) in labels and len(found.setdefault(kind, [])) < EACH and path.is_file():
                found[kind] += [path] if path.stat().st_size >= 512 else []
    rows = [(features(path.read_bytes(), config), labels.index(kind)) for kind, paths in found.items() for path in paths]
    order = np.random.default_rng(0).permutation(len(rows))
    return {"x": np.array([rows[i][0] for i in order], np.int32), "y": np.array([rows[i][1] for i in order])}


def features(content: bytes, config: dict[str, int]) -> np.ndarray:
    """The first and the last bytes of a file without blanks around it, filled up with the padding token."""
    block, size, padding = config["block_size"], config["beg_size"], config["padding_token"]
    first, last = content[:block].lstrip()[:size], content[-block:].rstrip()[-config["end_size"] :]
    return np.array([*first, *[padding] * (size - len(first)), *[padding] * (config["end_size"] - len(last)), *last], np.int32)


def g2p(given: Mapping[str, np.ndarray], steps: int = STEPS) -> onnx.ModelProto:
    """The network: int64 (N, LETTERS + 1 + steps) letters, end of word, phonemes so far -> logits (N, 74) of the next phoneme."""
    helper, kinds = onnx.helper, onnx.TensorProto
    constants, nodes = {name: np.array(value) for name, value in given.items()}, list[onnx.NodeProto]()
    constants |= {f"{part}_{side}_t": given[f"{part}_w_{side}"].T.copy() for part in ("enc", "dec") for side in ("ih", "hh")}
    constants |= {"fc_t": given["fc_w"].T.copy(), "one": np.float32(1), "third": np.array([256, 256, 256], np.int64)}

    def add(kind: str, inputs: list[str], name: str, outputs: int = 1, **more: object) -> str:
        nodes.append(helper.make_node(kind, inputs, [name] if outputs == 1 else [f"{name}{k}" for k in range(outputs)], name=name, **more))
        return name

    def gru(part: str, token: str, h: str, step: str) -> str:
        sides = []
        for side, source in (("ih", token), ("hh", h)):
            product = add("MatMul", [source, f"{part}_{side}_t"], f"{step}/{side}/product")
            total = add("Add", [product, f"{part}_b_{side}"], f"{step}/{side}/sum")
            sides.append(add("Split", [total, "third"], f"{step}/{side}/gate", 3, axis=1))
        r, z = (add("Sigmoid", [add("Add", [f"{s}{k}" for s in sides], f"{step}/{k}/sum")], f"{step}/{k}") for k in range(2))
        n = add("Tanh", [add("Add", [f"{sides[0]}2", add("Mul", [r, f"{sides[1]}2"], f"{step}/rn")], f"{step}/n/sum")], f"{step}/n")
        kept = add("Mul", [z, h], f"{step}/kept")
        return add("Add", [add("Mul", [add("Sub", ["one", z], f"{step}/rest"), n], f"{step}/new"), kept], f"{step}/h")

    add("Cast", ["x"], "tokens", to=kinds.INT64)
    h, total = "", LETTERS + 1 + steps
    for t in range(total):
        part = "enc" if t <= LETTERS else "dec"
        constants[f"at{t}"] = np.array(t, np.int64)
        place = add("Gather", ["tokens", f"at{t}"], f"step{t}/token", axis=1)
        token = add("Gather", [f"{part}_emb", place], f"step{t}/x", axis=0)
        if not h:
            constants["nought"] = np.float32(0)
            h = add("Mul", [token, "nought"], "begin")
        h = gru(part, token, h, f"step{t}")
    add("Add", [add("MatMul", [h, "fc_t"], "fc/product"), "fc_b"], "logits")
    used = {name for node in nodes for name in node.input}
    tensors = [onnx.numpy_helper.from_array(np.asarray(value), name) for name, value in constants.items() if name in used]
    values = helper.make_tensor_value_info
    graph = helper.make_graph(nodes, "g2p", [values("x", kinds.INT64, ["N", total])], [values("logits", kinds.FLOAT, ["N", 74])], tensors)
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 19)], ir_version=9)


def words(folder: Path) -> dict[str, np.ndarray]:
    """Words of six letters, the phonemes that the network says of each in float, and the last of them as the truth."""
    import onnxruntime

    given = np.load(folder / "g2p_en" / "checkpoint20.npz")
    known = sorted(set(re.findall(rf"\b[a-z]{{{LETTERS}}}\b", " ".join(topics.values()))))
    rows = np.array([[*(ord(c) - ord("a") + 3 for c in word), 2, 2] for word in known], np.int64)  # letters, </s>, <s> of the phonemes
    for steps in range(1, STEPS + 1):
        session = onnxruntime.InferenceSession(g2p(given, steps).SerializeToString())
        said = session.run(None, {"x": rows})[0].argmax(axis=1)
        rows = np.hstack([rows, said[:, None]])
    rows = rows[(rows[:, LETTERS + 2 : -1] != 3).all(axis=1)]  # whose phonemes have not ended before
    rows = rows[np.random.default_rng(0).permutation(len(rows))]
    return {"x": rows[:, :-1], "y": rows[:, -1]}


if __name__ == "__main__":
    main(Path(sys.argv[1]))
