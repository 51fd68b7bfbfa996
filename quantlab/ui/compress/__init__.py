"""Rooms of the lab of small files."""
