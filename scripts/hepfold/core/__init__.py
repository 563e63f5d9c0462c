"""Files, logs, provenance, settings, metrics: what every other package uses."""
