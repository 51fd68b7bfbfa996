"""The programming exercises, one a file."""
