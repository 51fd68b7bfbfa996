"""The training lab on its page."""
