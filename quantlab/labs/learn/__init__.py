"""The page of lessons and exercises."""
