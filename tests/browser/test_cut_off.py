"""Nothing is lost where the browser is behind: it has not heard of the URL that a click wrote, or has not drawn the controls yet."""

import re
from urllib.parse import urlencode

import pytest
from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg

from .test_nothing_lost import FIVE


def follow_clicks(page, when="new_session", query=None):
    """Once the run of a click has begun, or ended, its message is sent again without the click: what a thumb that moves sends meanwhile.

    query : that it brings, where it is not that of before the click.
    """
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
                message.rerun_script.query_string = message.rerun_script.query_string if query is None else query
                held.append(message.SerializeToString())
            server.send(data)

        def came(data):
            message = ForwardMsg()
            message.ParseFromString(data)
            if held and message.WhichOneof("type") == when:
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


def test_a_message_that_says_of_every_control_what_it_was_before_a_click_does_not_undo_it(new_lab):
    """It was on its way, and brings the click's URL, while the browser has not drawn yet what the click did to the controls."""
    lab = new_lab(fresh=True)
    sent_again = follow_clicks(lab.page, "script_finished", "granularity=group-64")
    lab.open("tensor?source=laplace&scheme=mu-law&size=4096")
    lab.key("try-Groups-of-64").get_by_role("button").click()
    lab.page.wait_for_function("location.search.includes('group-64')")
    lab.settle()
    assert sent_again and lab.query() == {"granularity": "group-64"}
    assert lab.chosen("Scheme") == "Integer, symmetric" and not lab.says()


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
