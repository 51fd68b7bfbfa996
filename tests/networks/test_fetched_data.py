"""Do files of the real layouts become the data sets they hold? Expected: torchvision's own readers of the same files."""

import gzip
import hashlib
import shutil

import numpy as np
import pytest

from quantlab.networks import cifar
from quantlab.networks.cifar import read_members, unpickled
from quantlab.networks.engine._torchvision import torchvision
from quantlab.networks.engine.fetched_data import FETCHED, data_steps, is_here
from quantlab.networks.idx import read_idx
from tests.networks.file_server import serving
from tests.networks.layouts import array2, cifar_batch, cifar_meta, dict2, idx, int2, list2, tar_gz, text2
from tests.networks.test_downloads import near  # noqa: F401
from tests.steps import drained

rng = np.random.default_rng(0)
TRAIN, TEST = rng.integers(0, 256, (40, 28, 28), dtype=np.uint8), rng.integers(0, 256, (15, 28, 28), dtype=np.uint8)
TRAIN_LABELS, TEST_LABELS = rng.integers(0, 10, 40, dtype=np.uint8), rng.integers(0, 10, 15, dtype=np.uint8)
MNIST = {
    "train-images-idx3-ubyte.gz": idx(TRAIN),
    "train-labels-idx1-ubyte.gz": idx(TRAIN_LABELS),
    "t10k-images-idx3-ubyte.gz": idx(TEST),
    "t10k-labels-idx1-ubyte.gz": idx(TEST_LABELS),
}

PLANES = rng.integers(0, 256, (6, 8, 3072), dtype=np.uint8)
CLASSES = ["airplane", "automobile", "bird", "cat", "deer", "dog", "frog", "horse", "ship", "truck"]
LABELS = rng.integers(0, 10, (6, 8)).tolist()
BATCHES = ["data_batch_1", "data_batch_2", "data_batch_3", "data_batch_4", "data_batch_5", "test_batch"]
FOLDER = "cifar-10-batches-py/"
CIFAR = {FOLDER + name: cifar_batch(data, labels) for name, data, labels in zip(BATCHES, PLANES, LABELS, strict=True)}
CIFAR |= {FOLDER + "batches.meta": cifar_meta(CLASSES, 8), FOLDER + "readme.html": b"<html>"}


def md5(content: bytes) -> str:
    return hashlib.md5(content).hexdigest()


@pytest.fixture
def server(monkeypatch):
    """All three data sets in small, and torchvision's tables with the checksums of these files."""
    datasets = torchvision().datasets
    archive = tar_gz(CIFAR)
    for table in (datasets.MNIST, datasets.FashionMNIST):
        assert [name for name, _ in table.resources] == list(MNIST)
        monkeypatch.setattr(table, "resources", [(name, md5(content)) for name, content in MNIST.items()])
    sums = {name: md5(content) for name, content in CIFAR.items()}
    table = datasets.CIFAR10
    assert [name for name, _ in table.train_list + table.test_list] == BATCHES and table.base_folder + "/" == FOLDER
    monkeypatch.setattr(table, "tgz_md5", md5(archive))
    for part in ("train_list", "test_list"):
        monkeypatch.setattr(table, part, [[name, sums[FOLDER + name]] for name, _ in getattr(table, part)])
    monkeypatch.setattr(table, "meta", table.meta | {"md5": sums[FOLDER + "batches.meta"]})
    with serving(MNIST | {table.filename: archive}) as server:
        yield server


def pairs(pixels, labels) -> list[tuple[bytes, int]]:
    return sorted((x.tobytes(), int(label)) for x, label in zip(pixels, labels, strict=True))


