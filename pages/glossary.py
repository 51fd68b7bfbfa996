"""What does this word mean?"""

import streamlit as st

from quantlab.ui.glossary import listed
from quantlab.ui.page import Page

page = Page("glossary")
address = page.address(page=st.container(), side=None, more=None)
result = page.result(address)
st.caption(result.words(""))
st.html(listed(result.terms))
st.download_button("These terms (CSV)", result.csv, "glossary.csv", "text/csv", icon=":material/download:", on_click="ignore")
