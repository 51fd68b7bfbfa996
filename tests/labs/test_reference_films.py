"""Is every scheme of the registry on the number line, and does its line show the levels that it has?"""

import numpy as np

import quantlab as ql
from quantlab.film import unpack
from quantlab.labs.reference.films import range_film, scheme_lines


def test_every_scheme_and_every_format_or_table_of_one_has_a_line():
    names = {trace["name"].partition(",")[0] for trace in unpack(scheme_lines())[0]["figure"]["data"]}
    for slug, scheme in ql.SCHEMES.items():
        if "codebook" in scheme.knobs:
            assert {f"{slug} {table}" for table in scheme.knobs["codebook"].choices} <= names
            continue
        if "format" not in scheme.knobs:
            assert slug in names
            continue
        for form in scheme.knobs["format"].choices:
            shown = any(name.startswith(f"{slug} ") and name.split()[1].lower() == form.removesuffix("fn") for name in names)
            assert shown == (min(scheme.bits_allowed({"format": form})) <= 8), (slug, form)


def test_every_range_rule_stands_on_its_curve_with_a_mark_of_its_own():
    traces = {trace["name"]: trace for trace in unpack(range_film())[0]["figure"]["data"]}
    rules = [ql.CALIBRATORS[slug].title for slug in ql.SCHEMES["int-symmetric"].calibrators]
    assert set(rules) <= set(traces) and len({traces[rule]["marker"]["symbol"] for rule in rules}) == len(rules)


def test_no_level_is_drawn_beyond_the_number_line():
    header, payload = unpack(scheme_lines())
    low, high = header["figure"]["layout"]["xaxis"]["range"]
    floats = np.frombuffer(payload, np.float32)
    for track in header["tracks"]:
        for start, length in track["x"]:
            x = floats[start : start + length]
            assert np.all(np.isnan(x) | ((low <= x) & (x <= high)))


def test_every_line_shows_levels_at_every_stop():
    header, payload = unpack(scheme_lines())
    floats, names = np.frombuffer(payload, np.float32), [trace["name"] for trace in header["figure"]["data"]]
    shown = {}
    for track in header["tracks"]:
        name, own = names[track["trace"]].removesuffix(", at its own width"), names[track["trace"]].endswith("its own width")
        shown.setdefault(name, {})[own] = [np.isfinite(floats[start : start + length]).any() for start, length in track["x"]]
    for name, ways in shown.items():
        assert [sum(pair) for pair in zip(*ways.values(), strict=True)] == [1] * len(header["labels"]), name
