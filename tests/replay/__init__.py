"""Addresses kept from before a change of the house, and what their pages gave: query, notices, slider, CSV, program, words."""
