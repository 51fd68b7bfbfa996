"""How few bits does a network need?"""

from functools import partial

import streamlit as st

from quantlab.labs.network.request import OF_THE_VIEW, title_of_pinned
from quantlab.labs.text import file_name, markdown_safe
from quantlab.ui.network import rooms
from quantlab.ui.network.controls import stages_of_layers, waiting
from quantlab.ui.network.files import draw_file
from quantlab.ui.page import Page

page = Page("cnn")
room_buttons, coming, place, rest = (st.container() for _ in range(4))
side = st.sidebar.container()
address = page.address({"file": draw_file}, rooms=room_buttons, side=side, more=page.more())
room, label, most = address["room"], address["bits"], None
if room == "answers":
    page.keep(address, title_of_pinned(address), OF_THE_VIEW)
with coming:
    result = page.result(address, waiting=partial(waiting, room))
with place:
    if room == "answers":
        rooms.answers(page, result, address)
        if result.pinned_note:
            side.caption(markdown_safe(result.pinned_note))
    elif room == "layers":
        rooms.layers(page, result, label)
        most = stages_of_layers(result.request)
    else:
        rooms.budget(page, result, address)
with rest:
    if program := result.program(label):
        page.take_away(
            program, result.csv, file_name(address["source"], *(str(address.get(name, "")) for name in ("scheme", "granularity")), room)
        )
page.complete(result, most)
