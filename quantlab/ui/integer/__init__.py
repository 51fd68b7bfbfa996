"""The rooms of the integer lab on a page."""
