"""Results of the bench lab: what all rooms have."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from quantlab import workers
from quantlab.bench.report import Report
from quantlab.bench.subject import Examples, Subject, brought, examples_of, of_network
from quantlab.film import Strip, words_film
from quantlab.labs.bench.request import OWN, BenchRequest
from quantlab.labs.of_request import OfRequest
from quantlab.progress import Steps
from quantlab.sources import list_tensors, load_tensor
from quantlab.sources.uploads import UPLOADS

Files = tuple[tuple[str, bytes], tuple[str, bytes]] | None  # a model and its examples


@dataclass(frozen=True, eq=False)
class BenchResult(OfRequest):
    """One room at all levels. reports : of each level, in the room of reports. rows : a table of the page, by level or of all ("")."""

    request: BenchRequest
    films: Mapping[str, bytes]
    texts: Mapping[str, str]
    table: str
    programs: Callable[[BenchRequest, str], str]
    reports: Mapping[str, Report]
    rows: Mapping[str, tuple[Mapping[str, str], ...]]
    stage: int = 0

    def words(self, label: str) -> str:
        """What to notice at this level."""
        return self.texts[label]

    def program(self, label: str) -> str:
        """The program that reproduces this level."""
        return self.programs(self.request, label)

    def csv(self) -> str:
        """The numbers of all levels."""
        return self.table


def words_of(texts: Mapping[str, str]) -> bytes:
    """The film of the sentences."""
    return words_film(Strip(tuple(texts)), list(texts.values()))


def files_of(request: BenchRequest) -> Files:
    """What the request's person brought, from this server's memory."""
    subject = request.subject
    return (UPLOADS.content(subject.file), UPLOADS.content(subject.data)) if subject.source == OWN else None


def examples_in(name: str, content: bytes) -> Examples:
    """The examples of an .npz; whole numbers stay such."""
    infos = [info for info in list_tensors(name, content) if info.name in ("x", "y")]
    return examples_of({info.name: load_tensor(name, content, info.name).astype(info.dtype) for info in infos})


def subject_of(request: BenchRequest, files: Files, bits: int) -> Subject:
    """The subject at so many bits of the weights."""
    plan = replace(request.plan, weights=bits)
    if files is None:
        return of_network(request.subject.source, plan, images=request.images)
    return brought(files[0][0], files[0], examples_in(*files[1]), plan)


def in_worker(steps: Callable[[BenchRequest, Files], Steps[BenchResult]], request: BenchRequest) -> Steps[BenchResult]:
    """A room's steps, where what is brought is read and run in a limited process."""
    return workers.steps(partial(steps, request, files_of(request)), ("bench", request.subject.source))
