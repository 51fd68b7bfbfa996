"""Do a few thousand changed files and random addresses pass, and all that fuzzing ever found?"""

import struct
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from quantlab.labs.catalog import LABS
from tests.fuzz import addresses, readers
from tests.fuzz.readers import READERS, Found, Reader
from tests.sources.hostile import npy, npy_header, zipped

EACH = 150  # inputs: what the suite has seconds for; python -m tests.fuzz --inputs 1000000 takes hours


@pytest.mark.parametrize("name", READERS)
def test_changed_files_are_read_or_refused_in_a_sentence(name):
    stream = readers.inputs(READERS[name], np.random.default_rng(1))
    assert all(readers.check(READERS[name], file, data) for file, data in READERS[name].seeds), "a seed is a valid file"
    for _ in range(EACH):
        readers.check(READERS[name], *next(stream))


@pytest.mark.parametrize("lab", LABS.values(), ids=list(LABS))
def test_random_addresses_are_read_named_and_written_back(lab):
    stream = addresses.queries(lab, np.random.default_rng(1))
    for _ in range(EACH):
        addresses.check(lab, next(stream))


def nameless() -> bytes:
    """A zip whose only file has a name of no character."""
    data = bytearray(zipped({"a": b"1"}, method=0))
    start = data.index(b"PK\x01\x02")
    del data[start + 46], data[30]  # the name in the directory and before the content
    data[start + 27], data[26] = 0, 0  # its lengths
    end = data.index(b"PK\x05\x06")
    data[end + 12 : end + 20] = struct.pack("<II", end - (start - 1), start - 1)
    return bytes(data)


def network(change: Callable[[Any], None]) -> bytes:
    """The seed's network with something wrong in it."""
    onnx = pytest.importorskip("onnx")
    model = onnx.load_from_string(READERS["onnx"].seeds[0][1])
    change(model.graph)
    return model.SerializeToString()


def unknown_numbers(graph: Any) -> None:
    graph.initializer[0].data_type = 34


def attribute(name: str, numbers: list[int]) -> Callable[[Any], None]:
    def change(graph: Any) -> None:
        from onnx.helper import make_attribute

        convolution = next(node for node in graph.node if node.op_type == "Conv")
        others = [one for one in convolution.attribute if one.name != name]
        del convolution.attribute[:]
        convolution.attribute.extend([*others, make_attribute(name, numbers if name != "group" else numbers[0])])

    return change


def no_utf8() -> bytes:
    return READERS["onnx"].seeds[0][1].replace(b"/0/Conv", b"\xff\xfe/Conv")


FOUND = {
    "an archive's file of no name": ("archives", "a.zip", nameless),
    "a shape of truth values": ("tensors", "w.npy", lambda: npy_header("'<f4'", "(True,)") + bytes(4)),
    "a table's file of no name": ("tensors", "a.npz", nameless),
    "weights of a kind that numpy has none for": ("onnx", "m.onnx", lambda: network(unknown_numbers)),
    "a stride of 0": ("onnx", "m.onnx", lambda: network(attribute("strides", [1, 0]))),
    "one stride for two dimensions": ("onnx", "m.onnx", lambda: network(attribute("strides", [1]))),
    "no groups": ("onnx", "m.onnx", lambda: network(attribute("group", [0]))),
    "paddings below 0": ("onnx", "m.onnx", lambda: network(attribute("pads", [-1, -1, -1, -1]))),
}


@pytest.mark.parametrize("what", FOUND)
def test_what_was_found_stays_refused(what):
    name, file, make = FOUND[what]
    assert not readers.check(READERS[name], file, make())


def test_a_layer_whose_name_is_no_text_gets_another():
    readers.check(READERS["onnx"], "m.onnx", no_utf8())


@pytest.mark.parametrize(
    "fault", [lambda: {}["a"], lambda: npy(1)[99999], lambda: int("x\ny"), lambda: (_ for _ in ()).throw(ValueError("no full stop"))]
)
def test_a_reader_that_fails_in_another_way_is_found(fault):
    with pytest.raises(Found):
        readers.check(Reader(list, lambda name, data: fault()), "a", b"")
