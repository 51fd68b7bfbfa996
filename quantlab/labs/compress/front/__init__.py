"""The third room: all ways side by side, size against right answers."""
