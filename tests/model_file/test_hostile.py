"""Is a file that was made to do harm refused in one sentence, or shown for what it is, within bounds?"""

from __future__ import annotations

import json
import re
import struct

import numpy as np
import pytest

from quantlab.cli.tables import FORMS, written
from quantlab.labs.catalog import LABS
from quantlab.model_file.opening import open_model
from quantlab.progress import finish
from quantlab.sources.uploads import UPLOADS

from ..sources.hostile import MARKUP

LAB = LABS["model"]


def safetensors(entries, data=b""):
    header = entries if isinstance(entries, bytes) else json.dumps(entries).encode()
    return len(header).to_bytes(8, "little") + header + data


def entry(shape, begin, stop, dtype="F32"):
    return {"dtype": dtype, "shape": shape, "data_offsets": [begin, stop]}


def gguf(pairs=b"", count=0, tensors=b"", number=0):
    return b"GGUF" + struct.pack("<IQQ", 3, number, count) + pairs + tensors


def text(word):
    return struct.pack("<Q", len(word)) + word


REFUSED = {
    "shape beyond 64 bits": ("w.safetensors", safetensors({"a": entry([2**63, 2], 0, 0)}), "makes no sense"),
    "product beyond 64 bits": ("w.safetensors", safetensors({"a": entry([2**32, 2**32], 0, 0)}), "has 0 bytes"),
    "a number of 5000 digits": (
        "w.safetensors",
        safetensors(b'{"a":{"dtype":"F32","shape":[' + b"9" * 5000 + b'],"data_offsets":[0,8]}}', bytes(8)),
        "not the JSON",
    ),
    "nested too deep": ("w.safetensors", safetensors(b"[" * 100_000), "not the JSON"),
    "a header of 2^63 bytes": ("w.safetensors", (2**63 - 1).to_bytes(8, "little") + b"{}", "claims 9223372036854775807 bytes"),
    "one name twice": (
        "w.safetensors",
        safetensors(
            b'{"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"a":{"dtype":"F32","shape":[2],"data_offsets":[8,16]}}', bytes(16)
        ),
        "there twice",
    ),
    "one name twice in GGUF": (
        "w.gguf",
        gguf(tensors=2 * (text(b"a") + struct.pack("<IQIQ", 1, 64, 0, 0)), number=2) + bytes(512),
        "two tensors of the name",
    ),
    "a list of a billion": ("w.gguf", gguf(text(b"k") + struct.pack("<IIQ", 9, 0, 10**9), 1), "1000000000 entries"),
    "2^63 tensors": ("w.gguf", gguf(number=2**63), "which no model has"),
    "axes of 2^63": ("w.gguf", gguf(tensors=text(b"a") + struct.pack("<IQQIQ", 2, 2**63, 2**63, 0, 0), number=1), "which no tensor has"),
    "aligned to 0": ("w.gguf", gguf(text(b"general.alignment") + struct.pack("<II", 4, 0), 1), "aligns its tensors to 0"),
    "an index that points out": (
        "model.safetensors.index.json",
        json.dumps({"weight_map": {"a": "../../etc/passwd"}}).encode(),
        "must lie beside its index",
    ),
    "an index to a URL": (
        "model.safetensors.index.json",
        json.dumps({"weight_map": {"a": "http://example.org/a.safetensors"}}).encode(),
        "must lie beside its index",
    ),
    "an index to an absolute path": (
        "model.safetensors.index.json",
        json.dumps({"weight_map": {"a": "/etc/passwd"}}).encode(),
        "must lie beside its index",
    ),
}


@pytest.mark.parametrize("case", REFUSED)
def test_what_is_made_to_do_harm_is_refused_in_one_sentence(case, tmp_path):
    name, content, said = REFUSED[case]
    (tmp_path / name).write_bytes(content)
    with pytest.raises(ValueError, match=re.escape(said)) as problem:
        open_model(tmp_path / name)
    assert "\n" not in str(problem.value) and str(problem.value).endswith(".") and len(str(problem.value)) < 400


def test_a_name_of_a_million_characters_or_of_markup_stands_in_no_sentence_as_it_is():
    noise = np.random.default_rng(0).standard_normal((2, 128)).astype("<f4").tobytes()
    names = ("n" * 1_000_000, "a\n<script>alert(1)</script>|`*_[x](javascript:1)")
    content = safetensors({name: entry([4, 32], 512 * i, 512 * i + 512) for i, name in enumerate(names)}, noise)
    result = finish(LAB.show(LAB.read({"source": "upload", "file": UPLOADS.add("w.safetensors", content), "rules": "vectors: leave"})))
    for label in result.labels:
        said = result.words(label)
        assert len(said) < 1000 and "\n" not in said and "<script>" not in said and "](javascript" not in said
    assert sum(map(len, result.films.values())) < 1_000_000


@pytest.mark.parametrize("name", MARKUP)
def test_no_cell_of_a_markdown_table_is_a_link_a_picture_or_html(name):
    from markdown_it import MarkdownIt

    read = MarkdownIt("gfm-like", {"linkify": False}).render(written("markdown", [{"tensor": name, "bytes": 4}]))
    assert read.count("<td>") == 2 and not re.findall(r"<(?!/?(?:table|thead|tbody|tr|th|td)>)", read), read[:500]


@pytest.mark.parametrize("name", ["=cmd|' /C calc'!A0", "+1+cmd", "@SUM(A1)", "-2+3", "\t=1", "\r=1"])
def test_no_cell_of_a_csv_is_a_formula(name):
    table = written("csv", [{"tensor": name, "bytes": -4}])
    assert table.splitlines()[1].lstrip('"').startswith("'") and table.endswith(",-4")
    assert all(name.strip() in json.loads(written("json", [{"tensor": name}]))[0]["tensor"] for _ in FORMS), "JSON keeps the name itself"
