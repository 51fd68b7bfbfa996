"""A click whose run is cut off by another one is not lost, though the browser has not heard of the URL that the click wrote."""

from streamlit.proto.BackMsg_pb2 import BackMsg
from streamlit.proto.ForwardMsg_pb2 import ForwardMsg


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
