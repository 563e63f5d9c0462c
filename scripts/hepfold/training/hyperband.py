"""Hyperband: how many candidates are trained, for how long, and which ones continue.

Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018, JMLR 18 (185), algorithm 1. This
version is synchronous: a rung is evaluated when all of its trials are done. The plan is
therefore known in advance, and no result depends on which trial ends first.
"""

from typing import NamedTuple

from hepfold.core import overlays, settings_training


class Rung(NamedTuple):
    """Number of trials that are compared with each other, and the epochs of each."""

    n_trials: int
    n_epochs: int


def plan(search: settings_training.Search) -> dict[int, list[Rung]]:
    """The rungs of each bracket of a search."""
    n_candidates = overlays.size(search.space)
    return brackets(search.max_epochs, search.factor, n_candidates)


def brackets(
    max_epochs: int, factor: int, n_candidates: int | None = None
) -> dict[int, list[Rung]]:
    """The rungs of each bracket s, numbered as in the paper, the widest bracket first.

    Bracket s begins with ceil((s_max + 1) factor^s / (s + 1)) candidates, but no more
    than `n_candidates`. Each is trained for factor^-s of `max_epochs`, rounded, but at
    least one epoch. The next rung keeps one in `factor` candidates, at least one, and
    trains each for `factor` times as many epochs.
    """
    widest = 0
    while factor ** (widest + 1) <= max_epochs:
        widest += 1
    rungs = {}
    for s in range(widest, -1, -1):
        n_first = -(-(widest + 1) * factor**s // (s + 1))
        if n_candidates is not None:
            n_first = min(n_first, n_candidates)
        rungs[s] = [
            Rung(
                max(1, n_first // factor**i),
                max(1, nearest(max_epochs, factor ** (s - i))),
            )
            for i in range(s + 1)
        ]
    return rungs


def nearest(number: int, divisor: int) -> int:
    """The quotient of two positive integers, rounded; halves are rounded up."""
    return (2 * number + divisor) // (2 * divisor)


def first_candidates(plan: dict[int, list[Rung]], candidates: list, s: int) -> list:
    """The candidates that bracket `s` begins with.

    Each bracket continues in the list where the previous one ended, and wraps around at
    its end. No candidate is used twice before all have been, or twice in one bracket.
    """
    start = sum(rungs[0].n_trials for other, rungs in plan.items() if other > s)
    n_first = plan[s][0].n_trials
    return [candidates[(start + i) % len(candidates)] for i in range(n_first)]


def survivors(trials: list, merits: list[float | None], n_kept: int) -> list:
    """The trials with the largest merits, best first; ties in the order of trials.

    A trial that diverged has no merit and is ranked last.
    """
    order = sorted(
        range(len(trials)), key=lambda i: (merits[i] is None, -(merits[i] or 0.0), i)
    )
    return [trials[i] for i in order[:n_kept]]
