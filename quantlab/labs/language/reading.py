"""The second room: the text itself, coloured by how surprising each byte was, before and after, and how the model goes on writing."""

from __future__ import annotations

from functools import partial

import numpy as np

from quantlab import workers
from quantlab.caching import lru_cache
from quantlab.film import Strip, Telling, tokens_film, words_film
from quantlab.labs.language.measure import EXACT, level_steps, prepared
from quantlab.labs.language.program import program
from quantlab.labs.language.request import LanguageRequest
from quantlab.labs.language.result import Frames, LanguageResult, words_of
from quantlab.labs.language.widths import nearest_first
from quantlab.labs.language.words import UNKNOWN, subject
from quantlab.labs.text import fixed, markdown_safe, rounded_percent
from quantlab.language.evaluation import Scores
from quantlab.language.model import generate
from quantlab.language.shipped import load, tokens_of
from quantlab.language.tokenizers import Bytes
from quantlab.progress import Steps

VIEWS = {
    "text": "the test text coloured by surprise, before and after, with the likeliest bytes at each place",
    "continuation": "how the model goes on writing, before and after",
}
FROM, COUNT = 128, 420  # of the test text: behind a start in which the model has little to go by
WRITTEN = 100  # bytes
Written = dict[str, str]


def steps(request: LanguageRequest, stop: str, stage: int) -> Steps[LanguageResult]:
    """The films of one stage."""
    wanted = nearest_first(request.labels, stop) if stage else [stop]
    found = yield from level_steps(request, [EXACT, *wanted])
    written = yield from workers.steps(partial(written_steps, request, [EXACT, *wanted]), request.source)
    return result(Frames(request, found[EXACT], {s: found[s] for s in wanted}), written, stage)


def written_steps(request: LanguageRequest, wanted: list[str]) -> Steps[Written]:
    """How the model goes on at some stops; yields (done, total)."""
    found = {}
    for i, stop in enumerate(wanted):
        yield i, len(wanted)
        found[stop] = written(request, stop)
    return found


@lru_cache(maxsize=256)
def written(request: LanguageRequest, stop: str) -> str:
    """What the model writes behind the prompt, always the likeliest byte."""
    model, hooks = (load(request.source), None) if stop == EXACT else prepared(request, stop)
    ids = Bytes().ids(request.prompt)
    return Bytes().text(list(generate(model, ids, WRITTEN, hooks=hooks)))


def result(f: Frames, written: Written, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(f.request.labels)
    texts = {s: notice(f, s) for s in f.request.labels}
    films = {"text": text_film(strip, f), "continuation": continuation_film(strip, f.request, written), "words": words_of(texts)}
    return LanguageResult(f.request, films, texts, partial(csv, f), program, stage, f)


def telling(scores: Scores) -> Telling:
    """The part of the text that is shown, as one model tells it."""
    part = slice(FROM, FROM + COUNT)
    return Telling(-scores.right[part] / np.log(2), scores.top[part], scores.shares[part])


def text_film(strip: Strip, f: Frames) -> bytes:
    """The text, byte by byte; first the rivals of the byte are shown whose surprise grew most at the fewest bits that are known."""
    request = f.request
    ids = tokens_of(request.conditions.text, request.conditions.tokens)[1 + FROM : 1 + FROM + COUNT].tolist()
    before, after = telling(f.exact), [telling(f.levels[s]) if s in f.levels else None for s in f.request.labels]
    first = next(one for one in after if one is not None)
    chosen = int(np.argmax(first.surprise - before.surprise))
    alt = "The text, darker where a byte surprises the model more, underlined where another byte is likeliest than before; arrows go on"
    return tokens_film(strip, Bytes().pieces(ids), Bytes().pieces(range(256)), before, after, chosen, alt)


def continuation_film(strip: Strip, request: LanguageRequest, written: Written) -> bytes:
    """The prompt and what follows it at every stop; in bold what is as before."""
    return words_film(strip, [continued(request.prompt, written.get(EXACT, ""), written.get(s)) for s in strip.labels], look="text")


def continued(prompt: str, before: str, after: str | None) -> str:
    """A continuation as it is shown, its part that is as before in bold.

    >>> continued("An", " expression", " exception")
    '*An*** ex**ception'
    """
    if after is None:
        return UNKNOWN
    same = next((i for i, (a, b) in enumerate(zip(before, after, strict=False)) if a != b), min(len(before), len(after)))
    bold = f"**{_shown(after[:same])}**" if same else ""
    return f"*{_shown(prompt)}*{bold}{_shown(after[same:])}"


def _shown(text: str) -> str:
    return markdown_safe(text.replace("\n", " ↵ "))


def notice(f: Frames, stop: str) -> str:
    """Where the surprise grew."""
    level = f.levels.get(stop)
    if level is None:
        return UNKNOWN
    grown = (f.exact.right - level.right) / np.log(2)
    if not level.kld.any():
        first, rest = behind_spaces(f)
        return (
            f"At **16 bits** both sides are the same model. What is dark surprises it: a byte behind a space or a line's end costs "
            f"**{fixed(first, 2)} bits**, another one {fixed(rest, 2)}."
        )
    worse, better = float((grown > 1).mean()), float((grown < -1).mean())
    return (
        f"{subject(f, stop)}, **{rounded_percent(worse, 1)}** of all bytes of the test text surprise the model by more than a bit more than "
        f"before, and {rounded_percent(better, 1)} by more than a bit less: rounding moves answers both ways, and perplexity sees the mean "
        f"alone, {fixed(float(grown.mean()), 3)} bits a byte. Underlined bytes stand where another one is likeliest now "
        f"({rounded_percent(1 - level.same_top, 1)} of all places)."
    )


def behind_spaces(f: Frames) -> tuple[float, float]:
    """Mean surprise of the model as it is in bits: of bytes behind a space or a line's end, and of all others."""
    ids = tokens_of(f.request.conditions.text, f.request.conditions.tokens)
    behind, surprise = np.isin(ids[:-1], (10, 32)) & ~np.isin(ids[1:], (10, 32)), -f.exact.right / np.log(2)
    return float(surprise[behind].mean()), float(surprise[~behind].mean())


COLUMNS = ["place", "byte", "surprise_before"]


def csv(f: Frames) -> str:
    """Surprise in bits of every byte of the test text, before and at every stop that is known."""
    ids = tokens_of(f.request.conditions.text, f.request.conditions.tokens)
    columns = [ids[1:], -f.exact.right / np.log(2), *(-f.levels[s].right / np.log(2) for s in f.known)]
    rows = [",".join([str(n + 1), str(int(row[0])), *(f"{x:.4f}" for x in row[1:])]) for n, row in enumerate(zip(*columns, strict=True))]
    return "\n".join([",".join([*COLUMNS, *(f"surprise_{s}" for s in f.known)]), *rows]) + "\n"
