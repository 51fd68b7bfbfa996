"""Controls of the network lab's own."""
