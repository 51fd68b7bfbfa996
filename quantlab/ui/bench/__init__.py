"""The controls and rooms of the bench lab."""
