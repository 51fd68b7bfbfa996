"""Does every text on a page speak of the level under the thumb, while it is held there?"""

import re

import pytest

STOPS = {"": "8", "tensor": "12", "image": "7", "audio": "13", "reference": "8", "cnn?images=200&source=small": "12"}
STOPS |= {f"cnn?images=200&source=small&room={room}": "12" for room in ("layers", "budget")}
STOPS |= {
    "bench?source=small&images=100": "7",
    "repair?source=small": "6",
    "compress?source=small&images=200": "6",
    "language?source=small&tokens=256": "6",
    "integer?source=small&images=100": "6",
}
STOPS["tensor?granularity=group-64&kept=source%3Dweights"] = "12"
READ = """() => {
  const seen = e => { for (let at = e; at; at = at.parentElement) {
    const style = getComputedStyle(at);
    if (style.visibility === 'hidden' || style.display === 'none' || +style.opacity < 0.5) return false;
  } return true; };
  const walk = document.createTreeWalker(document.querySelector('[data-testid=stMain]'), NodeFilter.SHOW_TEXT), texts = [];
  while (walk.nextNode()) {
    const { parentElement: e, textContent } = walk.currentNode;
    if (e.closest('[data-testid=stMain] script, style, .ql-spoken, .ql-slider, .ql-table, [class*=st-key-try-]')) continue;
    if (textContent.trim() && seen(e)) texts.push(textContent.trim());
  }
  return texts;
}"""
NAMED = re.compile(r"(?<![\d.−-])(\d+) bits?\b")


def hold(lab, address: str, label: str) -> None:
    """The mouse button goes down on the thumb and takes it to a stop."""
    lab.show(address)
    labels = int(lab.slider.get_attribute("max"))
    lab.press()
    for k in range(labels + 1):
        lab.page.mouse.move(*lab.thumb(k / labels))
        if lab.level == label:
            break
    lab.painted()
    assert lab.level == label


@pytest.mark.parametrize(("address", "label"), STOPS.items(), ids=lambda part: part or "home")
def test_no_text_in_sight_names_another_level_than_the_thumb_that_is_held(reader, address, label):
    lab = reader()
    hold(lab, address, label)
    named = {found for text in lab.page.evaluate(READ) for found in NAMED.findall(text)}
    assert named <= {label}, [text for text in lab.page.evaluate(READ) if NAMED.search(text)]
    lab.page.mouse.up()


@pytest.mark.parametrize(("address", "tile"), [("tensor", "SQNR"), ("audio", "SQNR"), ("image", "PSNR")])
def test_the_sentence_holds_the_number_of_the_tile_at_every_stop(reader, address, tile):
    lab = reader().show(address)
    labels = int(lab.slider.get_attribute("max"))
    lab.press()
    for k in range(labels + 1):
        lab.page.mouse.move(*lab.thumb(k / labels))
        lab.painted()
        words, number = lab.page.locator("[data-film=words]").first.inner_text(), lab.texts()[tile]
        assert number.removesuffix(" dB") in words or "nothing is lost" in words.casefold(), (words, number)
    lab.page.mouse.up()


def test_words_are_as_high_at_every_stop_and_stand_once(reader):
    lab = reader().show("tensor")
    box = lab.page.locator("[data-film=words]")
    heights = set()
    for key in ("Home", "ArrowRight", "ArrowRight", "End"):
        lab.slider.press(key)
        lab.settle()
        heights.add(round(box.bounding_box()["height"]))
    assert len(heights) == 1
    sentence = box.locator("p[data-shown=true]").inner_text()
    assert lab.page.locator("[class*=st-key-words-] [data-testid=stMarkdown]:visible").count() == 0
    assert lab.page.locator("p:visible", has_text=sentence).count() == 1


def test_what_a_screen_reader_hears_comes_at_rest_and_is_the_sentence(reader):
    lab = reader().show("tensor")
    spoken, box = lab.page.locator(".ql-spoken"), lab.page.locator("[data-film=words]")
    assert spoken.get_attribute("aria-live") == "polite" and box.locator("> div").first.get_attribute("aria-hidden") == "true"
    lab.press()
    lab.page.mouse.move(*lab.thumb(1))
    lab.painted()
    assert spoken.text_content() == ""
    lab.page.mouse.up()
    lab.settle()
    lab.page.wait_for_function("document.querySelector('.ql-spoken').textContent.includes('16 bits')")
    assert spoken.text_content() == box.locator("p[data-shown=true]").text_content()


def test_the_program_says_its_level_and_is_dimmed_while_the_thumb_is_elsewhere(reader):
    lab = reader().show("tensor")
    room = lab.key("at-rest-program")
    assert "Bits: 4" in room.inner_text() and room.evaluate("e => +getComputedStyle(e).opacity") == 1
    lab.press()
    lab.page.mouse.move(*lab.thumb(1))
    lab.painted()
    assert "Bits: 4" in room.inner_text() and room.evaluate("e => +getComputedStyle(e).opacity") < 0.5
    lab.page.mouse.up()
    lab.settle()
    assert "Bits: 16" in room.inner_text() and "bits=16" in lab.code() and room.evaluate("e => +getComputedStyle(e).opacity") == 1


@pytest.mark.parametrize("address", ["tensor", "image", "audio"])
def test_what_to_try_stands_in_the_first_screen_above_the_numbers(reader, address):
    lab = reader().show(address)
    tries, numbers = (lab.key(key).bounding_box() for key in ("tries", "numbers"))
    assert tries["y"] + tries["height"] <= numbers["y"] < lab.slider.bounding_box()["y"]


def test_what_a_try_changes_is_marked_for_a_moment(reader):
    lab = reader().show("tensor")
    before = lab.texts()
    lab.key("try-Groups-of-64").get_by_role("button").click()
    lab.page.wait_for_selector("[data-film=numbers] [data-changed]", state="attached")
    lab.settle()
    lab.page.wait_for_selector("[data-film=numbers] [data-changed]", state="detached")
    assert lab.texts() != before
