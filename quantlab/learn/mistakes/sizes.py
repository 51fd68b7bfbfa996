"""Mistakes about sizes: what is stored, and in how many bits."""

from quantlab.learn.mistakes.base import Mistake

MISTAKES = (
    Mistake(
        "scale-forgotten",
        "the scales forgotten",
        "{said} counts the codes alone; every group stores a scale too.",
        "tensor?granularity=group-16",
    ),
    Mistake(
        "scale-for-each",
        "a scale counted for every value",
        "{said} counts a whole scale for each value; a group shares one.",
        "tensor?granularity=group-64",
    ),
    Mistake(
        "fixed-length",
        "a code of fixed length",
        "{said} gives every symbol the same length; Huffman gives frequent ones short words.",
        "tensor?bits=4",
    ),
    Mistake(
        "entropy-for-length",
        "the entropy taken for the length",
        "{said} is the entropy, the bound; words have whole lengths, so that Huffman reaches it only for powers of one half.",
        "tensor?bits=4",
    ),
    Mistake(
        "codebook-forgotten",
        "the codebook forgotten",
        "{said} counts the codes alone; the table of levels is stored too.",
        "tensor?scheme=kmeans&bits=4",
    ),
    Mistake(
        "byte-each", "a byte for each code", "{said} gives each code a byte of its own; packed, they lie bit after bit.", "tensor?bits=3"
    ),
    Mistake("keys-alone", "keys without values", "{said} counts keys or values; the cache holds both.", "tensor?bits=4"),
    Mistake("bits-for-bytes", "bits taken for bytes", "{said} is in bits; a byte has eight.", "tensor?bits=4"),
)
