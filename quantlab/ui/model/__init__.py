"""The rooms of the model lab."""
