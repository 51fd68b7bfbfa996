"""Tests of files that play anywhere."""
