"""Do pages hold on a phone, a tablet, a zoomed window, in print, in larger type and in the colours of the system?"""

from io import BytesIO

from PIL import Image

from .paper import SHEET, on_paper

SCROLLED = "document.querySelector('[data-testid=stMain]').scrollTop"
LEGENDS = """[...document.querySelectorAll('.ql-plot')].filter(labSeen).flatMap(p => {
  const legend = p.querySelector('.legend')?.getBoundingClientRect(), plot = p.querySelector('.nsewdrag').getBoundingClientRect();
  return legend && !p.closest('[class*=curve]') ? [legend.bottom - plot.top] : []; })"""
SKETCHED = """[...document.querySelectorAll('.ql-sketch')].filter(labSeen).filter(s => s.querySelector('.legendtext')).map(s => {
  const tops = [...s.querySelectorAll('[data-trace]')].map(t => t.getScreenCTM().f);
  return Math.min(...tops) - s.querySelector('.legend').getBoundingClientRect().bottom; })"""


def test_on_a_phone_the_controls_are_one_tap_away_and_the_picture_has_the_width(new_lab):
    lab = new_lab(390, 844, has_touch=True, is_mobile=True, device_scale_factor=3).open()
    assert float(lab.page.locator(".ql-sketch clipPath rect").first.get_attribute("width")) > 0.7 * 390  # between the axes
    opener = lab.page.get_by_test_id("stExpandSidebarButton")
    assert "Labs and controls" in opener.evaluate("e => getComputedStyle(e, '::after').content")
    opener.click()
    assert lab.page.get_by_role("combobox", name="Scheme").is_visible()


def test_a_swipe_that_begins_on_a_chart_scrolls_the_page_and_zooms_nothing(reader):
    lab = reader(390, 844, has_touch=True, is_mobile=True).show()
    box, ticks = lab.key("histogram").bounding_box(), lab.page.locator(".xtick text").all_text_contents()
    x, y = box["x"] + box["width"] / 2, box["y"] + box["height"] / 2
    finger = lab.page.context.new_cdp_session(lab.page)
    finger.send("Input.dispatchTouchEvent", {"type": "touchStart", "touchPoints": [{"x": x, "y": y}]})
    for k in range(1, 16):
        finger.send("Input.dispatchTouchEvent", {"type": "touchMove", "touchPoints": [{"x": x, "y": y - 14 * k}]})
    finger.send("Input.dispatchTouchEvent", {"type": "touchEnd", "touchPoints": []})
    lab.page.wait_for_function(f"{SCROLLED} > 100")
    assert lab.page.locator(".xtick text").all_text_contents() == ticks


def test_swatches_have_a_pixel_for_each_of_the_screen_s(new_lab):
    lab = new_lab(390, 844, has_touch=True, is_mobile=True, device_scale_factor=3).open("image")
    assert lab.key("swatches").locator("canvas").evaluate("c => c.width / c.clientWidth") >= 3


def test_charts_stack_where_the_sidebar_leaves_them_little_room(reader):
    lab = reader(820, 1180).show()
    left, right = lab.key("histogram").bounding_box(), lab.key("curve").bounding_box()
    assert lab.page.get_by_test_id("stSidebar").bounding_box()["width"] > 200
    assert right["y"] >= left["y"] + left["height"] and left["width"] > 400


def test_legends_stand_above_their_charts_when_the_window_has_been_narrow_and_wide_again(lab):
    charts = lab.open().page.locator(".ql-plot:visible")
    for width in (700, 1280):
        lab.page.set_viewport_size({"width": width, "height": 720})
        lab.page.wait_for_timeout(1500)
        apart = lab.page.evaluate(SKETCHED)
        assert apart and min(apart) >= 0 and max(apart) <= 12  # a legend's own rim of 5 pixels below its letters
    charts.evaluate_all("all => all.forEach(e => e.dispatchEvent(new PointerEvent('pointerenter', {pointerType: 'mouse'})))")
    lab.page.wait_for_function("[...document.querySelectorAll('.ql-plot')].filter(labSeen).every(e => e.querySelector('.nsewdrag'))")
    for width in (700, 1280):
        lab.page.set_viewport_size({"width": width, "height": 720})
        lab.page.wait_for_timeout(1500)
        apart = lab.page.evaluate(LEGENDS)
        assert apart and max(map(abs, apart)) <= 2


def test_print_is_a_clean_page_with_the_level_in_words(reader):
    lab = reader().show("tensor?bits=3")
    page = lab.page
    page.emulate_media(media="print")
    try:
        for css in ("[data-testid=stSidebar]", "header", "[data-live=slider]", ".stButton", ".modebar"):
            assert page.locator(f"{css} >> visible=true").count() == 0, css
        words = page.locator(".ql-slider")
        assert words.inner_text().split() == ["Bits", "3"]
        assert words.bounding_box()["y"] < lab.key("histogram").bounding_box()["y"]
    finally:
        page.emulate_media(media="screen")


def test_paper_has_whole_tables_in_place_of_those_that_scroll(reader):
    """That nothing is cut at the right is looked at on every page, beside axe."""
    lab = reader().show("model")
    with on_paper(lab):
        plain = lab.page.locator(".ql-paper").first
        assert plain.is_visible() and lab.page.get_by_test_id("stDataFrame").locator("visible=true").count() == 0
        rows = plain.locator("tbody tr").all_inner_texts()
        right = lab.page.evaluate("Math.max(...[...document.querySelectorAll('.ql-plot')].map(e => e.getBoundingClientRect().right))")
        assert 300 < right <= SHEET + 1
    assert rows[0].split()[0] == "lm_head.weight" and len(rows) == 30
    lab.key("screen-tensors").get_by_test_id("stDataFrame").wait_for()
    assert not plain.is_visible()


def test_forced_colours_show_the_slider_and_which_button_is_pressed(reader):
    lab = reader(forced_colors="active").show("audio")
    back = "e => getComputedStyle(e).backgroundColor"
    pressed, other = (lab.key("sound").locator(f"button[aria-pressed={is_}]").first.evaluate(back) for is_ in ("true", "false"))
    assert pressed != other
    dark, light = Image.open(BytesIO(lab.slider.screenshot())).convert("L").getextrema()
    assert dark < 80 and light > 200  # the slider's track and thumb are drawn


def test_charts_grow_with_the_type_of_the_browser(new_lab):
    lab = new_lab(fresh=True)  # a tab that no other test uses: the script stays
    lab.page.add_init_script("addEventListener('DOMContentLoaded', () => { document.documentElement.style.fontSize = '24px'; })")
    lab.open("tensor")
    assert float(lab.page.locator(".xtick text").first.evaluate("e => parseFloat(getComputedStyle(e).fontSize)")) == 18
