"""The server: Streamlit with the routes that its films need. Start it with ``streamlit run app.py``."""

import streamlit as st

from quantlab.ui.server import lifespan, middleware, routes

app = st.App("pages/_frame.py", lifespan=lifespan, routes=routes(), middleware=middleware())
