"""Reading in a worker: the file is opened, measured and written there, and only names, sizes and numbers come back.

A file that is cut off while it is mapped ends the process that reads it: that is a worker's, and the page says one sentence.
"""

from __future__ import annotations

import os
import shutil
import tempfile
import time
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import TypeVar

import numpy as np

from quantlab import workers
from quantlab.labs.model.subject import SERVER, UPLOAD, ModelSubject, allowed, shipped_path
from quantlab.model_file.activations import MAX_SAMPLES, Activations, activations_of
from quantlab.model_file.measuring import Measured, Statistics, measure
from quantlab.model_file.opening import open_model
from quantlab.model_file.options import Option
from quantlab.model_file.report import Plan
from quantlab.model_file.tensors import ModelFile
from quantlab.model_file.writing import write_gguf_steps, write_safetensors_steps
from quantlab.progress import Steps
from quantlab.sources.upload import Refused, show
from quantlab.sources.uploads import UPLOADS
from quantlab.workers import remote
from quantlab.workers.slot import WorkerLost

T = TypeVar("T")
SAMPLE = 1 << 14  # values of a tensor whose errors are measured: a page answers in a second or two
LARGE = 64 << 20  # bytes of a tensor that is measured after the others
MOST_TENSORS = 1000  # of a file that the page measures
MOST_WRITTEN = 64 << 20  # bytes of a quantized file that the page hands out


@dataclass(frozen=True)
class Listing:
    """What is known of a file. model : without its values, which nothing outside of the worker can read.

    measured : of the tensors that were measured so far, in the order of ``order_of``, once it is ``complete`` in the file's.
    """

    model: ModelFile
    measured: tuple[Measured, ...]

    @property
    def complete(self) -> bool:
        """Whether every tensor was measured."""
        return len(self.measured) == len(self.model.tensors)


@dataclass(frozen=True)
class Place:
    """Where a worker finds the file: a path, or a name and the content. asked_by : the process that may not read it itself, 0 for none.

    inputs : where it finds the activations that were brought beside it.
    """

    path: str
    content: bytes | None = None
    asked_by: int = 0
    inputs: Place | None = None


Work = Callable[[Place], Steps[T]]


def steps(work: Work[T], subject: ModelSubject) -> Steps[T]:
    """The work's steps in a worker; ValueError in one sentence where the file or the process is lost."""
    try:
        with _placed(subject) as place:
            return (yield from workers.steps(partial(work, place), ("model", subject.source)))
    except WorkerLost as lost:
        raise Refused(
            f"{show(subject.title)} could not be read to its end: it was cut off or changed meanwhile, or the process was ended; try again once it is whole."
        ) from lost
    except MemoryError as error:
        raise Refused(
            f"{show(subject.title)} is too large for this server ({error}); use quantlab model FILE on your own machine."
        ) from error
    except OSError as error:
        raise Refused(f"{show(subject.title)} cannot be read ({error.strerror or 'the system refuses it'}); try again.") from error


@contextmanager
def _placed(subject: ModelSubject) -> Iterator[Place]:
    """The file where a worker can map it, and its activations; a copy of an upload goes when the work ends, however it ends."""
    with _placed_alone(subject) as place:
        if subject.inputs is None:
            yield place
            return
        with _placed_alone(subject.inputs) as inputs:
            yield replace(place, inputs=inputs)


@contextmanager
def _placed_alone(subject: ModelSubject) -> Iterator[Place]:
    if subject.source == SERVER:
        path = allowed().get(subject.name)
        if path is None:
            raise Refused(f"{show(subject.name)} is no longer in the server's folder; choose another file.")
        yield Place(str(path), asked_by=os.getpid())
    elif subject.source != UPLOAD:
        yield Place(str(shipped_path(subject.source)))
    elif remote.address():  # that machine sees no file of this one
        yield Place(*UPLOADS.content(subject.file))
    else:
        name, content = UPLOADS.content(subject.file)
        with _copy(name, content) as path:
            yield Place(str(path))


@contextmanager
def _copy(name: str, content: bytes) -> Iterator[Path]:
    folder = Path(tempfile.mkdtemp(prefix="quantlab-model-"))
    try:
        path = folder / safe_name(name)
        path.write_bytes(content)
        yield path
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def safe_name(name: str) -> str:
    """A person's name of a file as a name in a folder of our own: its last part, what is visible of it, and its ending.

    >>> safe_name("../../etc/x.gguf"), safe_name("w\\n.npz"), safe_name(""), safe_name("..")
    ('x.gguf', 'w.npz', 'model', 'model')
    """
    last = "".join(c for c in name.replace("\\", "/").rsplit("/", 1)[-1] if c.isprintable())
    return last.encode()[-120:].decode(errors="ignore").lstrip(".") or "model"


