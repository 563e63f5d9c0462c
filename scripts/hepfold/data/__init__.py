"""Event files to folds: data sets, sources, readers, checks, weights."""
