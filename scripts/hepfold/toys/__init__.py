"""Toy generators of the public formats, and the files that they write."""
