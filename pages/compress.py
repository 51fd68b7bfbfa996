"""How small can the file of a network become?"""

from functools import partial

import streamlit as st

from quantlab.labs.text import file_name
from quantlab.ui.compress import rooms
from quantlab.ui.network.controls import waiting
from quantlab.ui.page import Page

ROOMS = {"shrink": rooms.shrink, "distil": rooms.distil, "front": rooms.front}

page = Page("compress")
room_buttons, coming, place, rest = (st.container() for _ in range(4))
side = st.sidebar.container()
address = page.address(rooms=room_buttons, side=side, more=page.more())
room, label = address["room"], address["bits"]
with coming:
    result = page.result(address, waiting=partial(waiting, room))
with place:
    ROOMS[room](page, result, address)
with rest:
    page.take_away(result.program(label), result.csv, file_name("compress", address["source"], room))
page.complete(result)
