"""The image lab: how few values can a picture do with, and why does dither help?"""
