"""A setting that is kept as A stands beside B on one slider: both pictures follow the thumb, the tiles say both."""

import pytest

CHANGES = {
    "tensor": ("One scale for", "groups of 64"),
    "image": ("Dither", "Floyd–Steinberg"),
    "audio": ("Dither", "triangular over two steps"),
}


@pytest.mark.parametrize("page", CHANGES)
def test_both_follow_the_thumb_and_every_tile_says_both(reader, page):
    lab = reader().show(page)
    lab.page.get_by_role("button", name="Keep as A").click()
    lab.settle()
    label, option = CHANGES[page]
    options = lab.page.get_by_role("combobox", name=label, exact=True)
    options.click()
    lab.page.get_by_role("option").filter(has_text=option).first.click()
    lab.settle()
    assert "kept" in lab.query() and "kept-picture" in lab.film_levels()
    seen = set()
    lab.press()
    for share in (0, 0.5, 1):
        lab.page.mouse.move(*lab.thumb(share))
        lab.painted()
        assert set(lab.film_levels().values()) == {lab.level}
        seen.add(lab.key("words-kept").inner_text())
    lab.page.mouse.up()
    lab.settle()
    assert len(seen) == 3 and all(" A, " in f" {text}" for text in seen)
    assert all("\nA: " in text for text in lab.texts().values())
    lab.page.get_by_role("button", name="Forget A").click()
    lab.settle()
    assert "kept" not in lab.query() and "kept-picture" not in lab.film_levels()


def test_a_kept_setting_whose_file_is_gone_is_said_and_nothing_else_is_lost(reader):
    lab = reader().show("tensor?bits=3&kept=source%3Dupload%26file%3D" + "0" * 20)
    assert any("kept setting" in text for text in lab.says())
    assert lab.level == "3" and "kept-picture" not in lab.film_levels()
