"""The room of training: what does a network learn when it feels the rounding?"""
