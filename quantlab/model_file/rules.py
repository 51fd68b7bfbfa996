"""Rules by pattern: ``embed: 8 bits, norms: leave, rest: q4_k``. The first rule that fits a tensor decides.

A pattern is a kind (embed, head, norm, bias, attention, mlp, vectors), a part of the name, a glob with * or ?, a regular expression
between slashes, or ``rest``. What no rule names stays as it is.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from quantlab.model_file.options import Option, option
from quantlab.model_file.tensors import FileTensor

LEAVE = "leave"
_KINDS = {
    "embed": r"embed|wte|wpe|token_embd",
    "head": r"lm_head|(^|\.)output\.weight$|classifier",
    "norm": r"norm|(^|[._])(ln|bn)[._\d]",
    "bias": r"bias$|(^|[._])b$",
    "attention": r"attn|attention|(^|[._])[qkvo]_proj",
    "mlp": r"mlp|ffn|feed_forward|(^|[._])fc\d?[._]",
}
_LONGEST = 200


@dataclass(frozen=True)
class Rule:
    """A pattern, and what becomes of a tensor that fits it; None to leave it."""

    pattern: str
    option: Option | None

    def fits(self, tensor: FileTensor) -> bool:
        """Whether the rule speaks of this tensor."""
        pattern, name = self.pattern, tensor.name.lower()
        singular = pattern.removesuffix("s") if pattern not in _KINDS else pattern
        singular = {"biase": "bias", "embedding": "embed"}.get(singular, singular)
        if pattern in ("rest", "*", "all"):
            return True
        if pattern in ("vectors", "vector"):
            return len(tensor.shape) < 2
        if len(pattern) > 2 and pattern[0] == pattern[-1] == "/":
            return re.search(pattern[1:-1], tensor.name[:_LONGEST], re.IGNORECASE) is not None
        if any(sign in pattern for sign in "*?["):
            return fnmatchcase(name, pattern)
        return re.search(_KINDS[singular], name) is not None if singular in _KINDS else pattern in name


def rules_of(text: str) -> tuple[Rule, ...]:
    """The rules of a text, separated by commas, semicolons or lines; ValueError with the remedy.

    >>> [(rule.pattern, rule.option and rule.option.slug) for rule in rules_of("embed: 8 bits, norms: leave, rest Q4_K")]
    [('embed', 'int8-row'), ('norms', None), ('rest', 'q4_k')]
    """
    return tuple(_rule(part.strip()) for part in re.split(r"[,;\n]", text) if part.strip())


def _rule(text: str) -> Rule:
    pattern, colon, choice = text.partition(":")
    if not colon and text.startswith("rest "):
        pattern, choice = "rest", text.removeprefix("rest ")
    if not choice.strip() or not pattern.strip():
        raise ValueError(f"{text!r} is no rule; write PATTERN: OPTION, such as embed: 8 bits")
    pattern = pattern.strip()
    if pattern[0] == pattern[-1] == "/" and len(pattern) > 2:
        _check(pattern)
    else:
        pattern = pattern.lower()
    return Rule(pattern, None if choice.strip().lower() in (LEAVE, "keep", "float") else option(choice))


def _check(pattern: str) -> None:
    """Regular expressions that can take for ever are refused: a repetition of a repetition."""
    try:
        re.compile(pattern[1:-1])
    except re.error as error:
        raise ValueError(f"{pattern} is no regular expression ({error}); write one such as /layers\\.0\\./") from error
    if len(pattern) > 100 or re.search(r"[+*}]\)?[+*{]|\([^)]*[+*][^)]*\)[+*{]", pattern):
        raise ValueError(f"{pattern[:60]} repeats a repetition, which can take for ever; write a simpler pattern, or a glob such as *.0.*")


def chosen(tensor: FileTensor, rules: Sequence[Rule]) -> Option | None:
    """What the first fitting rule says; None to leave the tensor, as all that are no real numbers are."""
    if not tensor.weights or tensor.refused or not tensor.size:
        return None
    return next((rule.option for rule in rules if rule.fits(tensor)), None)
