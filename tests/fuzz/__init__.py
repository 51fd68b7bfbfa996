"""Fuzzers: mutations of valid files for each reader, addresses drawn at random for each page. ``python -m tests.fuzz --seconds 600``."""
