"""Model files: what every tensor of one costs in fewer bits."""
