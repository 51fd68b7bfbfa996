"""Streamlit parts of the tensor lab."""
