"""Are tables drawn in one way, which paper can hold, and is what stands in them text?"""

from pathlib import Path

from quantlab.ui.tables import MOST_ON_PAPER, on_paper

ROOT = Path(__file__).parents[2]


def test_no_page_draws_a_table_that_paper_cannot_hold():
    files = [*(ROOT / "pages").glob("*.py"), *(ROOT / "quantlab/ui").rglob("*.py")]
    assert [path.name for path in files if ".dataframe(" in path.read_text("utf-8")] == ["tables.py"]


def test_paper_says_how_many_rows_it_leaves_out_and_names_are_text():
    rows = [{"Layer": f"<img src=x onerror=alert({i})>", "Size": 1000 * i} for i in range(MOST_ON_PAPER + 5)]
    text = on_paper(rows, {"Size": "bytes"})
    assert "<img" not in text and "&lt;img src=x onerror=alert(7)&gt;" in text and "<td class=s>7 kB" in text
    assert text.count("<tr>") == MOST_ON_PAPER + 1 and f"The first {MOST_ON_PAPER} of {len(rows)} rows." in text
