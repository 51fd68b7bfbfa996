"""The first room: what is left of a network's file after pruning, sharing and coding."""
