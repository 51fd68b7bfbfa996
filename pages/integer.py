"""Can a network count in whole numbers alone?"""

from functools import partial

import streamlit as st

from quantlab.labs.text import file_name
from quantlab.ui.integer.rooms import ROOMS
from quantlab.ui.network.controls import waiting
from quantlab.ui.page import Page

page = Page("integer")
room_buttons, coming, place, rest = (st.container() for _ in range(4))
address = page.address(rooms=room_buttons)
room, label = address["room"], address["bits"]
with coming:
    result = page.result(address, waiting=partial(waiting, room))
with place:
    ROOMS[room](page, result, label)
with rest:
    page.take_away(result.program(label), result.csv, file_name("integer", address["source"], room))
page.complete(result)
