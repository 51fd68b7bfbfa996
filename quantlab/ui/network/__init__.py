"""Streamlit parts of the network lab."""
