"""The page of the language lab."""
