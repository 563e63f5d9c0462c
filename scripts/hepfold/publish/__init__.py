"""Tables, README, RO-Crate and HEPData records of the published folder."""