@contextmanager
def _opened(place: Place) -> Iterator[ModelFile]:
    """The model of a place, inside of the worker."""
    if place.asked_by == os.getpid():
        raise Refused("Files of the server's folder are read in worker processes alone; set QUANTLAB_WORKERS to 1 or more.")
    if place.content is None:
        yield open_model(Path(place.path))
    else:
        with _copy(place.path, place.content) as path:
            yield open_model(path)


@contextmanager
def _inputs_at(place: Place, model: ModelFile) -> Iterator[Activations]:
    """The activations that were brought beside a model."""
    if place.inputs is None:
        yield Activations()
    else:
        with _opened(place.inputs) as brought:
            yield activations_of(brought, model, MAX_SAMPLES)


def order_of(model: ModelFile) -> list[int]:
    """The tensors in the order in which they are measured: the file's, but the largest last, so that the first rows come soon."""
    return sorted(range(len(model.tensors)), key=lambda i: model.tensors[i].nbytes > LARGE)


def measured_steps(
    choices: tuple[Option, ...],
    place: Place,
    known: Sequence[Statistics | None] = (),
    after: int = 0,
    stop: int | None = None,
    seconds: float | None = None,
) -> Steps[Listing]:
    """Tensors under every option, in the order of ``order_of``; yields (kilobytes, of all of the file).

    known : statistics of the tensors in that order, where they were measured before. after : tensors that are left out, known already.
    stop : the first that is not wanted. seconds : after which no further tensor is begun; one is measured in any case.
    """
    with _opened(place) as model, _inputs_at(place, model) as inputs:
        if len(model.tensors) > MOST_TENSORS:
            raise Refused(
                f"{show(model.name)} holds {len(model.tensors)} tensors, and this page shows at most {MOST_TENSORS}; use quantlab model FILE."
            )
        start, order = time.monotonic(), order_of(model)
        found, total = list[Measured](), max(model.nbytes, 1)
        done = sum(model.tensors[i].nbytes for i in order[:after])
        for at in range(after, len(order) if stop is None else min(stop, len(order))):
            if found and seconds is not None and time.monotonic() - start >= seconds:
                break
            yield done >> 10, max(total >> 10, 1)
            tensor = model.tensors[order[at]]
            statistics = known[at] if at < len(known) else None
            found.append(measure(tensor, choices, SAMPLE, inputs.of(tensor.name), model.release, statistics))
            model.release()
            done += tensor.nbytes
        return detached(model, found, order[after:])


def written_steps(plan: Plan, ending: str, place: Place) -> Steps[bytes]:
    """The quantized file, ``.safetensors`` or ``.gguf``; yields (tensors done, of all)."""
    with _opened(place) as model, tempfile.TemporaryDirectory(prefix="quantlab-model-") as folder:
        path = Path(folder) / f"quantized{ending}"
        own = Path(place.path) if place.content is None else None
        facts = (own / model.name if own.is_dir() else own) if own and model.kind == "GGUF" else None
        yield from write_gguf_steps(model, plan, path, facts) if ending == ".gguf" else write_safetensors_steps(model, plan, path)
        if path.stat().st_size > MOST_WRITTEN:
            raise Refused(
                f"The quantized file has {path.stat().st_size} bytes, more than the {MOST_WRITTEN} that this page hands out; use quantlab model FILE --write."
            )
        return path.read_bytes()


def detached(model: ModelFile, measured: Sequence[Measured], order: Sequence[int]) -> Listing:
    """What can leave the worker: no map and no function of one. order : the tensors that were measured."""
    bare = tuple(replace(tensor, values=_gone) for tensor in model.tensors)
    kept = tuple(replace(m, tensor=bare[i]) for m, i in zip(measured, order, strict=False))
    return Listing(replace(model, tensors=bare, sources=(), facts=dict(model.facts)), kept)


def same_file(listing: Listing, other: Listing) -> None:
    """ValueError where two listings are not of one state of one file."""
    if [t.name for t in listing.model.tensors] != [t.name for t in other.model.tensors]:
        raise Refused(f"{show(listing.model.name)} changed while it was read; try again.")


def joined(listings: Sequence[Listing]) -> Listing:
    """One listing in the file's order with the errors of all, which are of the same tensors under different options."""
    first, *rest = listings
    for listing in rest:
        same_file(first, listing)
    measured = tuple(
        replace(m, errors=_all(o.errors for o in (m, *others)), outputs=_all(o.outputs for o in (m, *others)))
        for m, *others in zip(first.measured, *(listing.measured for listing in rest), strict=True)
    )
    by_place = sorted(zip(order_of(first.model), measured, strict=False), key=lambda pair: pair[0])
    return Listing(first.model, tuple(m for _, m in by_place))


def _all(tables: Iterable[Mapping[str, float]]) -> dict[str, float]:
    return {slug: error for table in tables for slug, error in table.items()}


def _gone(first: int, stop: int) -> np.ndarray:
    raise Refused("The values stayed with the process that read the file.")
