"""hepfold: functions on arrays of collision events; the rules and scripts call them."""
