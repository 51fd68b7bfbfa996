"""What do you expect, and why?"""

import streamlit as st

from quantlab.ui.classroom import door
from quantlab.ui.learn import exercises, inventory, lessons, reading
from quantlab.ui.learn.progress import keep
from quantlab.ui.page import Page

page = Page("learn")
parts, room = st.container(key="parts"), st.container()
address = page.address(rooms=parts, side=None, more=None)
with room:
    if address["part"] == "exercises":
        exercises.one(page, address) if address["exercise"] else exercises.listed(page)
    elif address["part"] == "class":
        door.room(page, address)
    elif address["part"] == "inventory":
        inventory.taken()
    elif address["part"] == "reading":
        reading.listed()
    elif address["lesson"]:
        lessons.step_of(page, address)
    else:
        lessons.lesson_map(page)
keep()
