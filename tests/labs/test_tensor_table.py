"""The tensor lab at an address: scales, axis, target and the CSV's name follow it."""

import pytest

from quantlab.film import unpack
from quantlab.labs.catalog import LABS
from quantlab.tasks import ENGINE
from tests.steps import drained

LAB = LABS["tensor"]


def shown(**query):
    address = LAB.read({"size": "4096"} | query)
    assert not address.notices, address.notices
    return address, drained(LAB.show(address, ("curve", "numbers", "table")))[0]


def tiles(result):
    header, _ = unpack(result.films["numbers"])
    return str(header)


def test_the_format_of_the_scales_is_counted_in_tile_table_chart_and_csv():
    address, result = shown(granularity="group-64", scales="float16")
    own = next(row for row in result.rows if row.slug == "int-symmetric" and row.spec.bits == 4)
    assert own.bits_per_value == 4.25 and "4.25" in tiles(result) and ",4.25," in result.csv()
    figure = unpack(result.films["curve"])[0]["figure"]
    line = next(trace for trace in figure["data"] if trace["name"] == "Integer, symmetric" and trace["mode"] == "lines")
    assert line["x"][3] == 4.25
    assert "scales='float16'" in result.program(address["bits"])


def test_the_axis_counts_codes_where_the_address_says_so():
    _, result = shown(granularity="group-64", axis="code")
    figure = unpack(result.films["curve"])[0]["figure"]
    line = next(trace for trace in figure["data"] if trace["name"] == "Integer, symmetric" and trace["mode"] == "lines")
    assert line["x"][3] == 4 and figure["layout"]["xaxis"]["title"]["text"] == "bits per code"


@pytest.mark.parametrize("scrub", ["bits", "group"])
def test_the_cheapest_is_named_whatever_the_slider_scrubs(scrub):
    address, result = shown(target="12", scrub=scrub)
    assert address["target"] == 12 and result.stage == 1
    assert result.cheapest(address["target"]).startswith("Cheapest that reaches 12 dB: **")
    assert result.cheapest(200.0).startswith("No scheme reaches 200 dB on this tensor; ")
    assert [list(row) for row in result.table[:1]] == [
        ["Scheme", "Bits", "Bits per value", "SQNR, dB", "Largest error", "MSE", "Stands for"]
    ]


def test_the_csv_is_named_after_what_it_holds():
    assert shown(granularity="group-64")[1].file_name == "weights int-symmetric group-64.csv"


def test_a_codebook_has_no_scale_to_choose_a_format_for():
    assert "scales" not in LAB.read({"scheme": "kmeans"}).values and "scales" not in LAB.read({"scheme": "nf4", "double": "true"}).values
    assert LAB.read({"scheme": "nf4", "scales": "e8m0"})["scales"] == "e8m0"


def test_another_scheme_of_a_compared_tensor_is_whole_at_once():
    """The page is drawn once for it."""
    first, other = (
        LAB.read({"size": "1000", "seed": "77", "source": "normal", "scheme": scheme}) for scheme in ("int-symmetric", "mu-law")
    )
    assert ENGINE.ahead(LAB.tasks(first, ("curve",))[0]).stage == 0
    whole = ENGINE.ahead(LAB.tasks(first, ("curve",))[1])
    again = ENGINE.ahead(LAB.tasks(other, ("curve",))[0])
    assert again.stage == 1 and again.curves == whole.curves
    assert again.films == ENGINE.ahead(LAB.tasks(other, ("curve",))[1]).films
