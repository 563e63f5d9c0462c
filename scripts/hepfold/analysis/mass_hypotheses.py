"""The AUC at each mass hypothesis, as signal of many masses is searched for.

Background events have a hypothesis too: signal of a mass is told from the background
that is taken for it. In a record, `auc_500` is the AUC of the events at 500 GeV, with
`auc_500_unc`; a mass is that to the nearest GeV.
"""

import numpy as np
import polars as pl

from hepfold.analysis import bootstrap, score_tables
from hepfold.core import columns, metrics


def with_aucs(
    record: dict, scores: pl.DataFrame, n_replicas: int, seed: int, threads: int
) -> dict:
    """A record with the AUC at each mass hypothesis in each of its subsets.

    Takes scores with mass hypotheses. Events count equally, as in `auc`. A hypothesis
    with too few events of a class has none.
    """
    # Replicas depend on the order of the events.
    scores = scores.with_columns(pl.col(score_tables.MASS).round()).sort(
        score_tables.MASS, maintain_order=True
    )
    found = {}
    for subset, name in score_tables.JUDGED_AS.items():
        part = scores.filter(pl.col(columns.SUBSET) == subset)
        for (mass,), events in part.group_by(score_tables.MASS, maintain_order=True):
            score, label = (events[n].to_numpy() for n in ("score", "label"))
            if np.bincount(label, minlength=2).min() < score_tables.N_LEAST:
                continue
            sample = score, label, np.ones(len(score))
            area = bootstrap.resampled(*sample, n_replicas, seed, threads).area[:, 1]
            found.setdefault(name, {}).update(
                {
                    f"auc_{mass:.0f}": float(metrics.auc(*sample)),
                    f"auc_{mass:.0f}_unc": float(area.std(ddof=1)),
                }
            )
    return record | {name: record[name] | part for name, part in found.items()}
