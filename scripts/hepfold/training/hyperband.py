"""Hyperband: how many candidates are trained how long, and which are trained on.

Li, Jamieson, DeSalvo, Rostamizadeh, Talwalkar 2018, JMLR 18 (185), algorithm 1. It is
synchronous: a rung is judged when all of its trials are done, so that all numbers are
known before anything is trained, and no result hangs on which trial ends first.
"""

from typing import NamedTuple

from hepfold.core import overlays, settings_training


class Rung(NamedTuple):
    """Trials that are judged against each other, and the epochs of each."""

    n_trials: int
    n_epochs: int


def plan(search: settings_training.Search) -> dict[int, list[Rung]]:
    """Rungs of every bracket of a search."""
    n_candidates = overlays.size(search.space)
    return brackets(search.max_epochs, search.factor, n_candidates)


def brackets(
    max_epochs: int, factor: int, n_candidates: int | None = None
) -> dict[int, list[Rung]]:
    """Rungs of every bracket, by its number as in the paper, the widest one first.

    Bracket s begins with ceil((s_max + 1) factor^s / (s + 1)) candidates, each with the
    part factor^-s of all epochs, to the nearest whole and at least one. A rung keeps
    one of `factor`, with so many times the epochs. Where there are no more than
    `n_candidates` different ones, a bracket begins with these, and keeps one at least.
    """
    widest = 0
    while factor ** (widest + 1) <= max_epochs:
        widest += 1
    found = {}
    for s in range(widest, -1, -1):
        n_first = -(-(widest + 1) * factor**s // (s + 1))
        if n_candidates is not None:
            n_first = min(n_first, n_candidates)
        found[s] = [
            Rung(
                max(1, n_first // factor**i),
                max(1, nearest(max_epochs, factor ** (s - i))),
            )
            for i in range(s + 1)
        ]
    return found


def nearest(number: int, divisor: int) -> int:
    """The quotient of two positive numbers to the nearest whole, halves upwards."""
    return (2 * number + divisor) // (2 * divisor)


def first_candidates(plan: dict[int, list[Rung]], candidates: list, s: int) -> list:
    """Those of all candidates that a bracket begins with.

    Each bracket goes on where the one before it ended, and starts again at the end, so
    that none is drawn twice before all were, and never twice in one bracket.
    """
    start = sum(rungs[0].n_trials for other, rungs in plan.items() if other > s)
    n_first = plan[s][0].n_trials
    return [candidates[(start + i) % len(candidates)] for i in range(n_first)]


def survivors(trials: list, merits: list[float | None], n_kept: int) -> list:
    """The trials of the largest merits, best first; of equal ones the earlier.

    A trial without a merit is one that diverged, and is the last to be kept.
    """
    order = sorted(
        range(len(trials)), key=lambda i: (merits[i] is None, -(merits[i] or 0.0), i)
    )
    return [trials[i] for i in order[:n_kept]]
