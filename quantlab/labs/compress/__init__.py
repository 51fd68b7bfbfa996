"""The lab of small files: prune, share and code a network, distil it, and see all of it at once."""
