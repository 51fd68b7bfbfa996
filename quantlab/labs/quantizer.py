"""The parameters of a quantizer, the same in every lab: scheme, range rule, rounding, and the scheme's own knobs."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from graphlib import TopologicalSorter
from typing import Any

from quantlab.formats import FORMATS
from quantlab.labs.address import Of, Parameter, Place, Values
from quantlab.labs.forms import Choice, GroupedChoice, Number, Text, Value
from quantlab.labs.level_marks import level_marks
from quantlab.ranges import CALIBRATORS
from quantlab.rounding import ROUNDINGS
from quantlab.schemes import FAMILIES, SCHEMES, Knob, Scheme

KnobValue = Any  # of the type that a scheme likes


def always(values: Values) -> bool:
    return True


def scheme_of(values: Mapping[str, Value]) -> Scheme:
    """The scheme that was chosen."""
    return SCHEMES[values["scheme"]]


def scheme_parameter(slugs: Sequence[str], default: str, when: Of[bool] = always) -> Parameter:
    """The parameter of a scheme, one of these."""
    return Parameter(
        "scheme",
        "how values become codes: a slug of the table of schemes",
        scheme_choice({slug: SCHEMES[slug].title for slug in slugs}),
        default,
        "Scheme",
        when=when,
        advice="Where the levels lie that values are moved to.",
    )


def scheme_choice(options: Mapping[str, str]) -> GroupedChoice:
    """Schemes by family, each with a picture of its levels; and what else a lab offers beside them, without one."""
    return GroupedChoice(
        options,
        group_of=lambda slug: FAMILIES[SCHEMES[slug].family] if slug in SCHEMES else "Others",
        marks_of=lambda slug: level_marks(slug) if slug in SCHEMES else (),
    )


def range_parameters(place: Place = "side", when: Of[bool] = always) -> tuple[Parameter, ...]:
    """The range rule, the rounding, and the seed of a random one."""
    return (
        Parameter(
            "calibrator",
            "the range rule",
            lambda values: Choice({c: CALIBRATORS[c].title for c in scheme_of(values).calibrators}),
            lambda values: scheme_of(values).calibrators[0],
            "Range",
            place,
            when,
            advice="How the range that the codes cover is chosen.",
        ),
        Parameter(
            "rounding",
            "the rounding",
            lambda values: Choice({r: ROUNDINGS[r].title for r in scheme_of(values).roundings}),
            lambda values: scheme_of(values).roundings[0],
            "Rounding",
            "more",
            when,
            advice="What a value between two levels becomes.",
        ),
        Parameter(
            "dice",
            "the seed of a random rounding or dither",
            Number(0, 2**31 - 1),
            0,
            "Seed of the rounding",
            "more",
            lambda values: when(values) and ROUNDINGS[values["rounding"]].random,
            advice="Another number draws other chances.",
        ),
    )


def range_settings(values: Mapping[str, Value]) -> dict[str, KnobValue]:
    """``calibrator``, ``rounding`` and ``seed`` for a spec; a lab may have ``dice`` for something else where no rounding is random."""
    seed = values["dice"] if ROUNDINGS[values["rounding"]].random else 0
    return {"calibrator": values["calibrator"], "rounding": values["rounding"], "seed": seed}


def knob_parameters(
    place: Place | Of[Place] = "more", when: Of[bool] = always, without: Of[Collection[str]] = lambda values: ()
) -> tuple[Parameter, ...]:
    """Every scheme's own knobs, each where the chosen scheme has it; ``without`` those that something else sets."""
    names: TopologicalSorter[str] = TopologicalSorter()  # after those that stand before it in any scheme: it may hang on them
    for scheme in SCHEMES.values():
        for i, name in enumerate(knobs := list(scheme.knobs)):
            names.add(name, *knobs[:i])
    return tuple(_knob_parameter(name, place, when, without) for name in names.static_order())


def _knob_parameter(name: str, place: Place | Of[Place], when: Of[bool], without: Of[Collection[str]]) -> Parameter:
    knobs = [scheme.knobs[name] for scheme in SCHEMES.values() if name in scheme.knobs]

    def knob(values: Values) -> Knob:
        return scheme_of(values).knobs[name]

    def form(values: Values) -> Choice | Number:
        if not knob(values).choices:
            return Number(knob(values).low, knob(values).high)
        titles = knob(values).titles or [FORMATS[slug].title if slug in FORMATS else slug for slug in _slugs(knob(values))]
        return Choice(dict(zip(_slugs(knob(values)), titles, strict=True)))

    def default(values: Values) -> Value:
        return _slug(knob(values).default) if knob(values).choices else knob(values).default

    return Parameter(
        name,
        knobs[0].doc,
        form,
        default,
        name.replace("_", " ").capitalize(),
        "side" if place == "more" and knobs[0].in_sight else place,
        lambda values: (
            when(values) and name in scheme_of(values).knobs and name not in without(values) and knob(values).applies(_chosen(values))
        ),
        lambda values: f"{knob(values).doc[0].upper()}{knob(values).doc[1:]}.",
    )


def own_parameter(when: Of[bool] = always, place: Place | Of[Place] = "more") -> Parameter:
    """The parameter for what a person writes for a knob that takes others than its choices."""
    return Parameter(
        "own",
        "a float format of one's own beside those of `float`, such as `e3m4`",
        Text(placeholder="e3m4, e5m2fn, e4m3fn-nosub"),
        title=lambda values: f"Own {_open_knob(values)}",
        place=place,
        when=lambda values: when(values) and _open_knob(values) is not None,
        problem=_own_problem,
        advice="Exponent and fraction bits of a format of your own, such as e3m4.",
    )


def _open_knob(values: Values) -> str | None:
    return next((name for name, knob in scheme_of(values).knobs.items() if knob.parse), None)


def _own_problem(word: str, values: Mapping[str, Value]) -> str:
    try:
        _written_knob(word, values)
    except ValueError as problem:
        return f"{problem}."
    return ""


def _written_knob(word: str, values: Mapping[str, Value]) -> dict[str, KnobValue]:
    """The knob that takes the person's word, and its value; ValueError where it does not."""
    word = word.strip().lower()
    return {name: knob.check(name, word) for name, knob in scheme_of(values).knobs.items() if knob.parse and word}


def knob_settings(values: Mapping[str, Value]) -> dict[str, KnobValue]:
    """The scheme's own knobs as a spec takes them, those that were read."""
    knobs = _chosen(values)
    word = values.get("own", "")
    return knobs if _own_problem(word, values) else knobs | _written_knob(word, values)


def _chosen(values: Mapping[str, Any]) -> dict[str, Any]:
    """The scheme's own knobs, as far as they were read, each in its own type."""
    return {name: _value(knob, values[name]) for name, knob in scheme_of(values).knobs.items() if name in values}


def _slugs(knob: Knob) -> dict[str, KnobValue]:
    return {_slug(choice): choice for choice in knob.choices}


def _slug(choice: KnobValue) -> str:
    return str(choice).lower()


def _value(knob: Knob, value: Value) -> KnobValue:
    return _slugs(knob)[value] if knob.choices else value
