"""Streamlit parts of the audio lab."""
