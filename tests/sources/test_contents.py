"""A file that is something else than its name says is named, with the remedy, by every reader."""

import gzip
import io
import json
import zipfile

import numpy as np
import pytest

from quantlab.model_file.opening import open_model
from quantlab.sources import list_tensors
from quantlab.sources.image_folders import from_zip
from quantlab.sources.picture_files import load_picture
from quantlab.sources.sounds import load_sound, to_wav

LFS = (
    b"version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"
)
NEVER = {
    "Git LFS pointer": LFS,
    "git-annex pointer": b"/annex/objects/SHA256E-s31390--f50d7ac4c6b9.safetensors\n",
    "web page": b"\n<!DOCTYPE html><html><head><title>404</title></head></html>",
    "a web page": b"\xef\xbb\xbf<!-- saved --><HTML lang=en><body>Sign in</body></HTML>",
    "XML": b'<?xml version="1.0" encoding="UTF-8"?><Error><Code>AccessDenied</Code></Error>',
    "SVG": b'<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>',
    "PDF": b"%PDF-1.7\n%....",
    "gzip": gzip.compress(b"1,2,3\n"),
    "HDF5": b"\x89HDF\r\n\x1a\n" + bytes(64),
    "MATLAB": b"MATLAB 5.0 MAT-file, Platform: GLNXA64" + bytes(100),
    "tar": b"weights.npy" + bytes(246) + b"ustar\x0000" + bytes(300),
    "Parquet": b"PAR1" + bytes(64),
}
READERS = {
    "tensor": list_tensors,
    "picture": load_picture,
    "sound": load_sound,
    "pictures": lambda name, data: list(from_zip(name, data, 8)),
}


@pytest.mark.parametrize("what", NEVER)
@pytest.mark.parametrize("reader", READERS)
@pytest.mark.parametrize("ending", ["safetensors", "png", "csv", "zip"])
def test_what_nothing_reads_is_named_with_a_remedy(reader, what, ending):
    with pytest.raises(ValueError, match=what.removeprefix("a ")) as error:
        READERS[reader](f"thing.{ending}", NEVER[what])
    assert str(error.value).endswith(".") and ": " in str(error.value) and "\n" not in str(error.value)


@pytest.mark.parametrize("what", NEVER)
def test_a_model_file_is_named_too(what, tmp_path):
    path = tmp_path / "model.safetensors"
    path.write_bytes(NEVER[what])
    with pytest.raises(ValueError, match=what.removeprefix("a ")):
        open_model(path)


def test_an_index_under_the_name_of_a_tensor_file_names_a_file_with_tensors(tmp_path):
    index = json.dumps({"metadata": {"total_size": 8}, "weight_map": {"w": "model-00001-of-00002.safetensors"}}, indent=2).encode()
    with pytest.raises(ValueError, match="index.*model-00001-of-00002"):
        list_tensors("model.safetensors", index)
    (tmp_path / "model.safetensors").write_bytes(index)
    with pytest.raises(ValueError, match="index.*one of those files"):
        open_model(tmp_path / "model.safetensors")


def test_an_error_in_json_is_no_table():
    with pytest.raises(ValueError, match="JSON.*no tensor"):
        list_tensors("model.safetensors", b'{"error": "Repository not found"}')


def test_what_another_lab_reads_is_sent_there():
    png = b"\x89PNG\r\n\x1a\n" + bytes(50)
    with pytest.raises(ValueError, match="a picture: bring it to the image lab"):
        list_tensors("w.npy", png)
    with pytest.raises(ValueError, match="a sound: bring it to the sound lab"):
        list_tensors("w.npy", to_wav(np.zeros((10, 1)), 8000))


def test_a_spreadsheet_is_asked_for_as_csv():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr("[Content_Types].xml", "<Types/>")
        archive.writestr("xl/workbook.xml", "<workbook/>")
    with pytest.raises(ValueError, match=r"save the sheet as \.csv"):
        list_tensors("numbers.csv", out.getvalue())


def test_a_shape_of_truth_values_is_no_shape():
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": (True,)})
    with pytest.raises(ValueError, match="which no array has|no readable"):
        list_tensors("w.npy", out.getvalue() + bytes(4))


@pytest.mark.parametrize("name", [".", "./", "./."])
def test_a_file_without_a_name_is_told(name):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        archive.writestr(zipfile.ZipInfo("x" * len(name)), b"1")
    content = out.getvalue().replace(b"x" * len(name), name.encode())
    with pytest.raises(ValueError, match="without a name|holds no picture"):
        list(from_zip("my.zip", content, 8))
