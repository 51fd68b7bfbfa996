"""Streamlit parts of the image lab."""
