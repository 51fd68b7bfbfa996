"""The second room: the text itself, coloured by how surprising each token was, before and after, and how the model goes on writing."""

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
from quantlab.progress import Steps

VIEWS = {
    "text": "the test text coloured by surprise, before and after, with the likeliest tokens at each place",
    "continuation": "how the model goes on writing, before and after",
}
FROM, COUNT = 128, 420  # of the test text: behind a start in which the model has little to go by
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
    """What the model writes behind the prompt, always the likeliest token."""
    asked = request.model
    model, hooks = (asked.model(), None) if stop == EXACT else prepared(request, stop)
    ids = asked.tokenizer.ids(request.prompt)
    return asked.tokenizer.text(list(generate(model, ids, asked.written, hooks=hooks)))


def result(f: Frames, written: Written, stage: int) -> LanguageResult:
    """The room's films, sentences and numbers."""
    strip = Strip(f.request.labels)
    texts = {s: notice(f, s) for s in f.request.labels}
    films = {"text": text_film(strip, f), "continuation": continuation_film(strip, f.request, written), "words": words_of(texts)}
    return LanguageResult(f.request, films, texts, partial(csv, f), program, stage, f)


def shown(request: LanguageRequest) -> slice:
    """Which scored places are shown: behind a start where the text is long enough for one."""
    start = FROM if request.conditions.tokens > FROM + COUNT else 0
    return slice(start, start + COUNT)


def telling(scores: Scores, part: slice, vocabulary: np.ndarray) -> Telling:
    """A part of the text, as one model tells it; the likeliest tokens as places in the vocabulary, which is in order."""
    return Telling(-scores.right[part] / np.log(2), np.searchsorted(vocabulary, scores.top[part]), scores.shares[part])


def text_film(strip: Strip, f: Frames) -> bytes:
    """The text, token by token; first the rivals of the one are shown whose surprise grew most at the fewest bits that are known."""
    request = f.request
    part, tokenizer = shown(request), request.model.tokenizer
    ids = request.tokens()[1:][part].tolist()
    vocabulary = np.unique(np.concatenate([v.top[part].ravel() for v in (f.exact, *f.levels.values())]))  # of the tokens that occur
    before = telling(f.exact, part, vocabulary)
    after = [telling(f.levels[s], part, vocabulary) if s in f.levels else None for s in f.request.labels]
    first = next(one for one in after if one is not None)
    chosen = int(np.argmax(first.surprise - before.surprise))
    alt = f"The text, darker where a {f.unit} surprises the model more, underlined where another {f.unit} is likeliest than before; arrows go on"
    return tokens_film(strip, tokenizer.pieces(ids), tokenizer.pieces(vocabulary.tolist()), before, after, chosen, alt)


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
            f"At **16 bits** both sides are the same model. What is dark surprises it: a {f.unit} {first_of(f)} costs "
            f"**{fixed(first, 2)} bits**, another one {fixed(rest, 2)}."
        )
    worse, better = float((grown > 1).mean()), float((grown < -1).mean())
    return (
        f"{subject(f, stop)}, **{rounded_percent(worse, 1)}** of all {f.unit}s of the {f.request.conditions.text} text surprise the model by more than a bit more than "
        f"before, and {rounded_percent(better, 1)} by more than a bit less: rounding moves answers both ways, and perplexity sees the mean "
        f"alone, {fixed(float(grown.mean()), 3)} bits a {f.unit}. Underlined {f.unit}s stand where another one is likeliest now "
        f"({rounded_percent(1 - level.same_top, 1)} of all places)."
    )


def behind_spaces(f: Frames) -> tuple[float, float]:
    """Mean surprise of the model as it is in bits: of tokens that begin a word, and of all others; nan where there are none."""
    ids, surprise = f.request.tokens(), -f.exact.right / np.log(2)
    if f.unit == "byte":
        behind = np.isin(ids[:-1], (10, 32)) & ~np.isin(ids[1:], (10, 32))
    else:
        behind = np.array(
            [piece.startswith((" ", "▁")) and piece.strip() != "" for piece in f.request.model.tokenizer.pieces(ids[1:].tolist())]
        )
    return tuple(float(part.mean()) if len(part) else np.nan for part in (surprise[behind], surprise[~behind]))  # type: ignore[return-value]


def first_of(f: Frames) -> str:
    """What begins a word, in words."""
    return "behind a space or a line's end" if f.unit == "byte" else "that begins with a space"


COLUMNS = ["place", "token", "surprise_before"]


def csv(f: Frames) -> str:
    """Surprise in bits of every token of the text, before and at every stop that is known."""
    ids = f.request.tokens()
    columns = [ids[1:], -f.exact.right / np.log(2), *(-f.levels[s].right / np.log(2) for s in f.known)]
    rows = [",".join([str(n + 1), str(int(row[0])), *(f"{x:.4f}" for x in row[1:])]) for n, row in enumerate(zip(*columns, strict=True))]
    return "\n".join([",".join([*COLUMNS, *(f"surprise_{s}" for s in f.known)]), *rows]) + "\n"
