"""A term's line beside the word: by hover, tap and keyboard; the glossary's search in its address; schemes picked by sight."""

import re

import pytest

CARD = ".ql-term-card"


def term(lab, name: str):
    return lab.page.locator(".ql-numbers").get_by_role("button", name=name, exact=True)


def test_a_term_opens_by_keyboard_and_escape_closes_it(lab):
    lab.open("tensor?size=4096")
    sqnr = term(lab, "SQNR")
    lab.page.keyboard.press("Tab")  # what is focused by a script shows no ring before a key was pressed
    sqnr.focus()
    card = lab.page.locator(CARD)
    card.get_by_role("link", name=re.compile("In the glossary")).wait_for()
    assert "10·log10" in card.inner_text() and sqnr.get_attribute("aria-expanded") == "true"
    lab.page.keyboard.press("Tab")
    assert lab.page.evaluate("document.activeElement.closest('.ql-term-card') !== null")
    lab.page.keyboard.press("Escape")
    assert card.is_hidden() and sqnr.get_attribute("aria-expanded") == "false"
    assert sqnr.evaluate("e => e === document.activeElement")


def test_a_term_opens_under_the_pointer_and_closes_when_it_leaves(reader):
    lab = reader().show("tensor?size=4096")
    term(lab, "MSE").hover()
    lab.page.locator(CARD).get_by_text("mean squared difference").wait_for()
    lab.page.mouse.move(2, 2)
    lab.page.locator(CARD).wait_for(state="hidden")


def test_a_term_of_a_heading_opens_by_tap_and_the_page_stays(reader):
    lab = reader(390, 844, has_touch=True, is_mobile=True).show("tensor?size=4096")
    heading = lab.page.get_by_role("heading", name="Where zero lies").get_by_role("link")
    heading.scroll_into_view_if_needed()
    heading.tap()
    card = lab.page.locator(CARD)
    card.get_by_text("The code that stands for 0.0").wait_for()
    box = card.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= 390
    assert card.get_by_role("link", name=re.compile("In the glossary")).get_attribute("href") == "glossary?q=zero%20point"
    lab.page.locator("h2", has_text="Where zero lies").tap(position={"x": 330, "y": 10})
    card.wait_for(state="hidden")
    assert "/tensor" in lab.page.url


def test_the_glossary_is_searched_by_its_address_and_by_its_field(lab):
    lab.page.goto(f"{lab.url}/glossary?q=training")
    names = lab.page.locator(".ql-glossary dt")
    lab.page.locator(".ql-glossary dt", has_text="QAT").wait_for()
    assert names.count() < 8
    field = lab.page.get_by_role("textbox", name="Find a term")
    field.fill("huffman")
    field.press("Enter")
    lab.page.locator(".ql-glossary dt", has_text="Huffman coding").wait_for()
    lab.page.wait_for_url("**/glossary?q=huffman")


def test_schemes_are_picked_from_their_groups(reader):
    lab = reader().show("tensor?size=4096")
    groups = lab.page.locator(".ql-groups")
    groups.locator("summary").click()
    part = groups.get_by_role("group", name="Levels where the values are")
    part.get_by_role("button", name="NF4", exact=True).click()
    lab.page.wait_for_url("**/tensor?*scheme=nf4*")
    part.get_by_role("button", name="NF4", exact=True, pressed=True).wait_for()


@pytest.mark.parametrize("heading", ["Where zero lies", "Why a scale per channel"])
def test_the_tensor_lab_has_the_section(reader, heading):
    lab = reader().show("tensor?source=channels&size=4096")
    lab.page.get_by_role("heading", name=heading).wait_for()
