"""Sounds under quantization: levels over full scale, dither, noise shaping, MDCT, measures, weightings of the ear."""
