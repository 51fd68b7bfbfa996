"""What repairs a network after training?"""

from functools import partial

import streamlit as st

from quantlab.labs.text import file_name
from quantlab.ui.network.controls import waiting
from quantlab.ui.page import Page
from quantlab.ui.repair import rooms

page = Page("repair")
room_buttons, coming, place, rest = (st.container() for _ in range(4))
address = page.address(rooms=room_buttons)
room, label = address["room"], address["bits"]
with coming:
    result = page.result(address, waiting=partial(waiting, f"repair-{room}"))
with place:
    rooms.ROOMS[room](page, result, address)
with rest:
    page.take_away(result.program(label), result.csv, file_name("repair", address["source"], room, address.get("layer", "")))
page.complete(result)
