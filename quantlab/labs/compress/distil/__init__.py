"""The second room: what a student learns from a teacher's softened answers."""
