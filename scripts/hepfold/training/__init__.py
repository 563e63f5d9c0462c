"""Training: the loop, optimizers, schedules, averages, checkpoints, searches."""
