"""How small can a language model get?"""

import streamlit as st

from quantlab.labs.text import file_name
from quantlab.ui.language import rooms
from quantlab.ui.language.files import DRAWERS
from quantlab.ui.page import Page

page = Page("language")
room_buttons, place, rest = (st.container() for _ in range(3))
side = st.sidebar.container()
address = page.address(DRAWERS, rooms=room_buttons, side=side, more=page.more())
room, label = address["room"], address["bits"]
result = page.result(address)
with place:
    rooms.ROOMS[room](page, result, address)
with rest:
    page.take_away(result.program(label), result.csv, file_name("language", address.subject.name, room))
page.complete(result)
