"""What does each lab show? Arrays, films and words, computed here; pages only lay them out."""
