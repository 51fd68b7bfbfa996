"""The second room of the network lab: what happens in its layers."""
