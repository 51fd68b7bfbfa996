"""Tests of lessons, exercises and what surrounds them."""
