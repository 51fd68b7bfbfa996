"""Data sets from the internet, each read into one of ours; addresses and checksums are torchvision's own.

The authors' test images stay the test; of their training images some calibrate. Both are shuffled by a fixed draw,
since MNIST's first 5000 test images are known to be easier than its last.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any  # torchvision's classes, each with attributes of its own

import numpy as np

from quantlab.networks.cifar import batch, read_members
from quantlab.networks.data import DataSet, Images
from quantlab.networks.downloads import Remote, fetch_steps, folder
from quantlab.networks.engine._torchvision import torchvision
from quantlab.networks.idx import read_idx
from quantlab.progress import Steps

CALIBRATION = 500  # images, and no more than half of those to train on

Table = Any  # a data set's class of torchvision, which is imported at the first use
Parts = tuple[Images, Images, tuple[str, ...]]  # training with calibration, test, names of the classes


@dataclass(frozen=True)
class RemoteDataSet:
    """A data set to fetch. ``table`` : torchvision's class, which holds the addresses. ``read`` : the files' paths and the table to images."""

    slug: str
    title: str
    table: str
    remotes: Callable[[Table], tuple[Remote, ...]]
    read: Callable[[list[Path], Table], Parts]

    @property
    def files(self) -> tuple[Remote, ...]:
        return self.remotes(self._table)

    @property
    def _table(self) -> Table:
        return getattr(torchvision().datasets, self.table)

    def place(self, where: Path | None = None) -> Path:
        """The folder of its files within ``where``: MNIST and Fashion-MNIST give theirs the same names."""
        return (folder() if where is None else where) / self.slug

    def data_set(self, where: Path | None = None) -> DataSet:
        """The data set from files that are here; ValueError where they are not sound."""
        paths = [self.place(where) / remote.name for remote in self.files]
        learnt, test, classes = self.read(paths, self._table)
        order = np.random.default_rng(0).permutation(len(learnt))
        calibration, training = (_take(learnt, places) for places in np.split(order, [min(CALIBRATION, len(learnt) // 2)]))
        return DataSet(self.slug, self.title, classes, training, calibration, _take(test, np.random.default_rng(1).permutation(len(test))))


def _take(images: Images, places: np.ndarray) -> Images:
    return Images(images.pixels[places], images.labels[places])


def is_here(slug: str, where: Path | None = None) -> bool:
    """Whether nothing is left to fetch."""
    remote_data = FETCHED[slug]
    return all((remote_data.place(where) / remote.name).is_file() for remote in remote_data.files)


def data_steps(slug: str, where: Path | None = None, base: str | None = None) -> Steps[DataSet]:
    """The data set, fetched where it is not here; yields (bytes here, bytes in all) of one file after the other.

    ``where``, ``base`` : as in ``fetch_steps``. Raises ValueError in one sentence.
    """
    if slug not in FETCHED:
        raise ValueError(f"there is no data set {slug!r} to fetch; choose one of {', '.join(FETCHED)}")
    remote_data = FETCHED[slug]
    for remote in remote_data.files:
        yield from fetch_steps(remote, remote_data.place(where), base)
    return remote_data.data_set(where)


def _mnist_files(table: Table) -> tuple[Remote, ...]:
    return tuple(Remote(name, tuple(table.mirrors), "md5", md5) for name, md5 in table.resources)


def _mnist(paths: list[Path], table: Table) -> Parts:
    named = {path.name: read_idx(path) for path in paths}
    parts = []
    for part in ("train", "t10k"):
        pixels, labels = named[f"{part}-images-idx3-ubyte.gz"], named[f"{part}-labels-idx1-ubyte.gz"]
        if pixels.ndim != 3 or labels.shape != pixels.shape[:1] or labels.max() >= len(table.classes):
            raise ValueError(f"{part}: images {pixels.shape} and labels {labels.shape} do not belong together; remove them and fetch again")
        parts.append(Images(pixels[..., None], labels.astype(np.int64)))
    return parts[0], parts[1], tuple(name.partition(" - ")[0] for name in table.classes)


def _cifar_files(table: Table) -> tuple[Remote, ...]:
    return (Remote(table.filename, (table.url.removesuffix(table.filename),), "md5", table.tgz_md5),)


def _cifar(paths: list[Path], table: Table) -> Parts:
    place = table.base_folder + "/"
    md5 = {place + name: md5 for name, md5 in [*table.train_list, *table.test_list]} | {place + table.meta["filename"]: table.meta["md5"]}
    members = read_members(paths[0], md5)

    def joined(names: list[tuple[str, str]]) -> Images:
        pixels, labels = zip(*(batch(members[place + name]) for name, _ in names), strict=True)
        return Images(np.concatenate(pixels), np.concatenate(labels))

    classes = members[place + table.meta["filename"]][table.meta["key"]]
    return joined(table.train_list), joined(table.test_list), tuple(name.decode() for name in classes)


FETCHED = {
    entry.slug: entry
    for entry in (
        RemoteDataSet("mnist", "MNIST digits", "MNIST", _mnist_files, _mnist),
        RemoteDataSet("fashion-mnist", "Fashion-MNIST", "FashionMNIST", _mnist_files, _mnist),
        RemoteDataSet("cifar-10", "CIFAR-10", "CIFAR10", _cifar_files, _cifar),
    )
}
