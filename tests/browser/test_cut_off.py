"""Nothing is lost where the browser is behind: it has not heard of the URL that a click wrote, or has not drawn the controls yet."""

import re
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from .test_nothing_lost import FIVE


def follow_clicks(page):
    """As soon as the run of a click has begun, its message is sent again: with the query of before the click, and without the click."""
    held: list[bytes] = []
    sent_again: list[bytes] = []

    def forward(route):
        server = route.connect_to_server()

        def sent(data):
            message = BackMsg()
            message.ParseFromString(data)
            clicked = [
                state
                for state in message.rerun_script.widget_states.widgets
                if state.WhichOneof("value") == "trigger_value" and state.trigger_value
            ]
            for state in clicked:
                state.trigger_value = False
            if clicked:
                held.append(message.SerializeToString())
            server.send(data)

        def came(data):
            message = ForwardMsg()
            message.ParseFromString(data)
            if held and message.WhichOneof("type") == "new_session":
                sent_again.append(held.pop())
                server.send(sent_again[-1])
            route.send(data)

        route.on_message(sent)
        server.on_message(came)

    page.route_web_socket("**/_stcore/stream**", forward)
    return sent_again


def test_a_run_that_brings_the_url_of_before_the_click_does_not_undo_it(new_lab):
    lab = new_lab(fresh=True)  # what follows clicks stays in the tab
    sent_again = follow_clicks(lab.page)
    for _ in range(3):
        lab.open("tensor")
        lab.page.get_by_role("button", name="NF4").first.click()
        lab.page.wait_for_function("location.search.includes('nf4')")
        lab.settle()
        assert lab.query()["scheme"] == "nf4" and sent_again
        sent_again.clear()


@pytest.mark.parametrize("slug", ["tensor", "image", "compress"])
def test_controls_whose_code_is_still_on_its_way_keep_what_the_address_says(new_lab, slug):
    """On a slow line the thumb is often moved before the sidebar is drawn."""
    lab, held = new_lab(fresh=True), []
    lab.page.route(re.compile(r"/(Selectbox|NumberInput|ButtonGroup|TextInput|Multiselect)[^/]*[.]js"), lambda route: held.append(route))
    lab.open(f"{slug}?{urlencode(FIVE[slug])}")
    for key in ("ArrowRight", "ArrowRight"):
        lab.slider.press(key)
        lab.settle()
    assert held, "a control whose code did not come yet"
    lab.page.unroute_all()  # they go on
    lab.page.get_by_test_id("stSelectbox").first.wait_for()
    lab.slider.press("ArrowLeft")
    lab.settle()
    assert lab.query() | {"bits": lab.level} == FIVE[slug] | {"bits": lab.level}  # but for the level, which may be the default by now
    assert lab.level != FIVE[slug]["bits"] and not lab.says()
