"""Codes as bytes: packing, a file format, a Huffman code."""
