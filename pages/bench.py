"""Does the quantized model pass?"""

from functools import partial

import streamlit as st

from quantlab.labs.bench.request import FILES
from quantlab.labs.text import file_name
from quantlab.ui.bench import rooms
from quantlab.ui.network.controls import waiting
from quantlab.ui.page import Page

page = Page("bench")
room_buttons, coming, place, rest = (st.container() for _ in range(4))
address = page.address(dict.fromkeys(FILES, rooms.draw_file), rooms=room_buttons, side=st.sidebar.container(), more=st.sidebar.container())
room, label = address["room"], address["bits"]
with coming:
    result = page.result(address, waiting=partial(waiting, f"bench-{room}", engine=False))
with place:
    rooms.ROOMS[room](page, result, address)
with rest:
    page.take_away(result.program(label), result.csv, file_name("bench", address["source"], room))
page.complete(result)
