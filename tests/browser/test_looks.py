"""Can it be read: in the light and in the dark, on a phone and on a projector, and by a screen reader?"""

import pytest

LARGE = {"the slider's level", "the title"}  # 24 px and more: 3 is enough (WCAG 2.2, 1.4.3)
CONTRAST = """e => {
  const parse = c => { const v = c.match(/[\\d.]+/g).map(Number); return v.length < 4 ? [...v, 1] : v; };
  const over = ([r, g, b, a], under) => [r, g, b].map((c, i) => c * a + under[i] * (1 - a));
  const chain = []; for (let n = e; n; n = n.parentElement) chain.unshift(n);
  let back = [255, 255, 255], alpha = 1;
  for (const n of chain) { back = over(parse(getComputedStyle(n).backgroundColor), back); alpha *= +getComputedStyle(n).opacity; }
  const style = getComputedStyle(e), [r, g, b, a] = parse(e instanceof SVGElement ? style.fill : style.color);
  const linear = v => (v /= 255) <= .04045 ? v / 12.92 : ((v + .055) / 1.055) ** 2.4;
  const light = c => { const [x, y, z] = c.map(linear); return .2126 * x + .7152 * y + .0722 * z; };
  const [one, two] = [light(over([r, g, b, a * alpha], back)), light(back)];
  return (Math.max(one, two) + .05) / (Math.min(one, two) + .05);
}"""
TEXTS = {
    "the slider's name": ".ql-slider-name",
    "the slider's level": ".ql-slider output",
    "the slider's ticks": ".ql-ticks span",
    "an axis tick": ".xtick text",
    "an axis title": ".g-xtitle text",
    "a legend": ".legendtext",
    "a tile's name": ".ql-numbers span",
    "a tile's number": ".ql-numbers b",
    "a note in a chart": ".annotation-text",
    "the title": "h1",
    "a caption": "[data-testid=stCaptionContainer] p",
}
INKS = {"original": "rgb(0, 114, 178)", "quantized": "rgb(213, 94, 0)"}


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_every_text_stands_out_from_its_background(reader, theme):
    lab = reader(color_scheme=theme).show()
    found = {
        name: lab.page.locator(f"{css} >> visible=true").evaluate_all(f"all => Math.min(...all.map({CONTRAST}))")
        for name, css in TEXTS.items()
    }
    assert {name: round(ratio, 2) for name, ratio in found.items() if not ratio >= (3 if name in LARGE else 4.5)} == {}


def test_the_page_follows_the_light_and_the_dark_of_the_system(reader):
    back = "getComputedStyle(document.querySelector('[data-testid=stApp]')).backgroundColor.match(/\\d+/g).map(Number)"
    assert min(reader(color_scheme="light").show().page.evaluate(back)) > 200
    assert max(reader(color_scheme="dark").show().page.evaluate(back)[:3]) < 60


@pytest.mark.parametrize("theme", ["light", "dark"])
def test_a_quantity_has_its_colour_in_either_theme(reader, theme):
    lab = reader(color_scheme=theme).show()
    script = """e => Object.fromEntries([...e.querySelectorAll('.legend .traces')].map(t =>
        [t.textContent.trim(), [...t.querySelectorAll('path')].flatMap(p => [getComputedStyle(p).stroke, getComputedStyle(p).fill])]))"""
    chart = lab.key("histogram").locator(".ql-plot")
    chart.dispatch_event("pointerenter", {"pointerType": "mouse"})  # plotly comes for who points at a chart
    chart.locator(".legend .traces").first.wait_for()
    legend = lab.key("histogram").evaluate(script)
    assert {name: INKS[name] for name in INKS if INKS[name] in legend[name]} == INKS


PHONE = {"home": "", "tensor": "tensor", "image": "image", "audio": "audio", "network": "cnn", "memory": "language?room=memory"}
CUT = (
    "[...document.querySelectorAll('.ql-numbers b')].filter(labSeen).filter(e => e.scrollWidth > e.clientWidth + 1).map(e => e.textContent)"
)


@pytest.mark.parametrize("address", PHONE.values(), ids=PHONE)
def test_a_phone_needs_no_sideways_scrolling_and_has_the_slider_in_sight(reader, address):
    lab = reader(390, 844, has_touch=True, is_mobile=True).show(address)
    assert lab.page.evaluate("document.scrollingElement.scrollWidth") <= 390
    assert lab.page.get_by_test_id("stMain").evaluate("e => e.scrollWidth") <= 390
    wide = lab.page.evaluate("labFilms().filter(f => f.getBoundingClientRect().right > 391).map(labKey)")
    assert wide == []
    assert lab.page.evaluate(CUT) == [], "tiles whose text is cut"
    check_in_sight(lab, 390, 844)
    lab.page.get_by_test_id("stMain").evaluate("e => e.scrollTo(0, e.scrollHeight)")
    check_in_sight(lab, 390, 844)


@pytest.mark.parametrize("address", ["", "tensor", "image", "audio", "cnn"], ids=["home", "tensor", "image", "audio", "network"])
def test_a_projector_shows_the_slider_and_a_whole_chart_at_once(reader, address):
    lab = reader(1280, 720).show(address)
    check_in_sight(lab, 1280, 720)
    bottom = lab.page.locator("[data-film=plot]").evaluate_all("all => Math.min(...all.map(f => f.getBoundingClientRect().bottom))")
    assert bottom < lab.slider.bounding_box()["y"]


def check_in_sight(lab, width: int, height: int) -> None:
    box = lab.slider.bounding_box()
    assert box["x"] >= 0 and box["x"] + box["width"] <= width and box["y"] >= 0 and box["y"] + box["height"] <= height
    assert lab.slider.evaluate(
        "s => { const b = s.getBoundingClientRect(); return document.elementFromPoint(b.x + b.width / 2, b.y + b.height / 2) === s; }"
    )


@pytest.mark.parametrize("address", ["", "tensor", "image", "audio", "cnn"], ids=["home", "tensor", "image", "audio", "network"])
def test_every_picture_says_in_words_what_it_shows(reader, address):
    lab = reader().show(address)
    script = """labFilms().filter(f => !['numbers', 'words'].includes(f.dataset.film)).map(f => {
        const e = f.matches('[aria-label]') ? f : f.querySelector('[role=img][aria-label]');
        return [labKey(f), e?.getAttribute('aria-label') ?? '']; })"""
    spoken = dict(lab.page.evaluate(script))
    assert spoken and min(map(len, spoken.values())) > 15
    assert len(set(spoken.values())) == len(spoken)


def test_on_a_phone_a_touch_on_the_slider_moves_the_films(reader):
    lab = reader(390, 844, has_touch=True, is_mobile=True).show()
    lab.page.touchscreen.tap(*lab.thumb(7 / 15))
    lab.settle()
    assert lab.level == "8" and lab.query() == {"bits": "8"}
