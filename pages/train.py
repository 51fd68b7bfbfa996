"""What does a network learn when it feels the rounding?"""

import streamlit as st

from quantlab.labs.text import file_name
from quantlab.ui.page import Page
from quantlab.ui.train.rooms import ROOMS

page = Page("train")
rooms = st.container()
address = page.address(rooms=rooms)
result = page.result(address)
ROOMS[address["room"]](page, result, address["bits"])
page.take_away(result.program(address["bits"]), result.csv, file_name("training", address["room"], str(address.get("source", ""))))
page.complete(result)
