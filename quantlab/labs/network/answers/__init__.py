"""The first room of the network lab: how it answers."""
