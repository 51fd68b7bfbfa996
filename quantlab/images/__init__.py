"""Pictures under quantization: recipes, their levels, dither, palettes, the waves of JPEG.

``frames.picture_frames(picture, Recipe(...))`` gives every level of one slider, ``frames.similarity_frames`` the slower
numbers; ``sources.pictures`` the pictures. Each other file holds one idea and needs neither screen nor plot.
"""

from quantlab.images.dither import DITHERS
from quantlab.images.frames import PictureFrame, PictureFrames, Similarity, compared_with, one_frame, picture_frames, similarity_frames
from quantlab.images.palettes import PALETTES
from quantlab.images.recipe import Recipe
from quantlab.images.spaces import SPACES
from quantlab.images.tables import lookup_tables

__all__ = [
    "DITHERS",
    "PALETTES",
    "SPACES",
    "PictureFrame",
    "PictureFrames",
    "Recipe",
    "Similarity",
    "compared_with",
    "lookup_tables",
    "one_frame",
    "picture_frames",
    "similarity_frames",
]
