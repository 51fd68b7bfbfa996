"""What would fewer bits do to a whole model?"""

import streamlit as st

from quantlab.labs.text import file_name
from quantlab.ui.model import rooms
from quantlab.ui.model.take import downloads
from quantlab.ui.page import Page
from quantlab.ui.paper import on_screen_alone

page = Page("model")
room_buttons, coming, progress, place, table = (st.container() for _ in range(5))
take, rest = on_screen_alone("take"), st.container()
of_table = table.container(horizontal=True)
address = page.address(rooms=room_buttons, table=of_table)
label = address["bits"]
with coming:
    result = page.result(address, waiting=rooms.waiting)
with place:
    rooms.ROOMS[address["room"]](page, result, label)
if address["room"] == "tensors":
    with table:
        rooms.table(page, result, address)
if result.frames.listing.complete:
    if address["room"] == "tensors":
        with take:
            downloads(page, result, label)
    with rest:
        page.take_away(result.program(label), result.csv, file_name("model", address["source"], address["room"]))
with progress:
    page.complete(result)
