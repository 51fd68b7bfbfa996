"""Whole model files: every tensor listed by a memory map, measured a piece at a time, planned, and written quantized."""
