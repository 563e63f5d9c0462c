"""Toy generators of the public data sets, and writers of their raw files."""
