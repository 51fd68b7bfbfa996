"""Streamlit parts of a class: its door, a student's page, a teacher's pages."""
