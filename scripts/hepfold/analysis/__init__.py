"""From scores to numbers: figures of merit, uncertainties, limits, importance."""
