"""Networks made small: pruned, with shared weights, distilled; and the curvature that says which layer minds."""
