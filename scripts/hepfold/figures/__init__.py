"""Figures: a module with a function for each figure rule, and what they share."""
