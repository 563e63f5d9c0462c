"""Measured times of trainings (`benchmarks/costs.py`), on one core without AMX.

By name: settings, and microseconds of CPU time per event, member and pass.
"""

MEASURED = {}