def torchvisions(slug, where, train):
    """(pixels, labels) as torchvision reads the very files that we fetched."""
    table = getattr(torchvision().datasets, FETCHED[slug].table)
    raw = where / "theirs" / table.__name__ / "raw" if "mnist" in slug else where / "theirs"
    raw.mkdir(parents=True, exist_ok=True)
    for remote in FETCHED[slug].files:
        path = FETCHED[slug].place(where) / remote.name
        if remote.name.endswith(".tar.gz"):
            shutil.unpack_archive(path, raw)  # made by this test
        else:
            (raw / remote.name.removesuffix(".gz")).write_bytes(gzip.decompress(path.read_bytes()))
    theirs = table(where / "theirs", train=train)
    pixels = np.asarray(theirs.data)
    return pixels if pixels.ndim == 4 else pixels[..., None], np.asarray(theirs.targets)


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore:dtype.*align:Warning", "ignore::numpy.exceptions.VisibleDeprecationWarning")
@pytest.mark.parametrize("slug", FETCHED)
def test_it_holds_the_images_and_labels_that_torchvision_reads(slug, server, tmp_path):
    found, seen = drained(data_steps(slug, tmp_path, server.base))
    assert seen and seen[-1][0] == seen[-1][1]
    for images in (found.training, found.calibration, found.test):
        assert images.pixels.dtype == np.uint8 and images.labels.dtype == np.int64
    assert pairs(found.test.pixels, found.test.labels) == pairs(*torchvisions(slug, tmp_path, False))
    learnt = [np.concatenate([getattr(part, what) for part in (found.training, found.calibration)]) for what in ("pixels", "labels")]
    assert pairs(*learnt) == pairs(*torchvisions(slug, tmp_path, True))
    assert len(found.calibration) == len(learnt[0]) // 2 and found.slug == slug and len(found.classes) == 10


def test_classes_have_the_names_that_their_authors_gave(server, tmp_path):
    names = {slug: drained(data_steps(slug, tmp_path / slug, server.base))[0].classes for slug in FETCHED}
    assert names["mnist"] == tuple("0123456789")
    assert names["fashion-mnist"][:3] == ("T-shirt/top", "Trouser", "Pullover")
    assert names["cifar-10"] == tuple(CLASSES)


@pytest.mark.parametrize("slug", FETCHED)
def test_what_is_here_needs_no_server(slug, server, tmp_path):
    assert not is_here(slug, tmp_path)
    first = drained(data_steps(slug, tmp_path, server.base))[0]
    asked = len(server.asked)
    assert is_here(slug, tmp_path)
    again, seen = drained(data_steps(slug, tmp_path, "http://nowhere.invalid/"))
    assert seen == [] and len(server.asked) == asked and again.digest == first.digest


def test_two_data_sets_whose_files_have_the_same_names_stay_apart(server, tmp_path, monkeypatch):
    drained(data_steps("mnist", tmp_path, server.base))
    other = idx(255 - TEST)
    monkeypatch.setitem(server.files, "t10k-images-idx3-ubyte.gz", other)
    table = torchvision().datasets.FashionMNIST
    monkeypatch.setattr(table, "resources", [(n, md5(other) if n.startswith("t10k-images") else digest) for n, digest in table.resources])
    assert not is_here("fashion-mnist", tmp_path)
    fashion = drained(data_steps("fashion-mnist", tmp_path, server.base))[0]
    digits, seen = drained(data_steps("mnist", tmp_path, "http://nowhere.invalid/"))
    assert seen == [] and np.array_equal(fashion.test.pixels, 255 - digits.test.pixels)


def test_a_download_that_broke_between_two_files_goes_on_with_the_second(server, tmp_path):
    lost = server.files.pop("train-labels-idx1-ubyte.gz")
    with pytest.raises(ValueError, match="train-labels-idx1-ubyte.gz could not be fetched"):
        list(data_steps("mnist", tmp_path, server.base))
    server.files["train-labels-idx1-ubyte.gz"] = lost
    drained(data_steps("mnist", tmp_path, server.base))
    assert [name for name, _ in server.asked].count("train-images-idx3-ubyte.gz") == 1


def test_addresses_and_checksums_are_torchvisions():
    datasets = torchvision().datasets
    assert [(r.name, r.digest) for r in FETCHED["mnist"].files] == datasets.MNIST.resources
    assert FETCHED["mnist"].files[0].mirrors == tuple(datasets.MNIST.mirrors)
    (remote,) = FETCHED["cifar-10"].files
    assert remote.mirrors[0] + remote.name == datasets.CIFAR10.url and remote.digest == datasets.CIFAR10.tgz_md5


def test_an_unknown_data_set_is_refused_with_those_there_are():
    with pytest.raises(ValueError, match="choose one of mnist, fashion-mnist, cifar-10"):
        list(data_steps("imagenet"))


# ---- files that are not what they should be


def zipped(content: bytes) -> bytes:
    """The same bytes at any time of day, so that every worker collects the same tests."""
    return gzip.compress(content, mtime=0)


