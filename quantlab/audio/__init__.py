"""What does quantization do to a sound? Levels over full scale, dither, noise shaping, MDCT, and what an ear makes of it."""
