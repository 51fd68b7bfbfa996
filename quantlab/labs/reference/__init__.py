"""The reference: every scheme, format, range rule and rounding."""
