"""Toy generators of the public data sets, and their raw files."""
