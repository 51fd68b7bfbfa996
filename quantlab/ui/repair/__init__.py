"""The repair lab's page."""