@pytest.mark.parametrize(
    "content, words",
    [
        (b"not gzip", "Not a gzipped file"),
        (idx(TRAIN)[:-20], "ended before"),
        (idx(TRAIN)[:100] + b"x" * 50 + idx(TRAIN)[150:], "CRC check failed"),
        (zipped(b"\x00\x00"), "4 bytes"),
        (zipped(b"\x00\x00\x0d\x01\x00\x00\x00\x01\x00"), "does not begin as one"),
        (zipped(b"\x00\x00\x08\x09"), "does not begin as one"),
        (zipped(b"\x00\x00\x08\x01\x00\x00\x00\x05abc"), "claims 5 values and has 3"),
        (zipped(b"\x00\x00\x08\x01\x00\x00\x00\x02abc"), "claims 2 values and has more"),
        (zipped(b"\x00\x00\x08\x02\xff\xff\xff\xff\xff\xff\xff\xff"), "values)"),
    ],
)
def test_an_idx_file_that_lies_is_refused(content, words, tmp_path):
    path = tmp_path / "x.gz"
    path.write_bytes(content)
    with pytest.raises(ValueError, match="no sound idx file") as error:
        read_idx(path)
    assert words in str(error.value)


def test_images_and_labels_of_different_number_are_refused(server, tmp_path):
    (tmp_path / "mnist").mkdir()
    for name in MNIST:
        (tmp_path / "mnist" / name).write_bytes(MNIST["t10k-labels-idx1-ubyte.gz" if "labels" in name else name])
    with pytest.raises(ValueError, match="do not belong together"):
        FETCHED["mnist"].data_set(tmp_path)


EVIL = b"\x80\x02cbuiltins\nexec\n(U\x1craise SystemExit('it has run')tR."


@pytest.mark.parametrize(
    "content, words",
    [
        (EVIL, "it asks for builtins.exec"),
        (b"\x80\x02cnumpy\nload\n(U\x01xtR.", "it asks for numpy.load"),
        (b"\x80\x02}(U\x04data" + array2(PLANES[0], b"O8") + b"u.", "not plain bytes"),
        (b"\x80\x02}(U\x04datacnumpy\nndarray\n)Ru.", "not enough values"),
        (b"\x80\x02U\x01x.", "no attribute"),
        (b"\x80\x02}(U\x01x", "not CIFAR-10 as it should be"),
        (b"", "not CIFAR-10 as it should be"),
        (b"junk", "not CIFAR-10 as it should be"),
    ],
)
def test_a_pickle_that_asks_for_more_than_bytes_is_refused_and_does_not_run(content, words, tmp_path):
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(tar_gz({"batch": content}))
    with pytest.raises(ValueError) as error:
        read_members(path, {"batch": md5(content)})
    assert words in str(error.value) and "fetch it again" in str(error.value)


def test_nothing_of_numpy_is_called_to_read_an_array():
    entry = unpickled(dict2({b"data": array2(PLANES[0]), b"labels": list2([int2(3), int2(300), int2(70_000)]), b"name": text2(b"x" * 300)}))
    assert np.array_equal(entry["data"], PLANES[0]) and entry["labels"] == [3, 300, 70_000] and entry["name"] == b"x" * 300


@pytest.mark.parametrize(
    "members, words",
    [
        ({}, "batch is not in it"),
        ({"batch": CIFAR[FOLDER + "data_batch_2"]}, "another checksum"),
        ({"../batch": CIFAR[FOLDER + "data_batch_1"]}, "batch is not in it"),
    ],
)
def test_an_archive_without_what_it_should_hold_is_refused(members, words, tmp_path):
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(tar_gz(members))
    with pytest.raises(ValueError) as error:
        read_members(path, {"batch": md5(CIFAR[FOLDER + "data_batch_1"])})
    assert words in str(error.value)


@pytest.mark.parametrize("cut", [0, 5, 100, 3000])
def test_an_archive_that_is_cut_off_is_refused(cut, tmp_path):
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(tar_gz(CIFAR)[:cut])
    with pytest.raises(ValueError, match="fetch it again"):
        read_members(path, {name: md5(content) for name, content in CIFAR.items()})


def test_a_member_too_large_to_be_a_batch_is_not_read(monkeypatch, tmp_path):
    monkeypatch.setattr(cifar, "MAX_MEMBER", 1000)
    path = tmp_path / "cifar.tar.gz"
    path.write_bytes(tar_gz(CIFAR))
    with pytest.raises(ValueError, match="is not in it"):
        read_members(path, {FOLDER + name: md5(CIFAR[FOLDER + name]) for name in BATCHES})
