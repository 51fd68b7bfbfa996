"""Training with rounding: learned steps, clips, few levels, rounded gradients, one idea a file; ``loop`` trains."""
