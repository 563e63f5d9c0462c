"""The published folder: tables, README, data cards, RO-Crate and HEPData records."""
