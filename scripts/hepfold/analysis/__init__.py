"""Figures of merit with uncertainties, curves, limits and feature importance."""
