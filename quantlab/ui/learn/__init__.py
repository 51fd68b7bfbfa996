"""Streamlit parts of the page of lessons and exercises."""
