"""The documentation of addresses, made from the labs' own tables: ``python -m quantlab.labs.documentation`` writes it."""

from __future__ import annotations

from quantlab.labs.address import Address, Parameter
from quantlab.labs.catalog import LABS
from quantlab.labs.forms import Choice, Form, Number, Several
from quantlab.labs.lab import Lab
from quantlab.paths import app_folder
from quantlab.schemes import SCHEMES

PLACE = app_folder() / "docs" / "address.md"
_HEAD = """# The address holds the state

What a page shows is in its address: send it, bookmark it, go back. Defaults are left out; a value that is not supported in the state
that the others describe falls back to the default, and the page says so. A parameter that has no meaning in that state is left out.
Parameters are read in the order below; a default that follows from those before is marked *follows*.

This page is written by `python -m quantlab.labs.documentation` from the tables of the labs.
"""


def address_page() -> str:
    """The page as Markdown: a table for each lab."""
    return "\n".join([_HEAD, *(_section(lab) for lab in LABS.values()), _knobs()])


def _section(lab: Lab) -> str:
    path = "/" if lab.slug == "home" else f"/{lab.slug}"
    opening = lab.read({})
    knobs = {(name, knob.doc) for scheme in SCHEMES.values() for name, knob in scheme.knobs.items()}
    rows = [_row(parameter, opening) for parameter in lab.table if (parameter.name, parameter.meaning) not in knobs]
    if len(rows) < len(list(lab.table)):
        rows.append("| | | | and the [knobs of the chosen scheme](#knobs-of-schemes) |")
    return "\n".join([f"## {lab.title} (`{path}`)\n", "| parameter | default | values | meaning |", "|---|---|---|---|", *rows, ""])


def _row(parameter: Parameter, opening: Address) -> str:
    default = "*follows*" if callable(parameter.default) else _code(opening.texts.get(parameter.name) or str(parameter.default))
    values = "*follow*" if callable(parameter.form) else _values(parameter.form)
    return _cells(_code(parameter.name), default, values, parameter.meaning)


def _schemes_of_knobs() -> dict[str, list[str]]:
    """The schemes that have each knob."""
    names = dict.fromkeys(name for scheme in SCHEMES.values() for name in scheme.knobs)
    return {name: [slug for slug, scheme in SCHEMES.items() if name in scheme.knobs] for name in names}


def _knobs() -> str:
    """The knobs of all schemes: they stand in the address of every lab that offers the scheme."""
    rows = []
    for name, slugs in _schemes_of_knobs().items():
        for knob in dict.fromkeys(SCHEMES[slug].knobs[name] for slug in slugs):
            users = [slug for slug in slugs if SCHEMES[slug].knobs[name] == knob]
            values = ", ".join(_code(str(choice).lower()) for choice in knob.choices) or f"{knob.low:g} to {knob.high:g}"
            rows.append(_cells(_code(name), ", ".join(map(_code, users)), _code(str(knob.default).lower()), values, knob.doc))
    return "\n".join(["## Knobs of schemes\n", "| parameter | schemes | default | values | meaning |", "|---|---|---|---|---|", *rows, ""])


def _cells(*texts: str) -> str:
    return "| " + " | ".join(text.replace("|", "\\|") for text in texts) + " |"


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _values(form: Form) -> str:
    if isinstance(form, Choice | Several):
        return ", ".join(map(_code, form.options))
    return f"{form.write(form.low)} to {form.write(form.high)}" if isinstance(form, Number) else "a text"


def main() -> None:
    """Write the page into the checkout."""
    PLACE.write_text(address_page(), "utf-8")


if __name__ == "__main__":
    main()
