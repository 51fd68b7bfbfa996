"""The third room of the network lab: what a budget of bytes buys."""
