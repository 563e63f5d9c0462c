"""One module per subject; each function takes tables and returns a figure."""
